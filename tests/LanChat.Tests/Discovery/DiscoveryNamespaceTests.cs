using System.Net;
using System.Net.Sockets;
using LanChat.Discovery;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Discovery;

/// <summary>Several machines, switches and odd interfaces, made of network namespaces; no machine has a default route unless a test says so. Skipped where they cannot be made.</summary>
public sealed class DiscoveryNamespaceTests : IAsyncDisposable
{
    private readonly VirtualNetwork _network;
    private readonly List<DiscoveryBeacon> _beacons = [];
    private readonly List<ServerIdentity> _identities = [];
    private readonly CancellationTokenSource _deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    public DiscoveryNamespaceTests()
    {
        Assert.SkipWhen(VirtualNetwork.WhyNot is not null, VirtualNetwork.WhyNot ?? "");
        _deadline.CancelAfter(TimeSpan.FromSeconds(120));
        _network = new VirtualNetwork();
        _network.AddSwitch("br1");
        _network.AddSwitch("br2");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (DiscoveryBeacon beacon in _beacons)
        {
            await beacon.DisposeAsync();
        }

        _identities.ForEach(identity => identity.Dispose());

        // The last beacon may have been awaited to its end on the thread of its own machine.
        await Task.Run(_network.Dispose);
        _deadline.Dispose();
    }

    [Theory]
    [InlineData("e1")]
    [InlineData("e2")]
    [InlineData(null)]
    [HostileInput(23, "no route")]
    public async Task A_server_with_two_cards_is_found_behind_both_wherever_its_default_route_goes(string? route)
    {
        NetworkNamespace server = AddMachine("s", ("e1", "br1", "10.1.0.1/24"), ("e2", "br2", "10.2.0.1/24"));
        NetworkNamespace first = AddMachine("a", ("e1", "br1", "10.1.0.2/24"));
        NetworkNamespace second = AddMachine("b", ("e1", "br2", "10.2.0.2/24"));
        if (route is not null)
        {
            VirtualNetwork.RouteTheRest(server, route);
        }

        DiscoveryBeacon beacon = Announce(server, "Den");

        Assert.Null(beacon.Problem);
        Assert.Equal(["e1", "e2", "lo"], beacon.Interfaces.Order(StringComparer.Ordinal));
        Assert.Equal(IPEndPoint.Parse("10.1.0.1:9090"), (await FindAsync(first)).EndPoints[0]);
        Assert.Equal(IPEndPoint.Parse("10.2.0.1:9090"), (await FindAsync(second)).EndPoints[0]);
    }

    [Fact]
    public async Task A_client_with_two_cards_finds_who_is_behind_either()
    {
        Announce(AddMachine("s", ("e1", "br1", "10.1.0.1/24")), "Den");
        Announce(AddMachine("t", ("e1", "br2", "10.2.0.1/24")), "Attic");
        NetworkNamespace client = AddMachine("a", ("e1", "br1", "10.1.0.2/24"), ("e2", "br2", "10.2.0.2/24"));

        Assert.Equal(["Attic", "Den"], (await FindAllAsync(client)).Select(server => server.Name));
    }

    [Fact]
    [HostileInput(25)]
    public async Task Machines_that_are_kept_apart_get_a_clear_answer_and_others_find_the_server()
    {
        NetworkNamespace server = _network.AddMachine("s");
        _network.Plug(server, "e1", "br1", "10.1.0.1/24", isIsolated: true);
        NetworkNamespace guest = _network.AddMachine("g");
        _network.Plug(guest, "e1", "br1", "10.1.0.2/24", isIsolated: true);
        NetworkNamespace resident = AddMachine("r", ("e1", "br1", "10.1.0.3/24"));
        Announce(server, "Den");

        ChatException nobody = await Assert.ThrowsAsync<ChatException>(
            () => FindAsync(guest, options => options with { FindTimeout = TimeSpan.FromSeconds(1.2) }));
        Assert.Contains("guest Wi-Fi", nobody.Message, StringComparison.Ordinal);
        Assert.Equal("Den", (await FindAsync(resident)).Name);
    }

