using LanChat.Connections;
using LanChat.Framing;
using LanChat.Rooms;
using LanChat.Tests.Support;
using Microsoft.Extensions.Logging;
using Xunit;

namespace LanChat.Tests.Interleaving;

/// <summary>The whole server on two loops, each a thread of the case: what one loop publishes reaches those on the other, in every order of their steps, though each may just
/// be falling asleep.</summary>
public sealed class TwoLoopsTests(ITestOutputHelper output) : IDisposable
{
    private readonly RecordingLoggerFactory _log = new();
    private MemoryServer? _server;

    [Fact]
    public void An_entry_published_while_somebody_joins_on_the_other_loop_is_not_missed() => ExploreAll(server =>
    {
        MemoryCaller publisher = Join(server, "ann");
        MemoryCaller joiner = Hello(server, "bob");
        publisher.Client.Write(WireFrame.Publish(1, 1, "x"));
        joiner.Client.Write(WireFrame.Join("lobby"));
        return () =>
        {
            long last = LastSequence(server);
            Assert.Equal(3, last);
            Assert.Equal([2, 3], Entries(publisher));
            List<WireFrame> frames = Received(joiner);
            long first = (long)frames.First(frame => frame.Type == FrameType.Joined).Joined.First;
            Assert.Equal(Enumerable.Range((int)first, (int)(last - first + 1)), Sequences(frames));
        };
    });

    [Fact]
    public void Two_who_publish_on_two_loops_see_both() => ExploreAll(server =>
    {
        MemoryCaller ann = Join(server, "ann");
        MemoryCaller bob = Join(server, "bob");
        ann.Frames();
        ann.Client.Write(WireFrame.Publish(1, 1, "x"));
        bob.Client.Write(WireFrame.Publish(1, 1, "y"));
        return () =>
        {
            Assert.Equal([3, 4], Entries(ann));
            Assert.Equal([3, 4], Entries(bob));
        };
    });

    [Fact]
    public void Who_leaves_sees_what_was_before_and_the_other_loop_sees_the_leave() => ExploreAll(server =>
    {
        MemoryCaller ann = Join(server, "ann");
        MemoryCaller bob = Join(server, "bob");
        ann.Frames();
        ann.Client.Write(WireFrame.Publish(1, 1, "x"));
        bob.Client.Write(WireFrame.Bytes(new LeaveFrame { Room = 1 }));
        return () =>
        {
            Assert.Equal([3, 4], Entries(ann));
            List<WireFrame> frames = Received(bob);
            int own = frames.FindIndex(frame => frame.Type == FrameType.Entry && frame.Entry.Kind == EntryKind.Left);
            Assert.Equal(Enumerable.Range(3, own + 1), Sequences(frames));
            Assert.Equal(FrameType.Parted, frames[^1].Type);
        };
    });

    public void Dispose()
    {
        Forget();
        _log.Dispose();
    }

    private static long LastSequence(MemoryServer server)
    {
        Room lobby = server.Context.Rooms.LobbyRoom;
        lock (lobby.Log.Gate)
        {
            return lobby.Log.LastSequence;
        }
    }

    private static MemoryCaller Hello(MemoryServer server, string name)
    {
        MemoryCaller caller = server.Connect();
        caller.Say(WireFrame.Hello(name));
        caller.Frames();
        return caller;
    }

    private static MemoryCaller Join(MemoryServer server, string name)
    {
        MemoryCaller caller = server.Join(name);
        caller.Frames();
        return caller;
    }

    private static IEnumerable<int> Entries(MemoryCaller caller) => Sequences(Received(caller));

    private static IEnumerable<int> Sequences(List<WireFrame> frames) => frames.Where(frame => frame.Type == FrameType.Entry).Select(frame => (int)frame.Entry.Sequence);

    /// <summary>What has arrived, without a step of a loop.</summary>
    private static List<WireFrame> Received(MemoryCaller caller) => WireFrame.Parse(caller.Client.ReadAll(), out _);

    private void ExploreAll(Func<MemoryServer, Action> prepare) => EveryOrder.Holds(output, 2, scheduler =>
    {
        Forget();
        MemoryServer server = _server = new MemoryServer(
            new ChatServerOptions { Loops = 2, LoggerFactory = _log }, makePoller: () => new InterleavedPoller(scheduler));
        Action check = prepare(server);
        return new InterleavingCase(
            [.. server.Host.Loops.Select(loop => (Action)(() => InterleavedLoop.Run(loop.Loop)))],
            () =>
            {
                check();
                Assert.DoesNotContain(_log.Logger.Lines, line => line.Level >= LogLevel.Warning);
            });
    });

    /// <summary>The meter counts the loops of the process until they have ended; those of a case never do.</summary>
    private void Forget()
    {
        foreach (ServerLoop loop in _server?.Host.Loops ?? [])
        {
            loop.Traffic.Dispose();
        }

        _log.Logger.Lines.Clear();
    }
}
