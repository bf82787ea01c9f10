using LanChat.Connections;
using LanChat.Framing;
using LanChat.Sessions;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

public sealed class ResumeProofOverPlainFrames() : ResumeProofTests(tls: false);

public sealed class ResumeProofOverTls() : ResumeProofTests(tls: true);

/// <summary>Who comes back to a session proves again, on the session's loop, and until then nothing happens to it.</summary>
public abstract class ResumeProofTests
{
    private const byte Operator = HelloFrame.OperatorFlag;

    private readonly MemoryServer _server;
    private readonly ProvingCaller _first;
    private readonly ulong _id;
    private readonly byte[] _token;

    protected ResumeProofTests(bool tls)
    {
        _server = new MemoryServer(ProvingCaller.Options with { Loops = 2, ResumeWindow = TimeSpan.FromSeconds(30) }, tls);
        _first = new ProvingCaller(_server);
        WelcomeFrame welcome = _first.Enter(Operator).Only(FrameType.Welcome).Welcome;
        (_id, _token) = (welcome.Session, welcome.Token.ToArray());
        _first.Caller.Say([.. WireFrame.Join("lobby"), .. Callers.Ping(1)]);
        _first.Caller.Frames();
    }

    private Session Session => Assert.IsType<Session>(_server.Context.Sessions.Find(_id));

    private int OtherLoop => 1 - Session.Home.Number;

    [Theory, InlineData(false), InlineData(true)]
    public void The_session_goes_on_after_a_proof_and_without_the_rights_of_before(bool isLost)
    {
        if (isLost)
        {
            _first.Caller.Client.Reset();
            _server.Run();
        }

        ServerConnection? before = Session.Connection;
        var again = new ProvingCaller(_server, loop: OtherLoop);
        Assert.Equal(1, again.SayHello(session: _id, token: _token, attempt: 2));
        Assert.Same(before, Session.Connection);

        again.Caller.Say(again.RightProve(1));
        WelcomeFrame welcome = again.Caller.Frames().Only(FrameType.Welcome).Welcome;
        Assert.True(welcome.IsResumed);
        Assert.Equal(ProvingCaller.RightCode.Server(again.Transcript(1)), welcome.Proofs.ToArray());
        Assert.NotSame(before, Session.Connection);
        Assert.False(Session.Connection!.IsOperator);
        if (!isLost)
        {
            Assert.Equal(DisconnectReason.Replaced, _first.Caller.Frames().LastWord());
        }
    }

    [Fact]
    public void Rights_are_proved_again_as_well()
    {
        Assert.True(Session.Connection!.IsOperator);
        var again = new ProvingCaller(_server, loop: OtherLoop);

        Assert.True(again.Enter(Operator, _id, _token, attempt: 2).Only(FrameType.Welcome).Welcome.IsResumed);
        Assert.True(Session.Connection!.IsOperator);
    }

    [Fact]
    public void A_token_of_a_session_does_not_replace_the_proof()
    {
        ServerConnection? before = Session.Connection;
        var eve = new ProvingCaller(_server, loop: OtherLoop);
        eve.SayHello(session: _id, token: _token, attempt: 2);
        eve.Caller.Say(Prover.Prove(1, new byte[32]));
        _server.Advance(ServerConnection.WrongProofTime);

        Assert.Equal(DisconnectReason.NotProved, eve.Caller.Frames().LastWord());
        Assert.Same(before, Session.Connection);
        Assert.True(before!.IsTalking);
    }

    [Fact]
    public void The_proof_does_not_replace_the_token_of_a_session()
    {
        ServerConnection? before = Session.Connection;
        var eve = new ProvingCaller(_server, loop: OtherLoop);

        Assert.Equal(DisconnectReason.NotProved, eve.Enter(session: _id, token: new byte[16], attempt: 2).LastWord());
        Assert.Same(before, Session.Connection);
    }

    [Fact]
    public void A_session_that_ends_while_its_client_proves_is_begun_anew()
    {
        var again = new ProvingCaller(_server, loop: OtherLoop);
        again.SayHello(session: _id, token: _token, attempt: 2);
        _first.Caller.Say(WireFrame.Goodbye());
        Assert.Null(_server.Context.Sessions.Find(_id));

        again.Caller.Say(again.RightProve(1));
        Assert.False(again.Caller.Frames().Only(FrameType.Welcome).Welcome.IsResumed);
    }

    [Fact]
    public void An_attempt_that_was_overtaken_while_it_proved_is_refused()
    {
        var slow = new ProvingCaller(_server, loop: OtherLoop);
        slow.SayHello(session: _id, token: _token, attempt: 2);
        var fast = new ProvingCaller(_server, loop: OtherLoop);
        fast.Enter(session: _id, token: _token, attempt: 3).Only(FrameType.Welcome);

        slow.Caller.Say(slow.RightProve(1));
        Assert.Equal(DisconnectReason.Replaced, slow.Caller.Frames().LastWord());
    }
}
