using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using LanChat.Connections;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>TLS on the chat port over real sockets, pool and threads included.</summary>
public sealed class TlsSocketTests : IAsyncLifetime
{
    private ChatServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await StartAsync(new ChatServerOptions());

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    [HostileInput(37, "a peer with TLS 1.2 alone")]
    public async Task A_client_sees_the_servers_key_and_talks(SslProtocols version)
    {
        using WireClient ada = await WireClient.ConnectAsync(_server.EndPoint);
        SslClientAuthenticationOptions options = TestIdentity.ClientOptions(pin: _server.Id);
        options.EnabledSslProtocols = version;
        await ada.SecureAsync(options);
        Assert.Equal((version, "lanchat/1"), (ada.Tls!.SslProtocol, ada.Tls.NegotiatedApplicationProtocol.ToString()));

        await ada.SendAsync([.. WireFrame.Hello("ada"), .. WireFrame.Join("lobby")]);
        WireFrame welcome = await ada.ExpectAsync(FrameType.Welcome);
        Assert.Equal(_server.Id, new ServerId(welcome.Welcome.ServerId));
        await ada.ExpectAsync(FrameType.Joined);
        await ada.ExpectAsync(FrameType.Roster);
        await ada.SendAsync(WireFrame.Publish(1, 1, "hello"));
        WireFrame entry = await ada.UntilAsync(frame => frame.Type == FrameType.Entry && frame.Entry.Kind == EntryKind.Message);
        Assert.Equal("hello"u8.ToArray(), entry.Entry.Body.ToArray());
    }

    [Fact]
    public async Task Everybody_who_comes_back_at_once_gets_in()
    {
        await using ChatServer server = await StartAsync(new ChatServerOptions { MaxHandshakes = 2, HelloTimeout = TimeSpan.FromMinutes(1) });
        WireClient[] clients = await Task.WhenAll(Enumerable.Range(0, 100).Select(async i => (await WireClient.JoinAsync(server.EndPoint, $"member-{i}", tls: true)).Client));
        Assert.Equal(100, server.MemberCount);
        await clients[0].SendAsync(WireFrame.Publish(1, 1, "all here?"));
        foreach (WireClient client in clients)
        {
            await client.UntilAsync(frame => frame.Type == FrameType.Entry && frame.Entry.Kind == EntryKind.Message);
            client.Dispose();
        }
    }

    [Fact]
    public async Task A_stop_in_the_middle_of_handshakes_leaves_nothing()
    {
        ServerHost host = await ServerHost.ListenAsync(Options(new ChatServerOptions { MaxHandshakes = 4 }));
        byte[] hello = ClientHello();
        var callers = new List<WireClient>();
        for (int i = 0; i < 40; i++)
        {
            WireClient caller = await WireClient.ConnectAsync(host.EndPoint);
            callers.Add(caller);
            await caller.SendAsync(i % 2 == 0 ? hello : hello[..50]);
        }

        // Some have their answer, some are being computed, some are not accepted yet.
        await host.StopAsync(TimeSpan.FromSeconds(20)).WaitAsync(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);
        Assert.Equal(0, host.Context.ConnectionCount);
        Assert.True(host.Context.Handshakes.WhenIdleAsync().IsCompleted);
        foreach (WireClient caller in callers)
        {
            await caller.ReadToEndAsync();
            caller.Dispose();
        }
    }

    [Fact]
    public async Task A_storm_of_broken_handshakes_leaves_nothing()
    {
        ServerHost host = await ServerHost.ListenAsync(Options(new ChatServerOptions { MaxHandshakes = 4 }));
        int storm = TestLength.IsLong ? 5_000 : 300;
        await Parallel.ForAsync(0, storm, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancel }, async (i, _) =>
        {
            byte[] hello = ClientHello();
            using WireClient caller = await WireClient.ConnectAsync(host.EndPoint);
            switch (i % 5)
            {
                case 0:
                    // Gone, perhaps while it is being computed.
                    await caller.SendAsync(hello);
                    break;
                case 1:
                    await caller.SendAsync(hello);
                    caller.Socket.LingerState = new LingerOption(enable: true, seconds: 0);
                    break;
                case 2:
                    await caller.SendAsync(hello[..(1 + (i % (hello.Length - 1)))]);
                    caller.Socket.Shutdown(SocketShutdown.Send);
                    await caller.Socket.ReceiveAsync(new byte[100], Cancel);
                    break;
                case 3:
                    await caller.SendAsync([.. hello, .. WireFrame.Hello("eve")]);
                    await caller.ReadToEndAsync();
                    break;
                default:
                    await caller.SecureAsync(TestIdentity.ClientOptions());
                    await caller.SendAsync([.. WireFrame.Hello($"n{i}"), .. WireFrame.Goodbye()]);
                    await caller.ExpectAsync(FrameType.Welcome);
                    Assert.Null(await caller.ReadAsync());
                    break;
            }
        });

        Assert.True(SpinWait.SpinUntil(() => host.Context.ConnectionCount == 0, TimeSpan.FromSeconds(20)));
        await host.Context.Handshakes.WhenIdleAsync().WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        Assert.Equal(0, host.Context.Sessions.Count);
        await host.StopAsync(TimeSpan.Zero).WaitAsync(TimeSpan.FromSeconds(20), Cancel);
    }

    [Fact]
    public async Task Of_two_servers_on_ports_the_system_chose_one_has_the_kept_key()
    {
        var options = new ChatServerOptions { BindAddress = IPAddress.Loopback, Port = 0 };
        await using ChatServer first = await ChatServer.StartAsync(options, Cancel);
        await using ChatServer second = await ChatServer.StartAsync(options, Cancel);
        Assert.NotEqual(first.Id, second.Id);
        Assert.NotEqual(default, second.Id);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static ChatServerOptions Options(ChatServerOptions options) =>
        options with { BindAddress = IPAddress.Loopback, Port = 0, Loops = 2, Identity = TestIdentity.Shared, PublishRate = 0 };

    private static Task<ChatServer> StartAsync(ChatServerOptions options) => ChatServer.StartAsync(Options(options), Cancel);

    // What a client sends first.
    private static byte[] ClientHello()
    {
        (_, MemoryClient client) = new MemoryNetwork(TimeProvider.System).Connect();
        client.StartTls();
        byte[] hello = new byte[client.ToServer.Written];
        client.ToServer.Read(hello, out _);
        return hello;
    }
}
