using System.Text;
using LanChat.Framing;
using LanChat.Tests.Server;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Interleaving;

/// <summary>Sessions that lose their connections and are taken back, over two loops: every order in which the loops make their iterations and the clients do what they do.</summary>
public sealed class TakeoverOrdersTests(ITestOutputHelper output) : IDisposable
{
    private const int Home = 1;
    private const int Away = 0;

    // So many orders are far above what the cases need.
    private const long MaxOrders = 1_000_000;

    private readonly CaseServers _servers = new();

    /// <summary>What the orders came to: a case that never comes to what it is for says nothing.</summary>
    private readonly HashSet<string> _outcomes = [];

    [Theory]
    [InlineData(Away, Home)]
    [InlineData(Home, Away)]
    [InlineData(Away, Away)]
    public void Of_two_takeovers_at_once_the_later_attempt_wins(int loopOfSecond, int loopOfThird) => Holds(["first", "second", "third", "second unheard"], server =>
    {
        CaseMember ann = new(server, "ann", Home);
        CaseClient second = server.Connect(loopOfSecond, mayMove: loopOfSecond != Home);
        CaseClient third = server.Connect(loopOfThird, mayMove: loopOfThird != Home);
        return new TurnCase(
            [
                ann.First.As("first publishes", () => ann.First.Write(WireFrame.Publish(1, id: 1, "first"))),
                second.As("second comes", () => Takeovers.Come(ann, second, attempt: 2, "second")),
                third.As("third comes", () => Takeovers.Come(ann, third, attempt: 3, "third")),
                .. server.Actors,
            ],
            () => _outcomes.UnionWith(Takeovers.Check(server, ann, second, third)));
    });

    [Theory]
    [InlineData(Home, "ends", 1000)]
    [InlineData(Away, "ends", 1000)]
    [InlineData(Away, "is cut", 1000)]
    [InlineData(Away, "is left", 1000)]
    [InlineData(Away, "is left", 1)]
    public void What_is_published_around_a_loss_is_seen_once_and_in_order_or_told_as_a_gap(int loop, string first, int history) => Holds(Misses(loop, first, history), server =>
    {
        CaseMember ann = new(server, "ann", Home);
        CaseClient bob = server.Connect(Away, mayMove: false);
        bob.Ask(WireFrame.Hello("bob"), WireFrame.Join("lobby"));
        CaseClient again = server.Connect(loop, mayMove: loop != Home);
        long after = 0;
        return new TurnCase(
            [
                bob.As("bob publishes", () => bob.Write(WireFrame.Publish(1, 1, "x")), () => bob.Write(WireFrame.Publish(1, 2, "y"))),
                Actor.Doing(
                    "ann goes and comes back",
                    ann.First.Touches | again.Touches,
                    () =>
                    {
                        after = ann.First.Read().Sequences()[^1];
                        return first == "is left" || (first == "ends" ? ann.First.EndSending() : ann.First.Reset());
                    },
                    () => again.Write(ann.Hello(2), WireFrame.Join("lobby", epoch: ann.Epoch, after: (ulong)after))),
                .. server.Actors,
            ],
            () =>
            {
                again.Read();
                bob.Read();
                long last = bob.Sequences()[^1];
                JoinedFrame joined = again.First(FrameType.Joined)!.Joined;
                bool isGap = joined.Outcome == JoinOutcome.Gap;
                Assert.Equal(isGap ? JoinOutcome.Gap : JoinOutcome.Recovered, joined.Outcome);
                Assert.Equal(isGap, (long)joined.First > after + 1);
                Assert.Equal(Range((long)joined.First, last), again.Sequences());
                if (isGap)
                {
                    _outcomes.Add("gap");
                    return;
                }

                Assert.Equal(["x", "y"], bob.Frames.Texts());

                // Who was missed comes back; who was not missed does not.
                Assert.Equal(["ann", "bob"], server.Roster().Order());
                Assert.InRange(server.Count(EntryKind.LostContact), 0, 1);
                _outcomes.Add(server.Count(EntryKind.LostContact) == 1 ? "missed" : "not missed");
                Assert.Equal(server.Count(EntryKind.LostContact), server.Count(EntryKind.Back));
                Assert.Equal(0, server.Count(EntryKind.Left));
            });
    }, history);

