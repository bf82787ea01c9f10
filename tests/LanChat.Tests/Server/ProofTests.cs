using LanChat.Connections;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

public sealed class ProofOverPlainFrames() : ProofTests(tls: false);

public sealed class ProofOverTls() : ProofTests(tls: true);

/// <summary>What a server that wants proofs takes for one, over plain frames and over TLS.</summary>
public abstract class ProofTests(bool tls)
{
    private const byte Operator = HelloFrame.OperatorFlag;

    private readonly MemoryServer _server = new(ProvingCaller.Options, tls);

    private int Members => _server.Context.Sessions.Count;

    [Fact]
    public void The_code_lets_in_and_the_server_proves_that_it_has_it_too()
    {
        var ada = new ProvingCaller(_server);
        Assert.Equal(1, ada.SayHello());
        Assert.Equal(0, Members);

        ada.Caller.Say(ada.RightProve(1));
        WelcomeFrame welcome = ada.Caller.Frames().Single().Welcome;
        Assert.Equal(ProvingCaller.RightCode.Server(ada.Transcript(1)), welcome.Proofs.ToArray());
        Assert.False(Connection(welcome.Session).IsOperator);
    }

    [Fact]
    public void The_token_gives_operator_rights_and_each_side_proves_both()
    {
        var ada = new ProvingCaller(_server);
        Assert.Equal(3, ada.SayHello(Operator));
        ada.Caller.Say(ada.RightProve(3));

        WelcomeFrame welcome = ada.Caller.Frames().Single().Welcome;
        Assert.Equal([.. ProvingCaller.RightCode.Server(ada.Transcript(1)), .. ProvingCaller.RightToken.Server(ada.Transcript(2))], welcome.Proofs.ToArray());
        Assert.True(Connection(welcome.Session).IsOperator);
    }

    [Fact]
    public void Without_a_join_code_only_who_asks_for_rights_has_to_prove()
    {
        var server = new MemoryServer(ProvingCaller.Options with { JoinCode = null }, tls);
        server.Join("bo").Frames().Only(FrameType.Welcome);

        var ada = new ProvingCaller(server);
        Assert.Equal(2, ada.SayHello(Operator));
        ada.Caller.Say(ada.RightProve(2));
        Assert.Equal(ProvingCaller.RightToken.Server(ada.Transcript(2)), ada.Caller.Frames().Single().Welcome.Proofs.ToArray());
    }

    [Fact]
    public void Without_a_token_nobody_becomes_an_operator()
    {
        var ada = new ProvingCaller(new MemoryServer(ProvingCaller.Options with { OperatorToken = null }, tls));
        ada.Caller.Say(ada.Hello(Operator));

        Assert.Equal(DisconnectReason.NotProved, ada.Caller.Frames().LastWord());
    }

    [Fact]
    public void What_was_sent_before_the_proof_is_discarded_and_what_comes_behind_it_is_not()
    {
        var ada = new ProvingCaller(_server);
        ada.Caller.Say([.. ada.Hello(), .. WireFrame.Join("lobby"), .. Callers.Ping(1), .. WireFrame.Publish(1, 1, "early"), .. WireFrame.Bytes(new CommandFrame { Id = 1, Verb = "shutdown"u8 })]);
        Assert.Equal(1, ada.TakeChallenge());
        Assert.Empty(_server.Context.Rooms.Find("lobby")!.Who(out _));

        ada.Caller.Say([.. ada.RightProve(1), .. WireFrame.Join("lobby"), .. WireFrame.Publish(1, 1, "hello")]);
        Assert.Equal(["hello"], ada.Caller.Frames().Texts());
    }

    [Fact]
    public void Everything_may_come_byte_by_byte()
    {
        var ada = new ProvingCaller(_server);
        foreach (byte b in ada.Hello())
        {
            ada.Caller.Say([b]);
        }

        ada.TakeChallenge();
        foreach (byte b in (byte[])[.. Callers.Ping(7), .. ada.RightProve(1)])
        {
            ada.Caller.Say([b]);
        }

        ada.Caller.Frames().Only(FrameType.Welcome);
    }

