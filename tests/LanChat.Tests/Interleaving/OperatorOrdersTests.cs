using LanChat.Framing;
using LanChat.Sessions;
using LanChat.Tests.Server;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Interleaving;

/// <summary>An operator on one loop acts on a member on the other, who comes at that moment, or while the operator's connection is replaced: every order of their steps.</summary>
public sealed class OperatorOrdersTests(ITestOutputHelper output) : IDisposable
{
    private const int Home = 1;
    private const int Away = 0;

    private readonly CaseServers _servers = new();
    private readonly HashSet<string> _outcomes = [];

    [Fact]
    public void Who_takes_a_name_at_the_moment_of_its_ban_is_refused_or_ended()
    {
        Holds(server =>
        {
            CaseMember op = Operator(server, "op", Home);
            CaseClient newcomer = server.Connect(Away, mayMove: false);
            op.First.Write(Operators.Command(1, "ban", "bob"));
            newcomer.Write(WireFrame.Hello("b0b"));
            return () =>
            {
                Assert.Null(server.Server.Context.Sessions.FindByName(SessionNames.KeyOf("bob"u8)));
                Assert.Equal(DisconnectReason.Banned, newcomer.Read().Frames.LastWord());
                (ulong id, string text) = Assert.Single(op.First.Read().Frames.Results());
                Assert.Equal(1ul, id);
                _outcomes.Add(newcomer.First(FrameType.Welcome) is null ? "refused" : text.Length == 0 ? "ended" : "ended by itself");
            };
        });
        Assert.Equal(["ended", "refused"], _outcomes.Order());
    }

    [Fact]
    public void A_kick_has_one_outcome_on_the_connection_that_the_operator_has_then()
    {
        Holds(server =>
        {
            CaseMember op = Operator(server, "op", Home);
            CaseMember ada = new(server, "ada", Away);
            CaseClient again = server.Connect(Away, mayMove: true);
            op.First.Write(Operators.Command(1, "kick", "ada"));
            again.Write(op.Hello(2));
            return () =>
            {
                int first = op.First.Read().Frames.Results().Length;
                int second = again.Read().Frames.Results().Length;
                bool isKicked = server.Find(ada.Id) is null;
                Assert.Equal(isKicked ? 1 : 0, first + second);
                _outcomes.Add(first == 1 ? "first" : second == 1 ? "second" : "unheard");
            };
        });
        Assert.Equal(["first", "second", "unheard"], _outcomes.Order());
    }

    [Fact]
    public void Two_operators_who_kick_each_other_are_gone_both_or_one_of_them()
    {
        Assert.SkipUnless(TestLength.IsLong, "Thousands of orders: with LANCHAT_TEST_LONG=1.");
        Holds(server =>
        {
            CaseMember ann = Operator(server, "ann", Home);
            CaseMember bob = Operator(server, "bob", Away);
            ann.First.Write(Operators.Command(1, "kick", "bob"));
            bob.First.Write(Operators.Command(1, "kick", "ann"));
            return () =>
            {
                int left = server.Server.Context.Sessions.Count;
                Assert.InRange(left, 0, 1);
                Assert.InRange(ann.First.Read().Frames.Results().Length + bob.First.Read().Frames.Results().Length, 0, 1);
                _outcomes.Add($"{left} left");
            };
        });
        Assert.Contains("0 left", _outcomes);
    }

    public void Dispose() => _servers.Dispose();

    private static CaseMember Operator(CaseServer server, string name, int loop)
    {
        CaseMember member = new(server, name, loop);
        server.Find(member.Id)!.Connection!.IsOperator = true;
        return member;
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
