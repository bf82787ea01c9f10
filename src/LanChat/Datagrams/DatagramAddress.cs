using System.Net;
using System.Net.Sockets;

namespace LanChat.Datagrams;

/// <summary>Looks into a socket address without making objects of it.</summary>
internal static class DatagramAddress
{
    // The layout of sockaddr_in and sockaddr_in6, the same on every system behind the family.
    private const int IPv4At = 4;
    private const int IPv4Bytes = 4;
    private const int IPv6At = 8;
    private const int IPv6Bytes = 16;
    private const int MappedBytes = 12;

    private static ReadOnlySpan<byte> MappedPrefix => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF];

    /// <summary>Gets the IP address as it is on the wire: 4 bytes, also where a socket for both families shows it as 16.</summary>
    internal static ReadOnlySpan<byte> HostOf(SocketAddress address)
    {
        ReadOnlySpan<byte> bytes = address.Buffer.Span[..address.Size];
        if (address.Family != AddressFamily.InterNetworkV6)
        {
            return bytes.Slice(IPv4At, IPv4Bytes);
        }

        ReadOnlySpan<byte> host = bytes.Slice(IPv6At, IPv6Bytes);
        return host.StartsWith(MappedPrefix) ? host[MappedBytes..] : host;
    }

    internal static bool AreSame(SocketAddress one, SocketAddress other) =>
        one.Buffer.Span[..one.Size].SequenceEqual(other.Buffer.Span[..other.Size]);

    internal static SocketAddress Copy(SocketAddress address)
    {
        var copy = new SocketAddress(address.Family, address.Size);
        address.Buffer.Span[..address.Size].CopyTo(copy.Buffer.Span);
        return copy;
    }
}
