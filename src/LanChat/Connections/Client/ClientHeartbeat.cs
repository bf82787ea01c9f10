using LanChat.Framing;

namespace LanChat.Connections.Client;

/// <summary>Says PING when nothing else was said for a heartbeat, and ends a connection from which no byte came for two.</summary>
/// <remarks>
/// A heartbeat varies by 10 %, so that a thousand clients that were started together do not ping together. While the client has itself stopped
/// reading, the silence is its own: only the pings go on. One timer; it fires at least once per heartbeat, and a deadline is never
/// nearer than two, so none is missed. Guarded by the client's Gate.
/// </remarks>
internal sealed class ClientHeartbeat : IAsyncDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly ClientConnection _connection;
    private readonly ClientFlow _flow;
    private ITimer? _timer;
    private TimeSpan _heartbeat;
    private TimeSpan _untilPing;
    private long _lastReceived;
    private ulong _pings;

    internal ClientHeartbeat(ClientConnection connection, ClientFlow flow)
    {
        _connection = connection;
        _flow = flow;
    }

    private TimeProvider Time => _flow.Time;

    /// <summary>Begins, with the first PING: it tells the server that the client has read its WELCOME.</summary>
    internal void Begin(TimeSpan heartbeat)
    {
        _heartbeat = heartbeat;
        _lastReceived = Time.GetTimestamp();
        _timer = Time.CreateTimer(static state => ((ClientHeartbeat)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Ping();
        Rearm();
    }

    /// <summary>Bytes came, or reading begins again.</summary>
    internal void Received() => _lastReceived = Time.GetTimestamp();

    public ValueTask DisposeAsync() => _timer?.DisposeAsync() ?? default;

    private void OnTimer()
    {
        lock (_flow.Gate)
        {
            if (_connection.IsEnding)
            {
                return;
            }

            if (!_flow.IsPaused && Time.GetElapsedTime(_lastReceived) >= 2 * _heartbeat)
            {
                _connection.End(DisconnectReason.HeartbeatLost, $"nothing came from the server for {(2 * _heartbeat).TotalSeconds:0.#} s", saysGoodbye: true);
                return;
            }

            if (Time.GetElapsedTime(_connection.Output.LastSent) >= _untilPing)
            {
                Ping();
            }

            Rearm();
        }
    }

    private void Ping()
    {
        new PingFrame { Opaque = ++_pings }.WriteTo(_connection.Output.Writer);
        _connection.Output.Flush();
#pragma warning disable CA5394 // It spreads load and keeps no secret.
        _untilPing = _heartbeat * (0.9 + (0.2 * Random.Shared.NextDouble()));
#pragma warning restore CA5394
    }

    private void Rearm()
    {
        TimeSpan wait = _untilPing - Time.GetElapsedTime(_connection.Output.LastSent);
        if (!_flow.IsPaused)
        {
            TimeSpan untilLost = (2 * _heartbeat) - Time.GetElapsedTime(_lastReceived);
            wait = untilLost < wait ? untilLost : wait;
        }

        // Rounded up, and never zero: a timer that fires early would spin until its moment has come.
        wait = wait < LongestWait ? wait : LongestWait;
        double milliseconds = Math.Max(1, Math.Ceiling(wait.TotalMilliseconds));
        _timer!.Change(TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan);
    }
}
