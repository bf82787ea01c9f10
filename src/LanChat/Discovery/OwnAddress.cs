using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace LanChat.Discovery;

/// <summary>Which of this machine's addresses to give to others.</summary>
internal static class OwnAddress
{
    /// <summary>Gets the address itself where a server listens on one; else one on a network with neighbours, IPv4 before IPv6; else loopback.</summary>
    internal static IPAddress For(IPAddress listening, IReadOnlyList<string> interfaces)
    {
        if (!listening.Equals(IPAddress.Any) && !listening.Equals(IPAddress.IPv6Any))
        {
            return listening;
        }

        try
        {
            return new CardFilter(interfaces, LoopbackOnly: false, listening).Find()
                .Where(card => !card.IsLoopback)
                .SelectMany(card => card.Addresses)
                .Select(own => own.Address)

                // With the scope of this machine, a link-local address says nothing to another.
                .Where(own => !own.IsIPv6LinkLocal)
                .OrderBy(own => own.AddressFamily != AddressFamily.InterNetwork)
                .FirstOrDefault(IPAddress.Loopback);
        }
        catch (NetworkInformationException)
        {
            return IPAddress.Loopback;
        }
    }
}