    [Theory]
    [InlineData(Home)]
    [InlineData(Away)]
    public void A_session_expires_or_is_taken_back(int loop) => Holds(["back", "new"], server =>
    {
        CaseMember ann = new(server, "ann", Home);
        ann.First.Reset();
        server.Server.Run();
        server.Server.Time.Advance(TimeSpan.FromSeconds(29.5));
        server.Server.Run();
        CaseClient again = server.Connect(loop, mayMove: loop != Home);
        return new TurnCase(
            [
                Actor.Doing("the window ends", touches: ~0, () => EndWindow(server)),
                again.As("ann comes back", () => again.Write(ann.Hello(2), WireFrame.Join("lobby"))),
                .. server.Actors,
            ],
            () =>
            {
                WelcomeFrame welcome = again.Read().Frames.Only(FrameType.Welcome).Welcome;
                bool isBack = welcome.Session == ann.Id;
                _outcomes.Add(isBack ? "back" : "new");
                Assert.Equal(isBack, (welcome.Flags & WelcomeFrame.ResumedFlag) != 0);
                Assert.Equal(isBack, server.Find(ann.Id) is not null);
                Assert.Equal("ann", Encoding.UTF8.GetString(welcome.YourName));
                Assert.Equal(["ann"], server.Roster());
                Assert.Equal(0, server.Server.Context.Detached.Count);
                Assert.Equal(
                    isBack ? [EntryKind.Joined, EntryKind.LostContact, EntryKind.Back] : [EntryKind.Joined, EntryKind.LostContact, EntryKind.Left, EntryKind.Joined],
                    server.Log().Select(entry => entry.Kind));
            });
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_connection_that_moves_while_it_ends_and_the_loops_stop_leaves_nothing(bool isDetached) => Holds(["welcome", "none"], server =>
    {
        CaseMember ann = new(server, "ann", Home);
        if (isDetached)
        {
            ann.First.Reset();
            server.Server.Run();
        }

        CaseClient again = server.Connect(Away, mayMove: true);
        return new TurnCase(
            [
                again.As("ann comes back and goes", () => again.Write(ann.Hello(2), WireFrame.Join("lobby")), () => again.Read() is not null && again.Reset()),
                Actor.Doing("loop 0 stops", touches: ~0, () => StopLoop(server, 0)),
                Actor.Doing("loop 1 stops", touches: ~0, () => StopLoop(server, 1)),
                .. server.Actors,
            ],
            () => _outcomes.Add(again.First(FrameType.Welcome) is null ? "none" : "welcome"));
    });

    /// <summary>Where the loop that knows the loss is the one that takes the caller in, it always knows it by then.</summary>
    private static string[] Misses(int loop, string first, int history) => history == 1 ? ["gap", "not missed"]
        : first == "is left" ? ["not missed"]
        : loop == Home ? ["missed"]
        : ["missed", "not missed"];

    public void Dispose() => _servers.Dispose();

    private static bool EndWindow(CaseServer server)
    {
        server.Server.Time.Advance(TimeSpan.FromSeconds(1));
        return true;
    }

    private static bool StopLoop(CaseServer server, int number)
    {
        server.Server.Context.StartDraining();
        return server.Server.Host.Loops[number].Loop.StopAsync().IsCompletedSuccessfully;
    }

    private static IEnumerable<long> Range(long first, long last) => Enumerable.Range(0, (int)(last - first + 1)).Select(i => first + i);

    private void Holds(IEnumerable<string> outcomes, Func<CaseServer, TurnCase> makeCase, int history = 1000)
    {
        long started = Environment.TickCount64;
        Exploration result = new TurnExplorer(() =>
        {
            CaseServer server = _servers.Make(maxHistoryEntries: history);
            TurnCase one = makeCase(server);
            return one with
            {
                AfterEach = () =>
                {
                    one.AfterEach();
                    server.End();
                },
            };
        }).Explore(MaxOrders);
        output.WriteLine($"{result} in {Environment.TickCount64 - started} ms");
        Assert.Null(result.Failure);
        Assert.True(result.IsComplete);
        Assert.Equal(outcomes.Order(), _outcomes.Order());
    }
}
