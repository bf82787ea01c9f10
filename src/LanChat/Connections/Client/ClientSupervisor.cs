using System.Net.Sockets;
using LanChat.Diagnostics;
using Microsoft.Extensions.Logging;

namespace LanChat.Connections.Client;

/// <summary>Keeps a client connected: waits for the end of a connection, and when the session goes on without one, makes the next; one attempt at a time.</summary>
/// <remarks>One task, for as long as the client lives. An attempt is entirely over, its tasks, timer and socket gone, before the next begins.</remarks>
internal sealed class ClientSupervisor : IAsyncDisposable
{
    private readonly ClientSession _session;
    private readonly ServerCheck _first;
    private readonly ClientRoute _route;
    private readonly ChatClientOptions _options;
    private readonly ILogger _logger;
    private readonly ReconnectDelays _delays;

    // Ends every wait. Never disposed: stopping may come at any time. It has no timer and no handle to release.
    private readonly CancellationTokenSource _stop = new();

    internal ClientSupervisor(ClientSession session, ClientConnection connection, ClientRoute route, ChatClientOptions options, ILogger logger)
    {
        _session = session;
        _first = connection.Check;
        _route = route;
        _options = options;
        _logger = logger;
        _delays = new ReconnectDelays(options.MaxReconnectDelay, options.Jitter);
        Completion = RunAsync(connection);
    }

    private enum AttemptResult
    {
        Connected,

        /// <summary>Nobody answered, or somebody else: another way may lead to the server.</summary>
        NotReached,

        /// <summary>The server said that it does not take us now.</summary>
        Refused,

        /// <summary>It is over for good.</summary>
        Over,
    }

    /// <summary>Gets a task that gives the reason when it is over for good and everything is released. It never fails.</summary>
    internal Task<DisconnectReason> Completion { get; }

    private TimeProvider Time => _options.TimeProvider;

    /// <summary>Says goodbye and waits until everything is released; when cancelled, waits for nobody's answer any more.</summary>
    internal async ValueTask StopAsync(CancellationToken cancellationToken)
    {
        _session.Stop();
        await _stop.CancelAsync().ConfigureAwait(false);
        using (cancellationToken.UnsafeRegister(static state => ((ClientSession)state!).Hurry(), _session))
        {
            await Completion.ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync() => StopAsync(CancellationToken.None);

    private async Task<DisconnectReason> RunAsync(ClientConnection connection)
    {
        ClientConnection? next = connection;
        try
        {
            while (next is not null)
            {
                long began = Time.GetTimestamp();
                await next.Completion.ConfigureAwait(false);
                _delays.Note(Time.GetElapsedTime(began));
                next = IsOver() ? null : await Activities.TraceAsync(Activities.Reconnect, this, static one => one.ReturnAsync()).ConfigureAwait(false);
            }

            Log.ClientEnded(_logger, _first.Where, _session.Reason, _session.EndText);
        }
        catch (Exception exception)
        {
            // The app's own listener of activities threw. Nobody may be left waiting for that.
            _session.End(DisconnectReason.Aborted, exception.Message);
        }

        return _session.Reason;
    }

    /// <summary>Attempts until one succeeds. Null: it is over for good.</summary>
    private async ValueTask<ClientConnection?> ReturnAsync()
    {
        Log.ContactLost(_logger, _first.Where, _session.Loss.Reason, _session.Loss.Text);
        var failure = new ReconnectFailure(_session.Loss.Reason, _session.Loss.Text, Time);
        long began = Time.GetTimestamp();
        for (int attempt = 1; ; attempt++)
        {
            TimeSpan left = _options.ReconnectTimeout - Time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero || left < failure.LeastDelay)
            {
                _session.End(failure.Reason, $"not connected again within {_options.ReconnectTimeout}: {failure.Text}");
                return null;
            }

            // The last attempt is made when the time is over, not before.
            TimeSpan delay = _delays.Next(failure.LeastDelay);
            delay = delay < left ? delay : left;
            _session.Announce(attempt, delay, failure.Reason, failure.Text);
            if (!await WaitAsync(delay).ConfigureAwait(false))
            {
                return null;
            }

            failure.BeginAttempt();
            foreach (OpenLink way in _route.WaysBack(_first.ProvedId))
            {
                (AttemptResult result, ClientConnection? connection) = await AttemptAsync(way, failure).ConfigureAwait(false);
                switch (result)
                {
                    case AttemptResult.Connected:
                        Log.ConnectedAgain(_logger, _first.Where, _session.Name, _session.IsResumed);
                        return connection;
                    case AttemptResult.Over:
                        _session.End(failure.Reason, failure.Text);
                        return null;
                }

                Log.AttemptFailed(_logger, attempt, _first.Where, failure.Reason, failure.Text);
                if (result == AttemptResult.Refused)
                {
                    break;
                }
            }
        }
    }

    private async ValueTask<(AttemptResult Result, ClientConnection? Connection)> AttemptAsync(OpenLink open, ReconnectFailure failure)
    {
        ServerCheck check = _first.ForReturn();
        using var timeout = new CancellationTokenSource(_options.ConnectTimeout, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, timeout.Token);
        ClientConnection connection;
        try
        {
            connection = new ClientConnection(_session, check, await open(check, either.Token).ConfigureAwait(false), _logger);
        }
        catch (Exception exception) when (exception is ChatException or SocketException or IOException or OperationCanceledException)
        {
            failure.Note(
                exception is ChatException said ? said.Reason : DisconnectReason.ConnectionReset,
                exception is OperationCanceledException ? NoAnswer() : exception.Message);
            return (IsOver() ? AttemptResult.Over : AttemptResult.NotReached, null);
        }
        catch (Exception exception)
        {
            // A transport or a system that fails otherwise than these do: nothing that a further attempt would mend.
            Log.ClientDefect(_logger, exception, check.Where);
            failure.Note(DisconnectReason.Aborted, exception.Message);
            return (AttemptResult.Over, null);
        }

        connection.Start();
        try
        {
            if (await connection.Welcomed.WaitAsync(either.Token).ConfigureAwait(false))
            {
                return (AttemptResult.Connected, connection);
            }
        }
        catch (OperationCanceledException)
        {
            connection.End(DisconnectReason.ConnectionReset, NoAnswer(), saysGoodbye: false);
        }

        await connection.Completion.ConfigureAwait(false);
        failure.Note(connection.Reason, connection.EndText);
        return (Judge(connection, failure), null);
    }

    private AttemptResult Judge(ClientConnection connection, ReconnectFailure failure)
    {
        if (IsOver())
        {
            return AttemptResult.Over;
        }

        if (connection.Reason == DisconnectReason.NameInUse && _session.TryForgetName())
        {
            return AttemptResult.Refused;
        }

        // Somebody else has its address for now; nothing was said to them that they may not know.
        if (connection.Check.Refusal is not null || connection.Reason == DisconnectReason.ConnectionReset)
        {
            return AttemptResult.NotReached;
        }

        return failure.IsFinal(_session.Heartbeat) ? AttemptResult.Over : AttemptResult.Refused;
    }

    private async ValueTask<bool> WaitAsync(TimeSpan delay)
    {
        try
        {
            await Task.Delay(delay, Time, _stop.Token).ConfigureAwait(false);
            return !IsOver();
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private string NoAnswer() => $"no answer within {_options.ConnectTimeout.TotalSeconds:0.###} s";

    private bool IsOver()
    {
        lock (_session.Flow.Gate)
        {
            return _session.State == ChatState.Ended;
        }
    }
}
