using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Client;

public sealed class ClientProofReturnOverPlainFrames() : ClientProofReturnTests(isTls: false);

public sealed class ClientProofReturnOverTls() : ClientProofReturnTests(isTls: true);

/// <summary>A client that comes back proves again, with the keys that it has.</summary>
public abstract class ClientProofReturnTests(bool isTls)
{
    private static readonly byte[] ServerNonce = new byte[32];
    private static readonly ServerId Id = ScriptedServer.Identity.Id;

    private readonly ScriptedServers _servers = new(isTls) { Make = () => new ScriptedServer(isTls) { AnnouncedId = Id } };

    private ChatClientOptions Options => _servers.Options with { JoinCode = new JoinCode("7h3k-9qxa-pm2d-wz41") };

    [Fact]
    public async Task It_proves_at_every_connection_anew()
    {
        (ChatClient client, ScriptedServer first, byte[] nonce) = await StartAsync();
        first.Cut();

        ScriptedServer second = await _servers.NextAsync();
        byte[] other = await ProveAsync(second, resumed: true);
        Assert.NotEqual(nonce, other);
        await client.UntilAsync(ChatState.Connected);
        await client.StopAsync(new CancellationToken(true)).Soon();
    }

    [Theory]
    [InlineData("wrong code"), InlineData("no challenge"), InlineData("no proof")]
    public async Task When_the_code_has_changed_it_is_over_for_good(string how)
    {
        (ChatClient client, ScriptedServer first, _) = await StartAsync();
        first.Cut();
        ScriptedServer second = await _servers.NextAsync();
        byte[] nonce = await TakeHelloAsync(second);
        switch (how)
        {
            case "no challenge":
                second.SendWelcome(resumed: true);
                break;
            default:
                await TakeProofAsync(second);
                if (how == "no proof")
                {
                    second.SendWelcome(resumed: true, proofs: nonce);
                    break;
                }

                second.SendBye(DisconnectReason.NotProved, "the join code is wrong");
                break;
        }

        second.Cut();
        Assert.Equal(DisconnectReason.NotProved, await client.Completion.Soon());
        Assert.NotEmpty(client.DisconnectText);
        Assert.Equal((0, 2), (_servers.Time.TimerCount, _servers.Links));
    }

    [Fact]
    public async Task When_others_at_its_address_guessed_it_tries_again()
    {
        (ChatClient client, ScriptedServer first, _) = await StartAsync();
        first.Cut();
        ScriptedServer second = await _servers.NextAsync();
        await TakeHelloAsync(second);
        await TakeProofAsync(second);
        second.SendBye(DisconnectReason.TooFast, "wait");
        second.Cut();

        await ProveAsync(await _servers.NextAsync(), resumed: true);
        await client.UntilAsync(ChatState.Connected);
        await client.StopAsync(new CancellationToken(true)).Soon();
    }

    private async Task<(ChatClient Client, ScriptedServer Server, byte[] Nonce)> StartAsync()
    {
        Task<ChatClient> starting = _servers.StartAsync(Options).AsTask();
        ScriptedServer server = await _servers.NextAsync();
        byte[] nonce = await ProveAsync(server, resumed: false);
        ChatClient client = await starting.Soon();
        _servers.Follow(client);
        return (client, server, nonce);
    }

    // Returns the nonce of HELLO.
    private async Task<byte[]> ProveAsync(ScriptedServer server, bool resumed)
    {
        byte[] nonce = await TakeHelloAsync(server);
        await TakeProofAsync(server);
        byte[] proof = Prover.OfCode("7H3K-9QXA-PM2D-WZ41", Id).Server(Prover.Transcript(isTls ? Id : null, nonce, ServerNonce, 1, "ada"));
        server.SendWelcome(resumed: resumed, mailbox: resumed ? (9ul, JoinOutcome.Recovered, 1ul, 0ul) : default, proofs: proof);
        (await server.NextAnyAsync())!.Decode<PingFrame>();
        return nonce;
    }

    private static async Task<byte[]> TakeHelloAsync(ScriptedServer server) => (await server.NextAnyAsync())!.Decode<HelloFrame>().Nonce.ToArray();

    private static async Task TakeProofAsync(ScriptedServer server)
    {
        server.Send(new ChallengeFrame { Wanted = 1, Nonce = ServerNonce, ServerId = ScriptedServer.Bytes(Id) });
        (await server.NextAnyAsync())!.Decode<ProveFrame>();
    }
}
