using System.Net;
using System.Net.Sockets;
using System.Text;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Client;

public abstract class ClientConnectTests(bool isTls)
{
    private readonly ScriptedServer _server = new(isTls);

    [Fact]
    public async Task The_first_frame_is_HELLO_and_the_first_after_WELCOME_is_PING()
    {
        ValueTask<ChatClient> connecting = _server.ConnectAsync(new ChatClientOptions { Name = "åda" });
        CheckHello((await _server.NextAnyAsync())!);
        _server.SendWelcome("åda");
        await using ChatClient client = await connecting.Soon();

        Assert.Equal(FrameType.Ping, (await _server.NextAnyAsync())!.Type);
        Assert.Equal(("åda", "Den", "be kind", ChatState.Connected), (client.Name, client.ServerName, client.Welcome, client.State));
        Assert.False(client.Completion.IsCompleted);
        _server.Cut();

        static void CheckHello(Received received)
        {
            HelloFrame hello = received.Decode<HelloFrame>();
            Assert.Equal((1, 0, 0ul, 1u, 0ul), (hello.Version, hello.Flags, hello.Session, hello.Attempt, hello.After));
            Assert.Equal("åda", Encoding.UTF8.GetString(hello.Name));
            Assert.True(hello.Token.IndexOfAnyExcept((byte)0) < 0, "The token of a new session is zero.");
            Assert.True(hello.Nonce.IndexOfAnyExcept((byte)0) >= 0, "The nonce is random.");
        }
    }

    [Fact]
    public async Task A_client_without_a_name_goes_by_the_one_that_the_server_gives()
    {
        await using ChatClient client = await _server.WelcomeAsync(new ChatClientOptions(), name: "guest-7");

        Assert.Equal("guest-7", client.Name);
        _server.Cut();
    }

    [Fact]
    public async Task What_the_server_says_is_made_safe_to_print()
    {
        await using ChatClient client = await _server.WelcomeAsync(name: "a\u001b[2Jda");

        Assert.Equal("a\uFFFD[2Jda", client.Name);
        _server.Cut();
    }

