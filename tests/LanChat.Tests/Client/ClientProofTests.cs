using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Client;

public sealed class ClientProofOverPlainFrames() : ClientProofTests(isTls: false);

public sealed class ClientProofOverTls() : ClientProofTests(isTls: true);

/// <summary>What a client proves, and what it takes for a proof, over plain frames and over TLS.</summary>
public abstract class ClientProofTests
{
    private static readonly JoinCode Code = new("7h3k-9qxa-pm2d-wz41");
    private static readonly byte[] TokenBytes = [.. Enumerable.Range(0, 16).Select(i => (byte)i)];
    private static readonly OperatorToken Token = new(TokenBytes);
    private static readonly byte[] ServerNonce = [.. Enumerable.Range(64, 32).Select(i => (byte)i)];
    private static readonly ServerId Id = ScriptedServer.Identity.Id;
    private static readonly ChatClientOptions WithCode = new() { Name = "ada", JoinCode = Code, ConnectTimeout = TimeSpan.FromMinutes(1) };

    private readonly bool _isTls;
    private readonly ScriptedServer _server;
    private byte[] _clientNonce = [];

    protected ClientProofTests(bool isTls)
    {
        _isTls = isTls;
        _server = new ScriptedServer(isTls) { AnnouncedId = Id };
    }

    [Fact]
    public async Task It_proves_the_code_and_takes_a_welcome_that_proves_it_too()
    {
        Task<ChatClient> connecting = _server.ConnectAsync(WithCode).AsTask();
        Assert.Equal(0, await TakeHelloAsync());
        Challenge(1);
        Assert.Equal(RightCode.Client(Transcript(1)), await TakeProofsAsync(1));

        _server.SendWelcome(proofs: RightCode.Server(Transcript(1)));
        ChatClient client = await connecting.Soon();
        Assert.False(client.IsOperator);
        await StopAsync(client);
    }

    [Fact]
    public async Task With_a_token_it_asks_for_rights_and_has_them_as_long_as_the_connection_lasts()
    {
        Task<ChatClient> connecting = _server.ConnectAsync(WithCode with { OperatorToken = Token }).AsTask();
        Assert.Equal(HelloFrame.OperatorFlag, await TakeHelloAsync());
        Challenge(3);
        byte[] proofs = await TakeProofsAsync(3);
        Assert.Equal([.. RightCode.Client(Transcript(1)), .. RightToken.Client(Transcript(2))], proofs);

        _server.SendWelcome(proofs: [.. RightCode.Server(Transcript(1)), .. RightToken.Server(Transcript(2))]);
        ChatClient client = await connecting.Soon();
        Assert.True(client.IsOperator);
        _server.Cut();
        await client.Completion.Soon();
        Assert.False(client.IsOperator);
    }

    [Fact]
    public async Task A_server_that_asks_for_a_code_is_left_without_one_and_the_user_is_told_what_to_do()
    {
        ChatException refused = await RefusedAsync(new ChatClientOptions { Name = "ada" }, () => Challenge(1));

        Assert.True(refused.NeedsJoinCode);
        Assert.All(["join code", "--join-code", "JoinCode"], words => Assert.Contains(words, refused.Message, StringComparison.Ordinal));
        Assert.Equal(DisconnectReason.NotProved, (await _server.NextAsync())!.Bye);
    }

    [Fact]
    public async Task A_server_that_asks_for_rights_that_were_not_wanted_is_left()
    {
        await RefusedAsync(WithCode, () => Challenge(3));
        Assert.Equal(DisconnectReason.NotProved, (await _server.NextAsync())!.Bye);
    }

    [Theory, InlineData(0), InlineData(4), InlineData(5), InlineData(255)]
    public async Task A_proof_that_nobody_knows_is_not_given(byte wanted)
    {
        await RefusedAsync(WithCode, () => Challenge(wanted));
        Assert.Equal(DisconnectReason.NotProved, (await _server.NextAsync())!.Bye);
    }

    [Fact]
    public async Task With_a_code_a_welcome_without_a_challenge_is_not_used()
    {
        ChatException refused = await RefusedAsync(WithCode, () => _server.SendWelcome(proofs: new byte[32]));

        Assert.False(refused.NeedsJoinCode);
        Assert.Contains("does not ask for it", refused.Message, StringComparison.Ordinal);
        Assert.Equal(DisconnectReason.NotProved, (await _server.NextAsync())!.Bye);
        Assert.Empty(_server.Known.All);
    }

    [Fact]
    public async Task With_a_token_a_welcome_without_a_challenge_is_not_used()
    {
        await RefusedAsync(new ChatClientOptions { OperatorToken = Token }, () => _server.SendWelcome());
        Assert.Equal(DisconnectReason.NotProved, (await _server.NextAsync())!.Bye);
    }

    [Fact]
    public async Task A_challenge_for_less_than_was_brought_gets_nothing()
    {
        await RefusedAsync(WithCode with { OperatorToken = Token }, () => Challenge(2));
        Assert.Equal(DisconnectReason.NotProved, (await _server.NextAsync())!.Bye);
    }

