using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Discovery;

/// <summary>Real sockets, on loopback alone and on ports of our own, so that no server of this machine is in the way.</summary>
public sealed class LoopbackDiscoveryTests : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _started = [];
    private readonly List<ServerIdentity> _identities = [];
    private readonly int _port = FreePort();
    private readonly CancellationTokenSource _deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    public LoopbackDiscoveryTests() => _deadline.CancelAfter(TimeSpan.FromSeconds(60));

    private ServerBrowserOptions Options => new() { Port = _port, LoopbackOnly = true, KnownServers = KnownServers.InMemory(), FindTimeout = TimeSpan.FromSeconds(30) };

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable started in _started)
        {
            await started.DisposeAsync();
        }

        _identities.ForEach(identity => identity.Dispose());
        _deadline.Dispose();
    }

    [Fact]
    public async Task A_server_is_found_on_loopback()
    {
        DiscoveryBeacon beacon = await StartAsync("Den", 9001);
        var watch = Stopwatch.StartNew();
        await foreach (DiscoveryEvent change in ServerBrowser.BrowseAsync(Options, _deadline.Token))
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"found after {watch.Elapsed.TotalMilliseconds:F1} ms");
            DiscoveredServer server = Assert.IsType<ServerFound>(change).Server;
            Assert.Equal("Den", server.Name);
            Assert.Equal(new IPEndPoint(IPAddress.Loopback, 9001), server.EndPoints[0]);
            break;
        }

        Assert.True(beacon.AnswersSolicits);
        Assert.Null(beacon.Problem);
        Assert.Single(beacon.Interfaces);
    }

    [Fact]
    public async Task FindAsync_gives_the_only_server()
    {
        await StartAsync("Den", 9001);

        Assert.Equal("Den", (await ServerBrowser.FindAsync(Options, _deadline.Token)).Name);
    }

    [Fact]
    [HostileInput(24, "two servers and five clients on one machine")]
    public async Task Five_clients_and_three_servers_on_one_machine_all_find_all()
    {
        for (int i = 0; i < 3; i++)
        {
            await StartAsync($"server{i}", 9001 + i);
        }

        IReadOnlyList<string>[] found = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => FindNamesAsync(3)));

        Assert.All(found, names => Assert.Equal(["server0", "server1", "server2"], names));
    }

    [Fact]
    public async Task A_server_that_stops_is_lost_soon()
    {
        DiscoveryBeacon beacon = await StartAsync("Den", 9001);
        var changes = new List<DiscoveryEvent>();
        await foreach (DiscoveryEvent change in ServerBrowser.BrowseAsync(Options, _deadline.Token))
        {
            changes.Add(change);
            if (change is ServerFound)
            {
                await beacon.StopAsync();
            }
            else if (change is ServerLost)
            {
                break;
            }
        }

        Assert.Equal(ServerLostReason.SaidGoodbye, Assert.IsType<ServerLost>(changes[^1]).Reason);
    }

    [Fact]
    [HostileInput(24, "the discovery port taken by another program")]
    public async Task A_server_whose_port_another_program_holds_says_so()
    {
        using var holder = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ExclusiveAddressUse = true };
        holder.Bind(new IPEndPoint(IPAddress.Any, _port));
        DiscoveryBeacon beacon = await StartAsync("Den", 9001);

        Assert.False(beacon.AnswersSolicits);
        Assert.Contains("held by another program", beacon.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_there_is_an_error_that_says_what_to_check()
    {
        ChatException nobody = await Assert.ThrowsAsync<ChatException>(
            () => ServerBrowser.FindAsync(Options with { FindTimeout = TimeSpan.FromMilliseconds(200) }, _deadline.Token));

        Assert.Contains("firewall", nobody.Message, StringComparison.Ordinal);
        Assert.Contains($"UDP port {_port} ", nobody.Message, StringComparison.Ordinal);
        Assert.Contains("--server HOST", nobody.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Known_servers_that_cannot_be_read_are_an_error_of_the_search_and_not_of_the_call()
    {
        using var directory = new TemporaryDirectory();
        ServerBrowserOptions options = Options with { KnownServers = new KnownServers(directory.Path) };
        Task<IReadOnlyList<DiscoveredServer>> search = ServerBrowser.FindAllAsync(options: options, cancellationToken: _deadline.Token);
        IAsyncEnumerable<DiscoveryEvent> changes = ServerBrowser.BrowseAsync(options, _deadline.Token);

        await Assert.ThrowsAsync<ChatException>(() => search);
        await Assert.ThrowsAsync<ChatException>(async () => await changes.GetAsyncEnumerator(_deadline.Token).MoveNextAsync());
    }

    [Fact]
    public async Task Cancelling_ends_the_browsing()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(_deadline.Token);
        await StartAsync("Den", 9001);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (DiscoveryEvent change in ServerBrowser.BrowseAsync(Options, cancel.Token))
            {
                await cancel.CancelAsync();
            }
        });
    }

    private async Task<IReadOnlyList<string>> FindNamesAsync(int count)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (DiscoveryEvent change in ServerBrowser.BrowseAsync(Options, _deadline.Token))
        {
            names.Add(change.Server.Name);
            if (names.Count == count)
            {
                break;
            }
        }

        return [.. names];
    }

    private async Task<DiscoveryBeacon> StartAsync(string name, int chatPort)
    {
        var identity = ServerIdentity.Create();
        _identities.Add(identity);
        DiscoveryBeacon beacon = await DiscoveryBeacon.StartAsync(
            new DiscoveryBeaconOptions { Identity = identity, Name = name, ChatPort = chatPort, Port = _port, LoopbackOnly = true }, _deadline.Token);
        _started.Add(beacon);
        return beacon;
    }

    internal static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp) { DualMode = true };
        socket.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