    [Fact]
    [HostileInput(23, "only IPv6")]
    public async Task IPv6_alone_is_enough()
    {
        NetworkNamespace server = AddMachine("s", ("e1", "br1", "fe80::1/64"));
        NetworkNamespace client = AddMachine("a", ("e1", "br1", "fe80::2/64"));
        Announce(server, "Den");

        IPEndPoint endPoint = (await FindAsync(client)).EndPoints[0];
        Assert.True(endPoint.Address.IsIPv6LinkLocal);
        Assert.NotEqual(0, endPoint.Address.ScopeId);
    }

    [Fact]
    [HostileInput(23, "only loopback")]
    public async Task Loopback_alone_is_enough_on_one_machine()
    {
        NetworkNamespace machine = AddMachine("s");
        Announce(machine, "Den");

        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 9090), (await FindAsync(machine)).EndPoints[0]);
    }

    [Fact]
    public async Task A_server_for_its_own_machine_alone_is_found_by_no_neighbour()
    {
        NetworkNamespace server = AddMachine("s", ("e1", "br1", "10.1.0.1/24"));
        NetworkNamespace client = AddMachine("a", ("e1", "br1", "10.1.0.2/24"));
        Announce(server, "Den", options => options with { LoopbackOnly = true });

        // A program that shares the machine makes the group heard there.
        Announce(server, "Open");
        Assert.Equal(["Open"], (await FindAllAsync(client)).Select(found => found.Name));
        Assert.Equal(["Den", "Open"], (await FindAllAsync(server)).Select(found => found.Name));
    }

    [Fact]
    public async Task A_server_that_listens_on_one_address_is_found_at_that_one_alone()
    {
        NetworkNamespace server = AddMachine("s", ("e1", "br1", "10.1.0.1/24"), ("e2", "br2", "10.2.0.1/24"));
        NetworkNamespace neighbour = AddMachine("a", ("e1", "br1", "10.1.0.2/24"));
        NetworkNamespace other = AddMachine("b", ("e1", "br2", "10.2.0.2/24"));
        Announce(server, "Den", options => options with { BoundAddress = IPAddress.Parse("10.1.0.1") });

        Assert.Equal([IPEndPoint.Parse("10.1.0.1:9090")], (await FindAsync(neighbour)).EndPoints);
        Assert.Equal([IPEndPoint.Parse("10.1.0.1:9090")], (await FindAsync(server)).EndPoints);
        Assert.Empty(await FindAllAsync(other));
    }

    [Fact]
    [HostileInput(23, "a bridge of containers")]
    public async Task Inner_bridges_are_used_only_by_name()
    {
        NetworkNamespace server = AddMachine("s", ("docker0", "br1", "172.17.0.1/16"));
        NetworkNamespace client = AddMachine("a", ("e1", "br1", "172.17.0.2/16"));
        DiscoveryBeacon beacon = Announce(server, "Inner");
        Announce(server, "Named", options => options with { Interfaces = ["docker0"] });

        Assert.Equal(["lo"], beacon.Interfaces);
        Assert.Equal(["Named"], (await FindAllAsync(client)).Select(found => found.Name));
    }

    [Fact]
    public async Task A_server_whose_port_another_program_holds_is_found_by_its_announcement()
    {
        NetworkNamespace server = AddMachine("s", ("e1", "br1", "10.1.0.1/24"));
        NetworkNamespace client = AddMachine("a", ("e1", "br1", "10.1.0.2/24"));
        using Socket holder = server.Run(() =>
        {
            var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp) { DualMode = true };
            socket.Bind(new IPEndPoint(IPAddress.IPv6Any, BeaconLayout.DefaultPort));
            return socket;
        });
        Task<DiscoveredServer> find = FindAsync(client, options => options with { FindTimeout = TimeSpan.FromSeconds(60) });
        DiscoveryBeacon beacon = Announce(server, "Den");

        Assert.False(beacon.AnswersSolicits);
        Assert.Contains("held by another program", beacon.Problem, StringComparison.Ordinal);
        Assert.Equal("Den", (await find).Name);
    }

    [Fact]
    [HostileInput(23, "an interface comes, goes, changes")]
    public async Task Cards_that_come_and_go_while_browsing_are_followed()
    {
        Announce(AddMachine("s", ("e1", "br1", "10.1.0.1/24")), "Den");
        Announce(AddMachine("t", ("e1", "br2", "10.2.0.1/24")), "Attic");
        NetworkNamespace client = AddMachine("a");
        var seen = new List<string>();
        IAsyncEnumerator<DiscoveryEvent> changes = ServerBrowser.BrowseAsync(Browsing(client), _deadline.Token).GetAsyncEnumerator(_deadline.Token);
        ValueTask<bool> next = client.Run(changes.MoveNextAsync);
        _network.Plug(client, "e1", "br1", "10.1.0.2/24");
        while (await next)
        {
            seen.Add($"{changes.Current.GetType().Name} {changes.Current.Server.Name}");
            if (seen.Count == 1)
            {
                VirtualNetwork.Unplug(client, "e1");
                _network.Plug(client, "e2", "br2", "10.2.0.2/24");
            }
            else if (seen.Count == 2)
            {
                break;
            }

            next = client.Run(changes.MoveNextAsync);
        }

        await changes.DisposeAsync();
        Assert.Equal(["ServerFound Den", "ServerFound Attic"], seen);
    }

    [Fact]
    [HostileInput(23, "an interface comes, goes, changes")]
    public async Task A_server_follows_a_card_that_comes_later()
    {
        NetworkNamespace server = AddMachine("s");
        DiscoveryBeacon beacon = Announce(server, "Den");
        NetworkNamespace client = AddMachine("a", ("e1", "br1", "10.1.0.2/24"));
        Assert.Equal(["lo"], beacon.Interfaces);
        _network.Plug(server, "e1", "br1", "10.1.0.1/24");

        // Its questions come in on an interface that the server does not know, and make it look.
        Assert.Equal("Den", (await FindAsync(client, options => options with { FindTimeout = TimeSpan.FromSeconds(60) })).Name);
        Assert.Contains("e1", beacon.Interfaces);
    }

    private NetworkNamespace AddMachine(string name, params (string Card, string Bridge, string Address)[] cards)
    {
        NetworkNamespace machine = _network.AddMachine(name);
        foreach ((string card, string bridge, string address) in cards)
        {
            _network.Plug(machine, card, bridge, address);
        }

        return machine;
    }

    private DiscoveryBeacon Announce(NetworkNamespace machine, string name, Func<DiscoveryBeaconOptions, DiscoveryBeaconOptions>? change = null)
    {
        var identity = ServerIdentity.Create();
        _identities.Add(identity);
        var options = new DiscoveryBeaconOptions { Identity = identity, Name = name, TimeProvider = machine.Time };
        DiscoveryBeacon beacon = machine.Run(() => DiscoveryBeacon.Start(change?.Invoke(options) ?? options));
        _beacons.Add(beacon);
        return beacon;
    }

    private Task<DiscoveredServer> FindAsync(NetworkNamespace machine, Func<ServerBrowserOptions, ServerBrowserOptions>? change = null) =>
        machine.Run(() => ServerBrowser.FindAsync(change?.Invoke(Browsing(machine)) ?? Browsing(machine), _deadline.Token));

    private Task<IReadOnlyList<DiscoveredServer>> FindAllAsync(NetworkNamespace machine) =>
        machine.Run(() => ServerBrowser.FindAllAsync(TimeSpan.FromSeconds(1.2), Browsing(machine), _deadline.Token));

    private static ServerBrowserOptions Browsing(NetworkNamespace machine) => new() { TimeProvider = machine.Time, KnownServers = KnownServers.InMemory() };
}
