using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Interleaving;

/// <summary>The whole server on two loops, each a thread of the case: what one loop does reaches those on the other, in every order of their steps, though each may just be
/// falling asleep.</summary>
public sealed class TwoLoopsTests(ITestOutputHelper output) : IDisposable
{
    private readonly CaseServers _servers = new();

    [Fact]
    public void An_entry_published_while_somebody_joins_on_the_other_loop_is_not_missed() => Holds(server =>
    {
        CaseMember ann = new(server, "ann", loop: 0);
        CaseClient bob = server.Connect(loop: 1, mayMove: false);
        bob.Ask(WireFrame.Hello("bob"));
        ann.First.Write(WireFrame.Publish(1, 1, "x"));
        bob.Write(WireFrame.Join("lobby"));
        return () =>
        {
            Assert.Equal([2, 3], ann.First.Read().Sequences());
            Assert.Equal(From(bob.Read(), 3), bob.Sequences());
        };
    });

    [Fact]
    public void Two_who_publish_on_two_loops_see_both() => Holds(server =>
    {
        CaseMember ann = new(server, "ann", loop: 0);
        CaseMember bob = new(server, "bob", loop: 1);
        ann.First.Write(WireFrame.Publish(1, 1, "x"));
        bob.First.Write(WireFrame.Publish(1, 1, "y"));
        return () =>
        {
            Assert.Equal([2, 3, 4], ann.First.Read().Sequences());
            Assert.Equal([3, 4], bob.First.Read().Sequences());
        };
    });

    [Fact]
    public void Two_who_join_on_two_loops_see_each_other() => Holds(server =>
    {
        CaseClient[] both = [server.Connect(loop: 0, mayMove: false), server.Connect(loop: 1, mayMove: false)];
        both[0].Ask(WireFrame.Hello("ann"));
        both[1].Ask(WireFrame.Hello("bob"));
        foreach (CaseClient one in both)
        {
            one.Write(WireFrame.Join("lobby"));
        }

        return () =>
        {
            foreach (CaseClient one in both)
            {
                // The roster just after the own join, and the joins after that: both, whoever came first.
                Assert.Equal(From(one.Read(), 2), one.Sequences());
                Assert.Equal(2, one.First(FrameType.Roster)!.RosterNames().Count + one.Sequences().Count);
            }
        };
    });

    [Fact]
    public void Who_leaves_sees_what_was_before_and_the_other_loop_sees_the_leave() => Holds(server =>
    {
        CaseMember ann = new(server, "ann", loop: 0);
        CaseMember bob = new(server, "bob", loop: 1);
        ann.First.Write(WireFrame.Publish(1, 1, "x"));
        bob.First.Write(WireFrame.Bytes(new LeaveFrame { Room = 1 }));
        return () =>
        {
            Assert.Equal([2, 3, 4], ann.First.Read().Sequences());
            long own = server.Log().Single(entry => entry.Kind == EntryKind.Left).Sequence;
            Assert.Equal(own, bob.First.Read().Sequences()[^1]);
            Assert.Equal(FrameType.Parted, bob.First.Frames[^1].Type);
        };
    });

    public void Dispose() => _servers.Dispose();

    /// <summary>From where a member's entries were promised to begin, to the last one.</summary>
    private static IEnumerable<long> From(CaseClient client, long last)
    {
        for (long sequence = (long)client.First(FrameType.Joined)!.Joined.First; sequence <= last; sequence++)
        {
            yield return sequence;
        }
    }

    private void Holds(Func<CaseServer, Action> prepare) => EveryOrder.Holds(output, 2, scheduler =>
    {
        CaseServer server = _servers.Make(() => new InterleavedPoller(scheduler));
        Action check = prepare(server);
        return new InterleavingCase(server.Threads, () =>
        {
            check();
            server.End();
        });
    });
}
