using System.Net.Security;
using System.Security.Authentication;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Client;

/// <summary>TLS over real sockets: with servers that speak it, with others that do not, and with somebody in between.</summary>
public sealed class ClientTlsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly KnownServers _known = KnownServers.InMemory();

    private ChatClientOptions Options => new() { Name = "ada", KnownServers = _known, TimeProvider = _time };

    [Theory, InlineData(SslProtocols.Tls12), InlineData(SslProtocols.Tls13)]
    [HostileInput(37, "a peer with TLS 1.2 alone")]
    public async Task It_connects_and_says_goodbye(SslProtocols protocols)
    {
        Assert.SkipWhen(OperatingSystem.IsMacOS() && protocols == SslProtocols.Tls13, "macOS has no server for it.");
        await using var server = new TlsServer { Protocols = protocols };
        ChatClient client = await ChatClient.ConnectAsync(server.EndPoint, Options).Soon();
        Assert.Equal((server.Identity.Id, ServerTrust.New, true), (client.ServerId, client.Trust, client.IsEncrypted));

        await client.StopAsync().Soon();
        Assert.Equal(DisconnectReason.Goodbye, await client.Completion);
        byte[] heard = await server.Heard.Soon();
        Assert.Equal((byte)FrameType.Bye, heard[^(2 + 2 + "goodbye".Length + 1)]);
        Assert.Equal("lanchat", server.TargetHost);
        Assert.Equal(ServerTrust.Known, (await ConnectAndStopAsync(server.Address)).Trust);
    }

    [Fact]
    public async Task Our_last_record_is_BYE_and_no_alert_for_which_TLS_would_not_wait_for_the_read_loop()
    {
        // In TLS 1.2 the kind of a record can be seen from outside.
        using var identity = ServerIdentity.Create();
        var raw = new TaskCompletionSource<byte[]>();
        await using var port = new TestPort(async (stream, token) =>
        {
            var tap = new TapStream(stream);
            await using SslStream tls = await TlsServer.AuthenticateAsync(tap, identity, SslProtocols.Tls12, "lanchat/1", token);
            byte[] bytes = new byte[4096];
            await tls.ReadAtLeastAsync(bytes, 1, cancellationToken: token);
            await tls.WriteAsync(TlsServer.Welcome(identity.Id), token);
            await tls.CopyToAsync(Stream.Null, token);
            raw.SetResult(tap.BytesRead);
        });
        await using (await ChatClient.ConnectAsync(port.EndPoint, Options).Soon())
        {
            // Disposing says goodbye.
        }

        byte[] received = await raw.Task.Soon();
        byte lastRecord = 0;
        for (int at = 0; at < received.Length; at += 5 + (received[at + 3] << 8) + received[at + 4])
        {
            lastRecord = received[at];
        }

        const byte ApplicationData = 23;
        Assert.Equal(ApplicationData, lastRecord);
    }

    [Fact]
    public async Task Who_speaks_TLS_for_something_else_hears_no_word()
    {
        await using var server = new TlsServer { Application = null };
        ChatException refused = await Assert.ThrowsAsync<ChatException>(() => ChatClient.ConnectAsync(server.Address, Options).Soon());

        Assert.Contains("something else", refused.Message, StringComparison.Ordinal);
        Assert.Empty(await server.Heard.Soon());
        Assert.Empty(_known.All);
    }

    [Fact]
    public async Task Who_knows_only_other_protocols_in_TLS_is_no_server_of_ours()
    {
        await using var server = new TlsServer { Application = "h2" };

        AssertNotTls(await Assert.ThrowsAsync<ChatException>(() => ChatClient.ConnectAsync(server.Address, Options).Soon()));
    }

    [Theory, InlineData(""), InlineData("\u0016\u0003"), InlineData("HTTP/1.1 400 Bad Request\r\n\r\n"), InlineData("220 mail.example ESMTP\r\n")]
    public async Task A_port_without_TLS_is_recognised(string answer)
    {
        await using var port = new TestPort(async (stream, token) =>
        {
            await stream.ReadAtLeastAsync(new byte[4096], 1, cancellationToken: token);
            await stream.WriteAsync(ScriptedServer.Utf8(answer), token);
            stream.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
            await stream.CopyToAsync(Stream.Null, token);
        });

        AssertNotTls(await Assert.ThrowsAsync<ChatException>(() => ChatClient.ConnectAsync(port.EndPoint, Options).Soon()));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_handshake_that_never_ends_is_left(bool isCancelled)
    {
        var begun = new TaskCompletionSource();
        var left = new TaskCompletionSource();
        await using var port = new TestPort(async (stream, token) =>
        {
            await stream.ReadAtLeastAsync(new byte[4096], 1, cancellationToken: token);
            begun.SetResult();
            try
            {
                await stream.CopyToAsync(Stream.Null, token);
            }
            finally
            {
                left.SetResult();
            }
        });
        using var cancel = new CancellationTokenSource();
        Task<ChatClient> connecting = ChatClient.ConnectAsync(port.EndPoint, Options, cancel.Token).AsTask();
        await begun.Task.Soon();
        if (isCancelled)
        {
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.Soon());
        }
        else
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            ChatException refused = await Assert.ThrowsAsync<ChatException>(() => connecting.Soon());
            Assert.EndsWith("it took the connection, but does not answer in TLS within 5 s", refused.Message, StringComparison.Ordinal);
        }

        await left.Task.Soon();
        Assert.Equal(0, _time.TimerCount);
    }

    [Theory, InlineData(false), InlineData(true)]
    [HostileInput(9, "a relay with its own key, pinned server")]
    public async Task Somebody_in_between_hears_no_word_of_a_known_or_named_server(bool byLink)
    {
        await using var server = new TlsServer();
        await using var relay = new Relay(server.EndPoint);
        ServerAddress address = relay.Address;
        if (byLink)
        {
            address = address with { Id = server.Identity.Id };
        }
        else
        {
            _known.Remember(server.Identity.Id, "Den", KnownServers.KeyOf(address), isNamed: false, DateTimeOffset.UnixEpoch);
        }

        ChatException refused = await Assert.ThrowsAsync<ChatException>(() => ChatClient.ConnectAsync(address, Options).Soon());

        Assert.Equal(DisconnectReason.NotProved, refused.Reason);
        Assert.Contains(relay.Id.Fingerprint, refused.Message, StringComparison.Ordinal);
        await relay.Left.Soon();
        Assert.Equal((1, 0, 0), (relay.Callers, relay.BytesHeard, server.Callers));
    }

    [Fact]
    [HostileInput(9, "a relay with its own key, open room")]
    public async Task Somebody_in_between_who_only_passes_on_is_noticed_at_the_first_contact_too()
    {
        await using var server = new TlsServer();
        await using var relay = new Relay(server.EndPoint);

        ChatException refused = await Assert.ThrowsAsync<ChatException>(() => ChatClient.ConnectAsync(relay.Address, Options).Soon());

        Assert.Equal(DisconnectReason.NotProved, refused.Reason);
        Assert.All([relay.Id.Fingerprint, server.Identity.Id.Fingerprint], words => Assert.Contains(words, refused.Message, StringComparison.Ordinal));
        Assert.Empty(_known.All);
    }

    private static void AssertNotTls(ChatException refused)
    {
        Assert.Equal(DisconnectReason.ConnectionReset, refused.Reason);
        Assert.Contains("does not answer in TLS", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--plain", refused.Message, StringComparison.Ordinal);
    }

    private async Task<ChatClient> ConnectAndStopAsync(ServerAddress address)
    {
        ChatClient client = await ChatClient.ConnectAsync(address, Options).Soon();
        await client.StopAsync().Soon();
        return client;
    }
}
