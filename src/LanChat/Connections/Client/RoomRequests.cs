using LanChat.Framing;
using LanChat.Sessions;

namespace LanChat.Connections.Client;

/// <summary>JOIN and LEAVE on their way to the server: no faster than it takes them, and LEAVE only after the ids that the connection still has to send again.</summary>
/// <remarks>A server ends a connection that sends control frames faster than its limit, and does not say what that is. A LEAVE that overtook an older id of its room would have that id rejected: the server no longer sees a
/// member. Guarded by the client's Gate.</remarks>
internal sealed class RoomRequests(ClientFlow flow, ClientSends sends, ushort replay)
{
    // PROTOCOL 4: a session may send 20 control frames a second and 200 at once, where the server has no other limit; the rest is left to PING.
    private const double FirstRate = 18;
    private const double LeastRate = 0.5;
    private const double BurstSeconds = 10;

    // Once it was too fast: less than a server of that rate has given back by the time the client may return, after five seconds.
    private const double SlowedBurstSeconds = 4;

    // Time for one or two frames: a crowd of rooms goes out evenly.
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(100);

    private readonly Queue<ClientRoom> _joins = new();
    private readonly Queue<ClientRoom> _leaves = new();

    // The server keeps its own for the session, so this one outlives the connections too.
    private TokenBucket _tokens;
    private double _rate = FirstRate;

    // Null while there is no connection.
    private ClientOutput? _output;

    // Only while something waits for its turn.
    private ITimer? _timer;

    /// <summary>A connection was welcomed.</summary>
    internal void Begin(ClientOutput output) => _output = output;

    /// <summary>The server ended the connection for being too fast, so its limit is lower: it gets half as much from now on.</summary>
    internal void SlowDown()
    {
        _rate = Math.Max(LeastRate, _rate / 2);
        _tokens = default;
    }

    /// <summary>The connection is lost, or all is over: what waits here is not sent.</summary>
    internal void Clear()
    {
        _output = null;
        _joins.Clear();
        _leaves.Clear();
        StopTimer();
    }

    /// <summary>Asks for a room. Without a connection nothing happens: the next one asks for all.</summary>
    internal void Join(ClientRoom room)
    {
        if (_output is not null)
        {
            _joins.Enqueue(room);
        }
    }

    /// <summary>Leaves a room, which is joined.</summary>
    internal void Leave(ClientRoom room) => _leaves.Enqueue(room);

    /// <summary>Sends what may be sent now.</summary>
    internal void Advance()
    {
        bool hasWritten = false;
        while (_output is { IsOpen: true } output && NextQueue() is { } queue)
        {
            ClientRoom room = queue.Peek();
            if (!room.IsOver)
            {
                if (!TryTakeToken())
                {
                    _timer ??= flow.Time.CreateTimer(static state => ((RoomRequests)state!).OnTimer(), this, Wait, Timeout.InfiniteTimeSpan);
                    break;
                }

                Write(room, output, isJoin: queue == _joins);
                hasWritten = true;
            }

            queue.Dequeue();
        }

        if (hasWritten)
        {
            Flush();
        }
    }

    /// <summary>Hands what was written for the connection to its write loop.</summary>
    internal void Flush() => _output?.Flush();

    // Joins first: what is open, and with it every LEAVE, waits for their answers.
    private Queue<ClientRoom>? NextQueue() =>
        _joins.Count > 0 ? _joins
        : _leaves.Count > 0 && sends.HasCaughtUp ? _leaves
        : null;

    private void Write(ClientRoom room, ClientOutput output, bool isJoin)
    {
        if (isJoin)
        {
            room.Ask(replay).WriteTo(output.Writer);
        }
        else
        {
            // What was sent to the room before it is to be there before it.
            sends.BringToTcp();
            new LeaveFrame { Room = room.Number }.WriteTo(output.Writer);
        }
    }

    private bool TryTakeToken() => _tokens.TryTake(flow.Time.GetTimestamp(), flow.Time.TimestampFrequency, _rate, _rate * (_rate < FirstRate ? SlowedBurstSeconds : BurstSeconds));

    private void OnTimer()
    {
        lock (flow.Gate)
        {
            StopTimer();
            Advance();
        }
    }

    private void StopTimer()
    {
        _timer?.Dispose();
        _timer = null;
    }
}
