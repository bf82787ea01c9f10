using System.Net.Security;

namespace LanChat.Transport;

/// <summary>The TLS handshakes of all loops of one server: computed on the pool, so many at once and no more, the others in the order in which they came.</summary>
/// <remarks>
/// What is counted is computing (a key exchange and a signature, about a millisecond), not waiting for a caller: a handshake takes a turn whenever bytes have come for it and gives
/// it back when it needs more. So callers that stall hold no turn, and hundreds that come back at once are served one after the other. The queue is as long as there are links: each is in it at most once,
/// and leaves it when it is closed.
/// </remarks>
/// <param name="options">How this server speaks TLS.</param>
/// <param name="maxComputing">How many turns there are.</param>
/// <param name="run">Runs a turn; null: on the pool.</param>
internal sealed class TlsHandshakes(SslServerAuthenticationOptions options, int maxComputing, Action<IThreadPoolWorkItem>? run = null)
{
    private readonly Action<IThreadPoolWorkItem> _run = run ?? (static turn => ThreadPool.UnsafeQueueUserWorkItem(turn, preferLocal: false));
    private readonly Lock _gate = new();

    // Under the gate.
    private readonly LinkedList<TlsHandshake> _waiting = new();
    private int _computing;
    private TaskCompletionSource? _idle;

    internal SslServerAuthenticationOptions Options { get; } = options;

    /// <summary>How many wait for a turn. Any thread.</summary>
    internal int WaitingCount
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Runs a turn of this handshake, now or when its turn comes. Each request is answered by one <see cref="Release"/> or by <see cref="TryWithdraw"/>.</summary>
    internal void Request(TlsHandshake handshake)
    {
        lock (_gate)
        {
            if (_computing >= maxComputing)
            {
                _waiting.AddLast(handshake.Place);
                return;
            }

            _computing++;
        }

        _run(handshake);
    }

    /// <summary>The turn is over.</summary>
    internal void Release()
    {
        TlsHandshake? next = null;
        lock (_gate)
        {
            if (_waiting.First is { } first)
            {
                _waiting.RemoveFirst();
                next = first.Value;
            }
            else if (--_computing == 0)
            {
                _idle?.TrySetResult();
            }
        }

        if (next is not null)
        {
            _run(next);
        }
    }

    /// <summary>True = it waited for its turn, and now will not get it.</summary>
    internal bool TryWithdraw(TlsHandshake handshake)
    {
        lock (_gate)
        {
            if (handshake.Place.List is null)
            {
                return false;
            }

            _waiting.Remove(handshake.Place);
            return true;
        }
    }

    /// <summary>Ends when nothing computes any more. Called when all links are closed, so nothing new comes.</summary>
    internal Task WhenIdleAsync()
    {
        lock (_gate)
        {
            if (_computing == 0)
            {
                return Task.CompletedTask;
            }

            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task;
        }
    }
}
