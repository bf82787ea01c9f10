using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace LanChat.Discovery;

/// <summary>Chooses the network interfaces that discovery uses: loopback, and those that lead to neighbours.</summary>
/// <param name="Names">The only names to use besides loopback; empty for all that are no tunnels or inner bridges.</param>
/// <param name="LoopbackOnly">Whether nothing else than loopback is used.</param>
/// <param name="BoundAddress">The only address that can be connected to; null, or the "any" of IPv6, when all can. The "any" of IPv4 is every address of IPv4.</param>
internal sealed record CardFilter(IReadOnlyList<string> Names, bool LoopbackOnly, IPAddress? BoundAddress = null)
{
    /// <summary>How the names of interfaces begin behind which there are containers, virtual machines or the far end of a tunnel, but no neighbours.</summary>
    private static readonly string[] InnerNames = ["docker0", "br-", "veth", "virbr", "vEthernet", "utun", "tun", "tap", "wg", "tailscale"];

    /// <summary>Finds the interfaces to use now.</summary>
    /// <exception cref="NetworkInformationException">The system does not say which there are.</exception>
    internal IReadOnlyList<NetworkCard> Find()
    {
        var cards = new List<NetworkCard>();
        foreach (NetworkInterface adapter in NetworkInterface.GetAllNetworkInterfaces())
        {
            // Loopback and some virtual adapters do not know whether they are up.
            if (adapter.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown
                && Accepts(adapter.Name, adapter.NetworkInterfaceType)
                && Describe(adapter) is { } card)
            {
                cards.Add(card);
            }
        }

        return cards;
    }

    /// <summary>Says whether an interface is used, by its name and kind.</summary>
    internal bool Accepts(string name, NetworkInterfaceType kind)
    {
        if (kind == NetworkInterfaceType.Loopback)
        {
            return true;
        }

        if (LoopbackOnly)
        {
            return false;
        }

        if (Names.Count > 0)
        {
            return Names.Contains(name, StringComparer.OrdinalIgnoreCase);
        }

        return kind is not (NetworkInterfaceType.Tunnel or NetworkInterfaceType.Ppp)
            && !Array.Exists(InnerNames, inner => name.StartsWith(inner, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Says whether an address of ours can be connected to.</summary>
    internal bool Accepts(IPAddress address) =>
        BoundAddress is null
        || BoundAddress.Equals(IPAddress.IPv6Any)
        || (BoundAddress.Equals(IPAddress.Any) ? address.AddressFamily == AddressFamily.InterNetwork : WithoutScope(address).Equals(WithoutScope(BoundAddress)));

    /// <summary>Says what is wrong with the interfaces that were found, in words for a person; null when nothing is.</summary>
    internal string? FindProblem(IReadOnlyList<NetworkCard> cards)
    {
        if (!cards.Any(card => !card.IsLoopback || card.Has(AddressFamily.InterNetwork)))
        {
            return "there is no network interface with a usable address (discovery on this machine alone needs 127.0.0.1)";
        }

        string[] missing = LoopbackOnly ? [] : [.. Names.Where(name => !cards.Any(card => card.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))];
        return missing.Length == 0 ? null : $"there is no network interface {string.Join(", ", missing)} that is up and has an address: check the name, or the cable";
    }

    private static IPAddress WithoutScope(IPAddress address) => address.IsIPv6LinkLocal ? new IPAddress(address.GetAddressBytes()) : address;

    private NetworkCard? Describe(NetworkInterface adapter)
    {
        try
        {
            IPInterfaceProperties properties = adapter.GetIPProperties();
            CardAddress[] addresses =
            [
                .. properties.UnicastAddresses
                    .Where(own => Accepts(own.Address))
                    .Select(own => new CardAddress(own.Address, own.PrefixLength))
                    .OrderBy(own => own.Address.ToString(), StringComparer.Ordinal),
            ];
            if (addresses.Length == 0)
            {
                return null;
            }

            int index = adapter.Supports(NetworkInterfaceComponent.IPv4) ? properties.GetIPv4Properties().Index : properties.GetIPv6Properties().Index;
            return new NetworkCard(adapter.Name, index, adapter.NetworkInterfaceType == NetworkInterfaceType.Loopback, addresses);
        }
        catch (NetworkInformationException)
        {
            // It went away while we looked at it.
            return null;
        }
    }
}