    [Fact]
    public void A_wrong_proof_is_told_after_a_quarter_of_a_second_and_nothing_is_heard_meanwhile()
    {
        var eve = new ProvingCaller(_server);
        eve.ProveWrongly();
        eve.Caller.Say([.. eve.RightProve(1), .. WireFrame.Join("lobby"), .. eve.Hello()]);
        _server.Advance(ServerConnection.WrongProofTime - TimeSpan.FromMilliseconds(1));
        Assert.Empty(eve.Caller.Frames());

        _server.Advance(TimeSpan.FromMilliseconds(1));
        List<WireFrame> frames = eve.Caller.Frames();
        Assert.Equal(DisconnectReason.NotProved, frames.LastWord());
        Assert.Equal("the join code is wrong", System.Text.Encoding.UTF8.GetString(frames[^1].Bye.Text));
        Assert.Equal(0, Members);
        Assert.True(eve.Caller.IsClosed);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Proofs_for_other_things_than_were_asked_are_wrong(byte proved)
    {
        var eve = new ProvingCaller(_server);
        eve.SayHello();
        eve.Caller.Say(proved == 0 ? Prover.Prove(0) : eve.RightProve(proved));

        AssertRefused(eve);
    }

    [Fact]
    [HostileInput(13, "a member's proof as an operator's")]
    public void A_members_proof_is_no_operators_and_the_other_way_round()
    {
        var eve = new ProvingCaller(_server);
        eve.SayHello(Operator);
        byte[] proof = eve.Proof(ProvingCaller.RightCode, 1);
        eve.Caller.Say(Prover.Prove(3, proof, proof));
        AssertRefused(eve);

        // The code's key, but for the role of an operator; and a token's proof in the place of the code's.
        var mallory = new ProvingCaller(_server);
        mallory.SayHello(Operator);
        mallory.Caller.Say(Prover.Prove(3, mallory.Proof(ProvingCaller.RightCode, 1), mallory.Proof(ProvingCaller.RightCode, 2)));
        AssertRefused(mallory);

        var trent = new ProvingCaller(_server);
        trent.SayHello();
        trent.Caller.Say(Prover.Prove(1, trent.Proof(ProvingCaller.RightToken, 1)));
        AssertRefused(trent);
    }

    [Fact]
    [HostileInput(13, "a wrong operator token")]
    public void A_right_code_with_a_wrong_token_does_not_let_in()
    {
        var eve = new ProvingCaller(_server);
        eve.SayHello(Operator);
        eve.Caller.Say(Prover.Prove(3, eve.Proof(ProvingCaller.RightCode, 1), new byte[32]));

        AssertRefused(eve);
    }

    [Fact]
    [HostileInput(8)]
    public void A_proof_that_was_heard_on_another_connection_is_worth_nothing()
    {
        var ada = new ProvingCaller(_server);
        ada.SayHello();
        byte[] heard = ada.RightProve(1);
        ada.Caller.Say(heard);
        ada.Caller.Frames().Only(FrameType.Welcome);

        // With the very HELLO, its nonce included.
        var eve = new ProvingCaller(_server);
        eve.Caller.Say(ada.Hello());
        eve.TakeChallenge();
        eve.Caller.Say(heard);
        AssertRefused(eve);
    }

    [Fact]
    public void The_servers_own_proof_is_no_clients()
    {
        var eve = new ProvingCaller(_server);
        eve.SayHello();
        eve.Caller.Say(Prover.Prove(1, ProvingCaller.RightCode.Server(eve.Transcript(1))));

        AssertRefused(eve);
    }

    [Fact]
    public void Who_says_nothing_more_is_ended_with_the_deadline_of_HELLO()
    {
        var eve = new ProvingCaller(_server);
        eve.SayHello();
        _server.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(DisconnectReason.NotProved, eve.Caller.Frames().LastWord());
    }

    [Fact]
    public void Who_cannot_prove_may_say_goodbye()
    {
        var eve = new ProvingCaller(_server);
        eve.SayHello();
        eve.Caller.Say(WireFrame.Bytes(new ByeFrame { Code = (ushort)DisconnectReason.NotProved }));

        Assert.Empty(eve.Caller.Frames());
        Assert.True(eve.Caller.IsClosed);
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 3, 2, 1, 9 })]
    [InlineData(new byte[] { 0, 0, 0, 1, 2 })]
    public void Half_a_proof_is_a_violation(byte[] frame)
    {
        var eve = new ProvingCaller(_server);
        eve.SayHello();
        eve.Caller.Say(frame);

        Assert.Equal(DisconnectReason.ProtocolViolation, eve.Caller.Frames().LastWord());
    }

    [Fact]
    public void Frames_are_small_until_the_proof()
    {
        var eve = new ProvingCaller(_server);
        eve.SayHello();
        eve.Caller.Say([0, 0, 0x10, 1, 0x48]);

        Assert.Equal(DisconnectReason.FrameTooLarge, eve.Caller.Frames().LastWord());
    }

    [Fact]
    public void While_the_server_stops_no_proof_lets_in()
    {
        var ada = new ProvingCaller(_server);
        ada.SayHello();
        _server.Context.StartDraining();
        ada.Caller.Say(ada.RightProve(1));

        Assert.Equal(DisconnectReason.ServerStopping, ada.Caller.Frames().LastWord());
        Assert.Equal(0, Members);
    }

    [Fact]
    public void Whoever_waits_for_the_verdict_may_be_told_of_a_stop_and_may_go()
    {
        var eve = new ProvingCaller(_server);
        eve.ProveWrongly();
        OnlyConnection.End(DisconnectReason.ServerStopping);
        _server.Run();
        Assert.Equal(DisconnectReason.ServerStopping, eve.Caller.Frames().LastWord());

        var mallory = new ProvingCaller(_server);
        mallory.ProveWrongly();
        mallory.Caller.Client.Reset();
        _server.Run();
        _server.Advance(ServerConnection.FarewellTime);
        Assert.Equal(0, _server.Context.ConnectionCount);
    }

    private ServerConnection OnlyConnection => (ServerConnection)_server.Host.Loops[0].Loop.Connections.ToArray().Single();

    private ServerConnection Connection(ulong session) => Assert.IsType<ServerConnection>(_server.Context.Sessions.Find(session)?.Connection);

    private void AssertRefused(ProvingCaller caller)
    {
        int before = Members;
        Assert.Empty(caller.Caller.Frames());
        _server.Advance(ServerConnection.WrongProofTime);
        Assert.Equal(DisconnectReason.NotProved, caller.Caller.Frames().LastWord());
        Assert.Equal(before, Members);
    }
}
