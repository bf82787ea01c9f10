using System.Net;
using System.Net.NetworkInformation;
using LanChat.Discovery;
using Xunit;

namespace LanChat.Tests.Discovery;

/// <summary>Which interfaces are used, what reaches everyone on them, and who is a neighbour.</summary>
public sealed class NetworkCardTests
{
    private static readonly NetworkCard Loopback = new("lo", 1, IsLoopback: true, [Own("127.0.0.1", 8), Own("::1", 128)]);
    private static readonly NetworkCard Ethernet = new("eth0", 2, IsLoopback: false, [Own("10.1.2.3", 20), Own("fe80::5", 64), Own("2001:db8::5", 64)]);

    [Theory]
    [InlineData("10.1.2.3", 20, "10.1.15.255")]
    [InlineData("10.1.2.3", 24, "10.1.2.255")]
    [InlineData("192.0.2.129", 30, "192.0.2.131")]
    [InlineData("127.0.0.1", 8, "127.255.255.255")]
    [InlineData("192.0.2.1", 31, null)]
    [InlineData("192.0.2.1", 32, null)]
    [InlineData("fe80::1", 64, null)]
    public void The_broadcast_address_comes_from_address_and_prefix(string address, int prefix, string? broadcast) =>
        Assert.Equal(broadcast, Own(address, prefix).Broadcast?.ToString());

    [Theory]
    [InlineData("10.1.15.1", 2, true)]
    [InlineData("10.1.16.1", 2, false)]
    [InlineData("10.1.2.3", 1, true)]
    [InlineData("127.0.0.1", 1, true)]
    [InlineData("fe80::77%2", 2, true)]
    [InlineData("2001:db8::77", 2, true)]
    [InlineData("2001:db8:0:1::77", 2, false)]
    [InlineData("10.1.15.1", 3, false)]
    public void A_neighbour_came_in_on_an_interface_of_ours_and_is_on_a_network_of_ours(string source, int index, bool isNeighbour)
    {
        Assert.Equal(isNeighbour, NetworkCard.IsNeighbour([Loopback, Ethernet], IPAddress.Parse(source), index, out bool isKnown));
        Assert.Equal(index < 3, isKnown);
    }

    [Theory]
    [InlineData("10.1.2.4", 1)]
    [InlineData("10.1.2.4", 2)]
    [InlineData("fe80::77", 1)]
    [InlineData("127.0.0.1", 2)]
    public void For_loopback_alone_only_loopback_counts(string source, int index) =>
        Assert.False(NetworkCard.IsNeighbour([Loopback], IPAddress.Parse(source), index, out _));

    [Theory]
    [InlineData("eth0", NetworkInterfaceType.Ethernet, true)]
    [InlineData("wlan0", NetworkInterfaceType.Wireless80211, true)]
    [InlineData("Ethernet 2", NetworkInterfaceType.Ethernet, true)]
    [InlineData("br0", NetworkInterfaceType.Ethernet, true)]
    [InlineData("docker0", NetworkInterfaceType.Ethernet, false)]
    [InlineData("br-0123456789ab", NetworkInterfaceType.Ethernet, false)]
    [InlineData("veth12", NetworkInterfaceType.Ethernet, false)]
    [InlineData("virbr0", NetworkInterfaceType.Ethernet, false)]
    [InlineData("vEthernet (WSL)", NetworkInterfaceType.Ethernet, false)]
    [InlineData("utun3", NetworkInterfaceType.Unknown, false)]
    [InlineData("tun0", NetworkInterfaceType.Unknown, false)]
    [InlineData("tap0", NetworkInterfaceType.Ethernet, false)]
    [InlineData("wg0", NetworkInterfaceType.Unknown, false)]
    [InlineData("tailscale0", NetworkInterfaceType.Unknown, false)]
    [InlineData("x", NetworkInterfaceType.Tunnel, false)]
    [InlineData("x", NetworkInterfaceType.Ppp, false)]
    [InlineData("lo", NetworkInterfaceType.Loopback, true)]
    public void Tunnels_and_inner_bridges_are_not_used_unless_they_are_named(string name, NetworkInterfaceType kind, bool isUsed)
    {
        Assert.Equal(isUsed, new CardFilter([], LoopbackOnly: false).Accepts(name, kind));
        Assert.True(new CardFilter([name], LoopbackOnly: false).Accepts(name, kind));
        Assert.Equal(kind == NetworkInterfaceType.Loopback, new CardFilter(["other"], LoopbackOnly: false).Accepts(name, kind));
        Assert.Equal(kind == NetworkInterfaceType.Loopback, new CardFilter([name], LoopbackOnly: true).Accepts(name, kind));
    }

    [Theory]
    [InlineData(null, true, true, true)]
    [InlineData("::", true, true, true)]
    [InlineData("0.0.0.0", true, true, false)]
    [InlineData("10.1.2.3", true, false, false)]
    [InlineData("fe80::5", false, false, true)]
    public void A_server_is_announced_only_where_it_listens(string? bound, bool first, bool second, bool third)
    {
        var filter = new CardFilter([], LoopbackOnly: false, bound is null ? null : IPAddress.Parse(bound));

        Assert.Equal((first, second, third), (filter.Accepts(IPAddress.Parse("10.1.2.3")), filter.Accepts(IPAddress.Parse("10.9.9.9")), filter.Accepts(IPAddress.Parse("fe80::5%2"))));
    }

    [Fact]
    public void What_is_wrong_with_the_interfaces_is_said()
    {
        Assert.Null(new CardFilter([], LoopbackOnly: false).FindProblem([Loopback]));
        Assert.Null(new CardFilter(["ETH0"], LoopbackOnly: false).FindProblem([Loopback, Ethernet]));
        Assert.Contains("eth1", new CardFilter(["eth0", "eth1"], LoopbackOnly: false).FindProblem([Loopback, Ethernet]), StringComparison.Ordinal);
        Assert.Contains("127.0.0.1", new CardFilter([], LoopbackOnly: true, IPAddress.IPv6Loopback).FindProblem([Loopback with { Addresses = [Own("::1", 128)] }]), StringComparison.Ordinal);
        Assert.NotNull(new CardFilter([], LoopbackOnly: false).FindProblem([]));
    }

    [Fact]
    public void This_machines_loopback_is_found()
    {
        NetworkCard card = Assert.Single(new CardFilter([], LoopbackOnly: true).Find());

        Assert.True(card.IsLoopback);
        Assert.Contains(card.Addresses, own => own.Address.Equals(IPAddress.Loopback));
        Assert.Equal(card, new CardFilter([], LoopbackOnly: true).Find()[0]);
    }

    private static CardAddress Own(string address, int prefix) => new(IPAddress.Parse(address), prefix);
}