    [Theory]
    [InlineData(DisconnectReason.NameInUse, "choose another")]
    [InlineData(DisconnectReason.BadName, "choose")]
    [InlineData(DisconnectReason.ServerFull, "full")]
    [InlineData(DisconnectReason.TooManyConnections, "too many connections")]
    [InlineData(DisconnectReason.Banned, "banned")]
    [InlineData(DisconnectReason.Version, "update")]
    [InlineData(DisconnectReason.PlaintextNotAccepted, "plaintext")]
    [InlineData(DisconnectReason.ServerStopping, "stopping")]
    [InlineData((DisconnectReason)99, "refused")]
    public async Task A_refusal_has_its_reason_and_says_what_to_do(DisconnectReason reason, string words)
    {
        ValueTask<ChatClient> connecting = _server.ConnectAsync();
        await _server.NextAnyAsync();
        _server.SendBye(reason, "because");

        ChatException refusal = await Assert.ThrowsAsync<ChatException>(() => connecting.Soon());

        Assert.Equal(reason, refusal.Reason);
        Assert.Contains("test:1", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("(because)", refusal.Message, StringComparison.Ordinal);
        Assert.True(_server.ClientStream.IsDisposed);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_server_that_goes_away_before_its_welcome_is_not_connected_to(bool hard)
    {
        ValueTask<ChatClient> connecting = _server.ConnectAsync();
        await _server.NextAnyAsync();
        _server.Cut(hard);

        ChatException refusal = await Assert.ThrowsAsync<ChatException>(() => connecting.Soon());

        Assert.Equal(DisconnectReason.ConnectionReset, refusal.Reason);
        Assert.StartsWith("cannot connect to test:1: ", refusal.Message, StringComparison.Ordinal);
        Assert.True(_server.ClientStream.IsDisposed);
    }

    [Fact]
    public async Task A_log_that_throws_keeps_nobody_out()
    {
        ChatClient client = await _server.WelcomeAsync(new ChatClientOptions { Name = "ada", LoggerFactory = new ThrowingLoggerFactory() });
        Assert.Equal(ChatState.Connected, client.State);
        _server.Cut();
        Assert.Equal(DisconnectReason.ConnectionReset, await client.Completion.Soon());
        Assert.True(_server.ClientStream.IsDisposed);
    }

    [Fact]
    public async Task A_port_that_speaks_something_else_is_recognised()
    {
        ValueTask<ChatClient> connecting = _server.ConnectAsync();
        await _server.NextAnyAsync();
        _server.SendBytes("HTTP/1.1 400 Bad Request\r\n\r\n"u8);
        Assert.Equal(DisconnectReason.FrameTooLarge, (await _server.NextAsync())!.Bye);
        _server.Cut();

        ChatException refusal = await Assert.ThrowsAsync<ChatException>(() => connecting.Soon());

        Assert.Contains("does not speak the LanChat protocol", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_frame_before_the_welcome_is_at_most_4_KiB_long()
    {
        ValueTask<ChatClient> connecting = _server.ConnectAsync();
        await _server.NextAnyAsync();
        _server.SendBytes([0, 0, 0x10, 1]);

        Assert.Equal(DisconnectReason.FrameTooLarge, (await _server.NextAsync())!.Bye);
        _server.Cut();
        await Assert.ThrowsAsync<ChatException>(() => connecting.Soon());
    }

    [Fact]
    public async Task A_server_that_asks_for_a_proof_is_left_with_code_12()
    {
        ValueTask<ChatClient> connecting = _server.ConnectAsync();
        await _server.NextAnyAsync();
        _server.Send(new ChallengeFrame { Wanted = 1, Nonce = new byte[32], ServerId = new byte[32] });
        Assert.Equal(DisconnectReason.NotProved, (await _server.NextAsync())!.Bye);
        _server.Cut();

        Assert.Equal(DisconnectReason.NotProved, (await Assert.ThrowsAsync<ChatException>(() => connecting.Soon())).Reason);
    }

    [Theory]
    [InlineData(0, 15_000u, 65_536u, 5ul)]
    [InlineData(1024, 99u, 65_536u, 5ul)]
    [InlineData(1024, 15_000u, 511u, 5ul)]
    [InlineData(1024, 15_000u, 65_536u, 0ul)]
    public async Task A_welcome_with_impossible_values_is_a_violation(int window, uint heartbeatMs, uint maxFrame, ulong session)
    {
        ValueTask<ChatClient> connecting = _server.ConnectAsync();
        await _server.NextAnyAsync();
        _server.SendWelcome("ada", window, heartbeatMs, maxFrame, session: session);
        Assert.Equal(DisconnectReason.ProtocolViolation, (await _server.NextAsync())!.Bye);
        _server.Cut();

        Assert.Equal(DisconnectReason.ProtocolViolation, (await Assert.ThrowsAsync<ChatException>(() => connecting.Soon())).Reason);
    }

    [Fact]
    public async Task Cancelling_gives_up_and_leaves_nothing_open()
    {
        using var cancel = new CancellationTokenSource();
        ValueTask<ChatClient> connecting = _server.ConnectAsync(cancellationToken: cancel.Token);
        await _server.NextAnyAsync();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.Soon());
        Assert.True(_server.ClientStream.IsDisposed);
    }

    [Fact]
    public async Task Nobody_listening_is_said_with_the_address()
    {
        using var bound = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)bound.LocalEndPoint!).Port;

        ChatException refusal = await Assert.ThrowsAsync<ChatException>(() => ChatClient.ConnectAsync("127.0.0.1", port, TestClient.Options).Soon());

        Assert.Equal(DisconnectReason.ConnectionReset, refusal.Reason);
        Assert.StartsWith($"cannot connect to 127.0.0.1:{port}: ", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_host_is_said_and_not_looked_up()
    {
        ChatException refusal = await Assert.ThrowsAsync<ChatException>(() => ChatClient.ConnectAsync("a\u001bb", 9090, TestClient.Options).Soon());

        Assert.Equal("cannot connect to a\uFFFDb:9090: no host can be called so", refusal.Message);
    }

    [Fact]
    public async Task It_connects_and_says_goodbye_over_TCP()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        ValueTask<ChatClient> connecting = ChatClient.ConnectAsync("localhost", ((IPEndPoint)listener.LocalEndpoint).Port, TestClient.Options with { Plaintext = true, TimeProvider = new FakeTimeProvider() });
        using TcpClient accepted = await listener.AcceptTcpClientAsync();
        NetworkStream stream = accepted.GetStream();
        var wire = new ScriptedServer(isTls: false);
        wire.SendWelcome();
        byte[] welcome = new byte[wire.SentBytes];
        await wire.ClientStream.ReadExactlyAsync(welcome);
        await stream.WriteAsync(welcome);
        ChatClient client = await connecting.Soon();

        Task stopping = client.StopAsync().Soon();
        using var received = new MemoryStream();
        await stream.CopyToAsync(received).Soon();
        accepted.Close();
        await stopping;

        Assert.Equal(DisconnectReason.Goodbye, await client.Completion);
        Assert.Equal((byte)FrameType.Bye, received.ToArray()[^(2 + 2 + "goodbye".Length + 1)]);
    }
}
