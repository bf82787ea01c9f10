using System.Text;
using LanChat.Broadcast;
using LanChat.Connections;
using LanChat.Framing;
using LanChat.Rooms;
using LanChat.Sessions;
using LanChat.Tests.Support;
using LanChat.Transport;
using Microsoft.Extensions.Logging;
using Xunit;

namespace LanChat.Tests.Interleaving;

/// <summary>The whole server on two loops as the subject of a case: the loops are actors that take turns with the clients (<see cref="TurnExplorer"/>), or threads that are
/// interleaved step by step (<see cref="InterleavingScheduler"/>). What any order must leave behind is checked at its end.</summary>
internal sealed class CaseServer
{
    /// <summary>What loops touch in common: the rooms, the sessions, each other.</summary>
    private const int SharedBit = 1;

    private readonly RecordingLoggerFactory _log = new();
    private readonly List<CaseClient> _clients = [];
    private readonly int[] _touchedByLoop = [SharedBit, SharedBit];

    internal CaseServer(Func<Poller>? makePoller, int maxHistoryEntries) => Server = new MemoryServer(
        new ChatServerOptions { Loops = 2, LoggerFactory = _log, MaxHistoryEntries = maxHistoryEntries }, makePoller: makePoller);

    internal MemoryServer Server { get; }

    /// <summary>The loops as threads: what the clients have said lies there when they begin.</summary>
    internal Action[] Threads => [.. Server.Host.Loops.Select(loop => (Action)(() => InterleavedLoop.Run(loop.Loop)))];

    /// <summary>The loops as actors, once all clients are there.</summary>
    internal IEnumerable<Actor> Actors =>
        Server.Host.Loops.Select(loop => new Actor("loop " + loop.Number, () => loop.Loop.RunOnce(block: false), _touchedByLoop[loop.Number]));

    /// <summary>A connection that a certain loop has accepted. If it may move, both loops may meet it.</summary>
    internal CaseClient Connect(int loop, bool mayMove)
    {
        ServerLoop wanted = Server.Host.Loops[loop];
        int before = wanted.Loop.ConnectionCount;
        MemoryCaller caller = Server.Connect();
        if (wanted.Loop.ConnectionCount == before)
        {
            // The loops take turns.
            caller.Client.Reset();
            Server.Run();
            caller = Server.Connect();
        }

        int bit = SharedBit << (_clients.Count + 1);
        _touchedByLoop[loop] |= bit;
        _touchedByLoop[1 - loop] |= mayMove ? bit : 0;
        var client = new CaseClient(this, caller.Client, bit);
        _clients.Add(client);
        return client;
    }

    /// <summary>Everything that was appended to the lobby.</summary>
    internal List<(EntryKind Kind, long Sequence, string Text)> Log()
    {
        Room lobby = Server.Context.Rooms.LobbyRoom;
        List<(EntryKind, long, string)> entries = [];
        lock (lobby.Log.Gate)
        {
            using LogCursor cursor = lobby.Log.Subscribe(lobby.Log.OldestSequence);
            while (cursor.TryReadEntry(out ReadOnlySpan<byte> bytes))
            {
                Assert.True(EntryFrame.TryDecodeWhole(bytes, out EntryFrame entry));
                entries.Add((entry.Kind, (long)entry.Sequence, Encoding.UTF8.GetString(entry.Body)));
                cursor.Advance(bytes.Length);
            }
        }

        return entries;
    }

    internal IEnumerable<string> Texts() => Log().Where(entry => entry.Kind == EntryKind.Message).Select(entry => entry.Text);

    internal int Count(EntryKind kind) => Log().Count(entry => entry.Kind == kind);

    internal string[] Roster() => [.. Server.Context.Rooms.LobbyRoom.Who(out _).Select(Encoding.UTF8.GetString)];

    internal Session? Find(ulong session) => Server.Context.Sessions.Find(session);

    /// <summary>An order that was cut short does not come to its end; the meter counts its loops as living until they are forgotten.</summary>
    internal void Forget()
    {
        foreach (ServerLoop loop in Server.Host.Loops)
        {
            loop.Traffic.Dispose();
        }
    }

    /// <summary>All connections are cut, the server stops: nothing may be left, and nothing may have gone wrong on the way.</summary>
    internal void End()
    {
        foreach (CaseClient client in _clients)
        {
            client.Reset();
        }

        Server.Run();
        Assert.Equal(0, Server.Context.ConnectionCount);
        Server.Host.StopAsync(TimeSpan.Zero).GetAwaiter().GetResult();
        Assert.Equal(0, Server.Context.Sessions.Count);
        Assert.Equal(0, Server.Context.Detached.Count);
        Assert.Equal(0, Server.Context.Pool.RentedSegments);
        Assert.Equal(0, Server.Time.TimerCount);
        Assert.DoesNotContain(_log.Logger.Lines, line => line.Level >= LogLevel.Warning);
    }
}

/// <summary>Makes the server of each order, and forgets the one before.</summary>
internal sealed class CaseServers : IDisposable
{
    private CaseServer? _last;

    internal CaseServer Make(Func<Poller>? makePoller = null, int maxHistoryEntries = 1000)
    {
        _last?.Forget();
        return _last = new CaseServer(makePoller, maxHistoryEntries);
    }

    public void Dispose() => _last?.Forget();
}