    [Theory, InlineData("none"), InlineData("zeros"), InlineData("its own back"), InlineData("for another role"), InlineData("for another channel")]
    public async Task A_welcome_that_does_not_prove_the_code_is_not_used(string how)
    {
        Task<ChatClient> connecting = _server.ConnectAsync(WithCode).AsTask();
        await TakeHelloAsync();
        Challenge(1);
        byte[] proof = await TakeProofsAsync(1);
        _server.SendWelcome(proofs: how switch
        {
            "none" => null,
            "zeros" => new byte[32],
            "its own back" => proof,
            "for another role" => RightCode.Server(Transcript(2)),
            _ => RightCode.Server(Prover.Transcript(_isTls ? null : Id, _clientNonce, ServerNonce, 1, "ada")),
        });

        ChatException refused = await Assert.ThrowsAsync<ChatException>(() => connecting.Soon());
        Assert.Equal(DisconnectReason.NotProved, refused.Reason);
        Assert.False(refused.NeedsJoinCode);
        Assert.Contains("does not have the join code", refused.Message, StringComparison.Ordinal);
        Assert.Equal(DisconnectReason.NotProved, (await _server.NextAsync())!.Bye);
        Assert.Empty(_server.Known.All);
    }

    [Fact]
    public async Task A_right_proof_of_the_code_does_not_stand_for_one_of_the_token()
    {
        Task<ChatClient> connecting = _server.ConnectAsync(WithCode with { OperatorToken = Token }).AsTask();
        await TakeHelloAsync();
        Challenge(3);
        await TakeProofsAsync(3);
        _server.SendWelcome(proofs: [.. RightCode.Server(Transcript(1)), .. new byte[32]]);

        Assert.Equal(DisconnectReason.NotProved, (await Assert.ThrowsAsync<ChatException>(() => connecting.Soon())).Reason);
    }

    [Fact]
    public async Task A_server_that_says_in_its_challenge_that_it_is_another_is_left_without_a_proof()
    {
        // Inside TLS the key says who it is; on plain frames, what is known of the address.
        _server.Known.Remember(Id, "Den", KnownServers.KeyOf(_server.Address), isNamed: false, DateTimeOffset.UnixEpoch);
        ChatException refused = await RefusedAsync(WithCode, () => Challenge(1, new ServerId([.. Enumerable.Repeat((byte)0xAB, 32)])));

        Assert.Contains(Id.Fingerprint, refused.Message, StringComparison.Ordinal);
        Assert.Equal(DisconnectReason.NotProved, (await _server.NextAsync())!.Bye);
    }

    [Fact]
    public async Task A_second_challenge_is_a_violation()
    {
        Task<ChatClient> connecting = _server.ConnectAsync(WithCode).AsTask();
        await TakeHelloAsync();
        Challenge(1);
        await TakeProofsAsync(1);
        Challenge(1);

        Assert.Equal(DisconnectReason.ProtocolViolation, (await Assert.ThrowsAsync<ChatException>(() => connecting.Soon())).Reason);
    }

    [Fact]
    public async Task What_comes_while_the_keys_are_made_waits_for_them()
    {
        // A code that is derived for the first time; the frame behind the challenge is acted on only after PROVE.
        Task<ChatClient> connecting = _server.ConnectAsync(WithCode with { JoinCode = JoinCode.Generate() }).AsTask();
        await TakeHelloAsync();
        Challenge(1);
        _server.Send(new PingFrame { Opaque = 7 });
        await TakeProofsAsync(1);

        Assert.Equal(7ul, (await _server.NextAsync())!.Pong);
        _server.SendBye(DisconnectReason.NotProved, "the join code is wrong");
        _server.Cut();
        ChatException refused = await Assert.ThrowsAsync<ChatException>(() => connecting.Soon());
        Assert.True(refused.NeedsJoinCode);
        Assert.Contains("the join code is wrong", refused.Message, StringComparison.Ordinal);
    }

    private Prover RightCode => Prover.OfCode("7H3K-9QXA-PM2D-WZ41", Id);

    private static Prover RightToken { get; } = new(TokenBytes);

    private byte[] Transcript(byte role) => Prover.Transcript(_isTls ? Id : null, _clientNonce, ServerNonce, role, "ada");

    private async Task<byte> TakeHelloAsync()
    {
        Received hello = (await _server.NextAnyAsync())!;
        _clientNonce = hello.Decode<HelloFrame>().Nonce.ToArray();
        return hello.Decode<HelloFrame>().Flags;
    }

    private async Task<byte[]> TakeProofsAsync(byte wanted)
    {
        Received received = (await _server.NextAnyAsync())!;
        Assert.Equal(wanted, received.Decode<ProveFrame>().Wanted);
        return received.Decode<ProveFrame>().Proofs.ToArray();
    }

    private void Challenge(byte wanted, ServerId? id = null) =>
        _server.Send(new ChallengeFrame { Wanted = wanted, Nonce = ServerNonce, ServerId = ScriptedServer.Bytes(id ?? Id) });

    private async Task<ChatException> RefusedAsync(ChatClientOptions options, Action answer)
    {
        Task<ChatClient> connecting = _server.ConnectAsync(options).AsTask();
        await TakeHelloAsync();
        answer();
        ChatException refused = await Assert.ThrowsAsync<ChatException>(() => connecting.Soon());
        Assert.Equal(DisconnectReason.NotProved, refused.Reason);
        return refused;
    }

    private async Task StopAsync(ChatClient client)
    {
        Task stopping = client.StopAsync().AsTask();
        while (await _server.NextAsync() is not null)
        {
        }

        _server.Cut();
        await stopping.Soon();
    }
}
