using LanChat.Connections;
using LanChat.Tests.Support;

namespace LanChat.Tests.Faults;

/// <content>The server: how it is stepped, stopped and started again.</content>
internal sealed partial class FaultWorld
{
    private Task? _stop;
    private bool _isDown;
    private int _servers;

    /// <summary>Gets whether the server is on its way out.</summary>
    internal bool IsStopping => _stop is not null;

    internal void StartServer()
    {
        _host = new ServerHost(_options, static () => new MemoryPoller(), listen: null, static turn => turn.Execute());
        _isDown = false;
        _servers++;
        Log.Follow(_host, Rooms);
        _bug?.Meet(_host);
    }

    /// <summary>Has one loop do one round, if there is one of that number.</summary>
    internal void RunLoopOnce(int number)
    {
        if (_host is not null && MayStep)
        {
            FollowRooms();
            _host.Loops[number % _host.Loops.Count].Loop.RunOnce(block: false);
            Log.Read();
        }
    }

    /// <summary>Stops the server in order; it may take this long for those who are slow.</summary>
    internal void StopServer(TimeSpan timeout)
    {
        ServerHost host = _host!;
        Settle();
        int timers = _time.TimerCount;
        _stop = host.StopAsync(timeout);

        // It begins on the pool, and has told its loops once it waits for its deadline.
        WaitUntil(() => _stop.IsCompleted || _time.TimerCount > timers || host.Context.ConnectionCount == 0, () => "the stop of the server does not begin");
        for (int steps = 0; host.Context.ConnectionCount > 0; steps++)
        {
            Settle();
            if (host.Context.ConnectionCount > 0)
            {
                _time.Advance(TimeSpan.FromMilliseconds(100));
            }

            if (steps > 1000 + (timeout.TotalMilliseconds / 100))
            {
                throw new LawBrokenException(Law.EverythingEnds, $"the stopping server still has {host.Context.ConnectionCount} connections");
            }
        }

        // From here on nobody steps its loops: they are taken down on the pool.
        Log.Close();
        WaitUntil(() => _stop.IsCompleted, () => "the stop of the server does not end");
        _stop.GetAwaiter().GetResult();
        _stop = null;
        _host = null;
        _isDown = true;
        CheckNothingIsLeft(host);
        Settle();
    }

    /// <summary>Ends the server as the end of its process would: every connection breaks at once.</summary>
    internal void CrashServer()
    {
        _isDown = true;
        foreach (Wire wire in _wires.Where(wire => !wire.IsOver))
        {
            wire.Client.Reset();
        }

        StopServer(TimeSpan.Zero);
    }

    private bool MayStep => !IsStopping || _host!.Context.ConnectionCount > 0;

    // A room that was empty for its time is gone: the next one of that name is followed from its first entry.
    private void FollowRooms()
    {
        if (_host is not null && !IsStopping)
        {
            Log.Follow(_host, Rooms);
        }
    }

    private bool RunServer()
    {
        bool any = false;
        bool worked = _host is not null;
        FollowRooms();
        for (int rounds = 0; worked; rounds++)
        {
            worked = false;
            for (int i = 0; i < _host!.Loops.Count && MayStep; i++)
            {
                worked |= _host.Loops[i].Loop.RunOnce(block: false);
                Log.Read();
            }

            any |= worked;
            if (rounds > 100_000)
            {
                throw new LawBrokenException(Law.EverythingEnds, "the loops of the server do not come to rest");
            }
        }

        return any;
    }

    private static void CheckNothingIsLeft(ServerHost host)
    {
        ServerContext context = host.Context;
        if (context.ConnectionCount != 0 || context.Sessions.Count != 0 || context.Pool.RentedSegments != 0)
        {
            throw new LawBrokenException(
                Law.NothingIsLeft,
                $"the stopped server has {context.ConnectionCount} connections, {context.Sessions.Count} sessions and {context.Pool.RentedSegments} segments");
        }
    }
}
