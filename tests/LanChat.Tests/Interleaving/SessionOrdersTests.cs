using LanChat.Framing;
using LanChat.Tests.Server;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Interleaving;

/// <summary>A session that is lost, comes back or ends on one loop while the other loop brings it something: every order of their steps.</summary>
public sealed class SessionOrdersTests(ITestOutputHelper output) : IDisposable
{
    private const int Home = 1;
    private const int Away = 0;

    private readonly CaseServers _servers = new();

    /// <summary>What the orders came to: a case that never comes to what it is for says nothing.</summary>
    private readonly HashSet<string> _outcomes = [];

    [Theory]
    [InlineData(Home)]
    [InlineData(Away)]
    public void What_is_published_around_a_loss_is_seen_once_and_in_order_by_who_comes_back(int loop) => Holds(isLong: loop == Away, server =>
    {
        CaseMember ann = new(server, "ann", Home);
        CaseMember bob = new(server, "bob", Away);
        CaseClient again = server.Connect(loop, mayMove: loop != Home);
        long after = ann.First.Read().Sequences()[^1];
        ann.First.Reset();
        again.Write(ann.Hello(2), WireFrame.Join("lobby", epoch: ann.Epoch, after: (ulong)after));
        bob.First.Write(WireFrame.Publish(1, 1, "x"));
        return () =>
        {
            List<(EntryKind Kind, long Sequence, string Text)> log = server.Log();
            Assert.Equal(["x"], server.Texts());
            Assert.Equal(JoinOutcome.Recovered, again.Read().First(FrameType.Joined)!.Joined.Outcome);
            Assert.Equal(log.Select(entry => entry.Sequence).Where(sequence => sequence > after), again.Sequences());
            Assert.Equal(log[^1].Sequence, bob.First.Read().Sequences()[^1]);
            Assert.Equal(server.Count(EntryKind.LostContact), server.Count(EntryKind.Back));
        };
    });

    [Theory]
    [InlineData(Home)]
    [InlineData(Away)]
    public void A_direct_message_around_a_loss_is_kept_and_seen_once_by_who_comes_back(int loop) => Holds(isLong: loop == Away, server =>
    {
        CaseMember ann = new(server, "ann", Home);
        CaseMember bob = new(server, "bob", Away);
        CaseClient again = server.Connect(loop, mayMove: loop != Home);
        ann.First.Reset();
        again.Write(ann.Hello(2));
        bob.First.Write(WireFrame.Direct(1, "ann", "psst"));
        return () =>
        {
            Assert.Equal([(1, 1)], bob.First.Read().Frames.Acks());
            Assert.Equal([1], again.Read().Directs());
        };
    });

    [Fact]
    public void A_direct_message_that_meets_the_end_of_a_session_is_kept_or_refused()
    {
        Holds(isLong: false, server =>
        {
            CaseMember ann = new(server, "ann", Home);
            CaseMember bob = new(server, "bob", Away);
            ann.First.Write(WireFrame.Goodbye());
            bob.First.Write(WireFrame.Direct(1, "ann", "psst"));
            return () =>
            {
                bob.First.Read();
                (ulong, DisconnectReason)[] refused = bob.First.Frames.Rejections();
                Assert.Equal(1, bob.First.Frames.Acks().Length + refused.Length);
                Assert.All(refused, one => Assert.Equal((1ul, DisconnectReason.NoSuchMember), one));

                _outcomes.Add(refused.Length == 0 ? "kept" : "refused");

                // Accepted means kept in the session, which may be over the moment after; what is refused is nowhere.
                Assert.InRange(ann.First.Read().Directs().Count, 0, bob.First.Frames.Acks().Length);
            };
        });
        Assert.Equal(["kept", "refused"], _outcomes.Order());
    }

    [Fact]
    public void Of_two_takeovers_at_once_the_later_attempt_wins()
    {
        Holds(isLong: false, server =>
        {
            CaseMember ann = new(server, "ann", Home);
            CaseClient second = server.Connect(Away, mayMove: true);
            CaseClient third = server.Connect(Home, mayMove: false);
            Takeovers.Come(ann, second, attempt: 2, "second");
            Takeovers.Come(ann, third, attempt: 3, "third");
            return () => _outcomes.UnionWith(Takeovers.Check(server, ann, second, third));
        });
        Assert.Equal(["second", "second unheard", "third"], _outcomes.Order());
    }

    [Fact]
    public void The_first_two_direct_messages_to_somebody_come_from_two_loops() => Holds(isLong: false, server =>
    {
        CaseMember ann = new(server, "ann", Home);
        CaseMember bob = new(server, "bob", Away);
        CaseMember cid = new(server, "cid", Home);
        bob.First.Write(WireFrame.Direct(1, "ann", "psst"));
        cid.First.Write(WireFrame.Direct(1, "ann", "hey"));
        return () =>
        {
            Assert.Equal([1, 2], ann.First.Read().Directs());
            Assert.Equal([1ul, 2ul], bob.First.Read().Frames.Acks().Concat(cid.First.Read().Frames.Acks()).Select(ack => ack.Sequence).Order());
        };
    });

    public void Dispose() => _servers.Dispose();

    private void Holds(bool isLong, Func<CaseServer, Action> prepare)
    {
        Assert.SkipUnless(!isLong || TestLength.IsLong, "Thousands of orders: with LANCHAT_TEST_LONG=1.");
        EveryOrder.Holds(output, 2, scheduler =>
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
}
