using System.Net;
using LanChat.Tests.Client;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.EndToEnd;

/// <summary>Client and server with a join code over real sockets, and somebody in between at the first contact.</summary>
public sealed class JoinCodeTests : IAsyncLifetime
{
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(30));
    private readonly RecordingLoggerFactory _log = new();
    private readonly JoinCode _code = JoinCode.Generate();
    private readonly OperatorToken _token = OperatorToken.Create();
    private readonly KnownServers _known = KnownServers.InMemory();
    private ChatServer _server = null!;

    private CancellationToken Deadline => _deadline.Token;

    private ChatClientOptions Options => new() { Name = "ada", KnownServers = _known, JoinCode = _code, ConnectTimeout = TimeSpan.FromSeconds(30) };

    public async ValueTask InitializeAsync() => _server = await ChatServer.StartAsync(
        new ChatServerOptions
        {
            Name = "Den",
            Announce = false,
            BindAddress = IPAddress.Loopback,
            Port = 0,
            Loops = 2,
            JoinCode = _code,
            OperatorToken = _token,
            LoggerFactory = _log,
        },
        Deadline);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _deadline.Dispose();
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Who_has_the_code_talks(bool plain)
    {
        await using ChatClient ada = await ChatClient.ConnectAsync(_server.EndPoint, Options with { Plaintext = plain }, Deadline);
        ChatRoom lobby = await ada.JoinAsync("lobby", Deadline);

        Assert.True((await lobby.SendAsync("hello", Deadline)).IsAccepted);
        Assert.False(ada.IsOperator);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Who_has_the_token_is_an_operator(bool plain)
    {
        await using ChatClient ada = await ChatClient.ConnectAsync(_server.EndPoint, Options with { Plaintext = plain, OperatorToken = _token }, Deadline);

        Assert.True(ada.IsOperator);
    }

    [Fact]
    public async Task Who_comes_back_proves_again_and_is_what_it_was()
    {
        await using var wire = new FaultyRelay(_server.EndPoint);
        await using ChatClient ada = await ChatClient.ConnectAsync(wire.EndPoint, Options with { OperatorToken = _token }, Deadline);
        ChatRoom lobby = await ada.JoinAsync("lobby", Deadline);
        IAsyncEnumerator<ChatStateChange> states = ada.ReadStatesAsync(Deadline).GetAsyncEnumerator(Deadline);
        await states.MoveNextAsync();
        foreach (RelayedConnection connection in wire.Open)
        {
            connection.Reset();
        }

        while (states.Current.State != ChatState.Reconnecting)
        {
            await states.MoveNextAsync();
        }

        Assert.True((await lobby.SendAsync("hello again", Deadline)).IsAccepted);
        Assert.True(ada.IsOperator);
        Assert.Equal(2, _log.Logger.Lines.Count(line => line.Text.Contains("has operator rights", StringComparison.Ordinal)));
        Assert.Equal(1, _server.MemberCount);
        await states.DisposeAsync();
    }

    [Theory]
    [InlineData(false, false), InlineData(false, true), InlineData(true, false), InlineData(true, true)]
    public async Task Who_has_another_or_none_does_not_come_in(bool plain, bool none)
    {
        ChatException refused = await RefusedAsync(_server.Address, Options with { Plaintext = plain, JoinCode = none ? null : Derived(JoinCode.Generate(), _server.Id) });

        Assert.True(refused.NeedsJoinCode);

        Assert.Contains("join code", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, _server.MemberCount);
        Assert.Empty(_known.All);
    }

    [Fact]
    [HostileInput(13, "a wrong operator token")]
    public async Task Another_servers_token_gives_nothing_not_even_a_place()
    {
        await RefusedAsync(_server.Address, Options with { OperatorToken = OperatorToken.Create() });

        Assert.Equal(0, _server.MemberCount);
    }

    [Fact]
    [HostileInput(9, "a relay with its own key, join code")]
    public async Task Somebody_in_between_who_passes_on_is_noticed_by_the_client_before_it_proves()
    {
        await using var relay = new Relay(_server.EndPoint);
        ChatException refused = await RefusedAsync(relay.Address, Options);

        Assert.Contains(relay.Id.Fingerprint, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_log.Logger.Lines, line => line.Text.Contains("did not prove", StringComparison.Ordinal));
        Assert.Equal(0, _server.MemberCount);
    }

    [Fact]
    public async Task Somebody_in_between_who_forges_the_id_gets_a_proof_that_the_server_does_not_take()
    {
        byte[] real = ScriptedServer.Bytes(_server.Id);
        Relay? relay = null;
        await using Relay forging = relay = new Relay(_server.EndPoint)
        {
            Forge = bytes =>
            {
                int at = bytes.Span.IndexOf(real);
                if (at >= 0)
                {
                    relay!.Id.WriteTo(bytes.Span[at..]);
                }
            },
        };
        Derived(_code, forging.Id);
        ChatException refused = await RefusedAsync(forging.Address, Options);

        Assert.Contains("the join code is wrong", refused.Message, StringComparison.Ordinal);
        Assert.Contains(_log.Logger.Lines, line => line.Text.Contains("did not prove", StringComparison.Ordinal));
        Assert.Equal(0, _server.MemberCount);
        Assert.Empty(_known.All);
    }

    [Fact]
    public async Task Somebody_who_only_poses_as_the_server_is_noticed_by_the_client()
    {
        await using var impostor = new TlsServer();
        ChatException refused = await RefusedAsync(impostor.Address, Options);

        Assert.Contains("does not ask for it", refused.Message, StringComparison.Ordinal);
        Assert.Empty(_known.All);
    }

    [Fact]
    public async Task The_log_shows_no_code()
    {
        await using (await ChatClient.ConnectAsync(_server.EndPoint, Options with { LoggerFactory = _log, OperatorToken = _token }, Deadline))
        {
            // Both sides log to the same place.
        }

        await RefusedAsync(_server.Address, Options with { LoggerFactory = _log, JoinCode = Derived(new JoinCode("open sesame"), _server.Id) });
        Assert.NotEmpty(_log.Logger.Lines);
        Assert.All(_log.Logger.Lines, line => Assert.All([_code.Text, "sesame"], secret => Assert.DoesNotContain(secret, line.Text, StringComparison.OrdinalIgnoreCase)));
    }

    // Beforehand, so that a busy machine does not come to the deadline of HELLO meanwhile.
    private static JoinCode Derived(JoinCode code, ServerId server)
    {
        code.KeysFor(server);
        return code;
    }

    private async Task<ChatException> RefusedAsync(ServerAddress address, ChatClientOptions options)
    {
        ChatException refused = await Assert.ThrowsAsync<ChatException>(() => ChatClient.ConnectAsync(address, options, Deadline).AsTask());
        Assert.Equal(DisconnectReason.NotProved, refused.Reason);
        return refused;
    }
}
