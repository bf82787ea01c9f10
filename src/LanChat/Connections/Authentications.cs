using LanChat.Diagnostics;
using Microsoft.Extensions.Logging;

namespace LanChat.Connections;

/// <summary>The callers about whom the app is asked (<see cref="ChatServerOptions.Authenticate"/>): so many at once, on the pool, the others in the order in which they came.</summary>
/// <remarks>The queue is bounded by the links that have not been welcomed, each of which is in it at most once and leaves it when it ends. A call keeps its turn until it returns, also when its
/// caller has gone: an app that does not heed its token must not be called more often than agreed.</remarks>
internal sealed class Authentications(ChatServerOptions options, Action<IThreadPoolWorkItem> run, ILogger logger)
{
    private readonly Lock _gate = new();

    // Under the gate.
    private readonly LinkedList<Authentication> _waiting = new();
    private int _running;

    internal ILogger Logger => logger;

    /// <summary>The app's hook. Only where there is one.</summary>
    internal Func<AuthenticationRequest, CancellationToken, ValueTask<AuthenticationResult>> Hook => options.Authenticate!;

    /// <summary>Asks about a caller, now or when its turn comes. Whoever asks waits until <paramref name="due"/> and no longer.</summary>
    internal Authentication Begin(Caller caller, AuthenticationRequest request, byte[] credential, long due)
    {
        var authentication = new Authentication(this, caller, request, credential, due, new HookCancellation(run, logger));
        lock (_gate)
        {
            if (_running >= options.MaxAuthentications)
            {
                _waiting.AddLast(authentication.Place);
                return authentication;
            }

            _running++;
        }

        run(authentication);
        return authentication;
    }

    /// <summary>True = it waited for its turn, and now will not get it.</summary>
    internal bool TryWithdraw(Authentication authentication)
    {
        lock (_gate)
        {
            if (authentication.Place.List is null)
            {
                return false;
            }

            _waiting.Remove(authentication.Place);
            return true;
        }
    }

    /// <summary>A call has returned.</summary>
    internal void Release()
    {
        Authentication? next;
        lock (_gate)
        {
            next = _waiting.First?.Value;
            if (next is null)
            {
                _running--;
                return;
            }

            _waiting.RemoveFirst();
        }

        run(next);
    }
}

/// <summary>One caller about whom the app is asked.</summary>
internal sealed class Authentication : IThreadPoolWorkItem
{
    private readonly Authentications _all;
    private readonly Caller _caller;
    private readonly AuthenticationRequest _request;
    private readonly byte[] _credential;
    private readonly HookCancellation _cancellation;

    internal Authentication(Authentications all, Caller caller, AuthenticationRequest request, byte[] credential, long due, HookCancellation cancellation)
    {
        _all = all;
        _caller = caller;
        _request = request;
        _credential = credential;
        _cancellation = cancellation;
        Due = due;
        Place = new LinkedListNode<Authentication>(this);
    }

    /// <summary>Its place among those that wait for their turn; theirs.</summary>
    internal LinkedListNode<Authentication> Place { get; }

    /// <summary>Gets until when the answer is waited for (a timestamp).</summary>
    internal long Due { get; }

    /// <summary>Loop: the answer is not wanted any more.</summary>
    internal void Cancel()
    {
        if (_all.TryWithdraw(this))
        {
            Array.Clear(_credential);
        }
        else
        {
            _cancellation.Cancel();
        }
    }

    void IThreadPoolWorkItem.Execute() => _ = AskAsync();

    // Nothing gets out of here: nobody looks at the task.
    private async Task AskAsync()
    {
        AuthenticationResult result = default;
        try
        {
            result = await _all.Hook(_request, _cancellation.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            if (!_cancellation.Token.IsCancellationRequested)
            {
                Log.AuthenticateFailed(_all.Logger, exception);
            }
        }
        finally
        {
            Array.Clear(_credential);
            _all.Release();
        }

        // Not at all when the loop has stopped: then the caller is gone.
        _caller.Post(static answer => answer.Caller.OnAuthenticated(answer.Authentication, answer.Result), (Caller: _caller, Authentication: this, Result: result));
    }
}
