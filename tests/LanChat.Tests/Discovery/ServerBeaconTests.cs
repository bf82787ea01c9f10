using System.Net;
using System.Net.Sockets;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Discovery;

/// <summary>A server that announces itself: from its start to its stop, on real sockets on loopback.</summary>
public sealed class ServerBeaconTests : IAsyncDisposable
{
    private readonly int _port = LoopbackDiscoveryTests.FreePort();
    private readonly CancellationTokenSource _deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private ChatServer? _server;

    public ServerBeaconTests() => _deadline.CancelAfter(TimeSpan.FromSeconds(60));

    private ChatServerOptions Options =>
        new() { Name = "Den", Topic = "tea", BindAddress = IPAddress.Loopback, Port = 0, Loops = 1, DiscoveryPort = _port, MaxMembers = 20, StopTimeout = TimeSpan.Zero };

    private ServerBrowserOptions Browsing => new() { Port = _port, LoopbackOnly = true, KnownServers = KnownServers.InMemory(), FindTimeout = TimeSpan.FromSeconds(30) };

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _deadline.Dispose();
    }

    [Fact]
    public async Task A_server_is_found_under_its_name_with_its_members_and_connected_to()
    {
        _server = await StartWithDatagramsAsync();
        DiscoveredServer found = await ServerBrowser.FindAsync(Browsing, _deadline.Token);

        Assert.Equal(("Den", "tea", 0, 20), (found.Name, found.Topic, found.Members, found.MaxMembers));
        Assert.Equal(_server.EndPoint, found.EndPoints[0]);
        Assert.Equal(_server.EndPoint.Port, found.UdpPort);

        using var caller = new TcpClient();
        await caller.ConnectAsync(found.EndPoints[0], _deadline.Token);
        Assert.True(caller.Connected);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Whether_it_wants_a_join_code_is_told(bool wants)
    {
        _server = await ChatServer.StartAsync(Options with { JoinCode = wants ? JoinCode.Generate() : null }, _deadline.Token);

        Assert.Equal(wants, (await ServerBrowser.FindAsync(Browsing, _deadline.Token)).NeedsJoinCode);
    }

    [Fact]
    public async Task Who_comes_is_counted_and_the_stop_is_told()
    {
        _server = await ChatServer.StartAsync(Options, _deadline.Token);
        LineCaller? caller = null;
        DiscoveryEvent? last = null;
        await foreach (DiscoveryEvent change in ServerBrowser.BrowseAsync(Browsing, _deadline.Token))
        {
            last = change;
            if (change is ServerFound)
            {
                caller = await LineCaller.ConnectAsync(_server.EndPoint.Port);
                await caller.SayAsync("ada");
            }
            else if (change is ServerUpdated { Server.Members: 1 })
            {
                await _server.StopAsync();
            }
            else if (change is ServerLost)
            {
                break;
            }
        }

        Assert.Equal(ServerLostReason.SaidGoodbye, Assert.IsType<ServerLost>(last).Reason);
        await caller!.DisposeAsync();
    }

    [Fact]
    public async Task A_server_that_is_not_to_be_announced_is_not()
    {
        _server = await ChatServer.StartAsync(Options with { Announce = false }, _deadline.Token);

        Assert.Null(_server.Beacon);
        Assert.Empty(await ServerBrowser.FindAllAsync(TimeSpan.FromMilliseconds(400), Browsing, _deadline.Token));
    }

    [Fact]
    public async Task A_server_whose_beacon_is_not_heard_serves_all_the_same_and_says_so()
    {
        using var holder = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ExclusiveAddressUse = true };
        holder.Bind(new IPEndPoint(IPAddress.Any, _port));
        _server = await ChatServer.StartAsync(Options, _deadline.Token);

        Assert.False(_server.Beacon!.AnswersSolicits);
        Assert.NotNull(_server.Beacon.Problem);
        Assert.NotEqual(0, _server.EndPoint.Port);
    }

    [Fact]
    public async Task After_a_restart_the_same_server_is_announced_with_a_higher_epoch()
    {
        using var directory = new TemporaryDirectory();
        DiscoveredServer before = await FindOnceAsync();
        DiscoveredServer after = await FindOnceAsync();

        Assert.Equal(before.Id, after.Id);
        Assert.InRange(after.Epoch, before.Epoch + 1, uint.MaxValue);

        async Task<DiscoveredServer> FindOnceAsync()
        {
            using ServerIdentity identity = ServerIdentity.LoadOrCreate(directory.Path);
            await using ChatServer server = await ChatServer.StartAsync(Options with { Identity = identity }, _deadline.Token);
            return await ServerBrowser.FindAsync(Browsing, _deadline.Token);
        }
    }

    // The number of a server's port may be somebody else's in UDP. Then it says so, and the next one gets another.
    private async Task<ChatServer> StartWithDatagramsAsync()
    {
        const int MaxAttempts = 20;
        for (int attempt = 1; ; attempt++)
        {
            var log = new RecordingLoggerFactory();
            ChatServer server = await ChatServer.StartAsync(Options with { LoggerFactory = log }, _deadline.Token);
            string refusal = $"UDP port {server.EndPoint.Port} is not to be had";
            if (attempt == MaxAttempts || !log.Logger.Lines.Any(line => line.Text.StartsWith(refusal, StringComparison.Ordinal)))
            {
                return server;
            }

            await server.DisposeAsync();
        }
    }
}
