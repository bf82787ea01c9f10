using System.Net;
using System.Runtime.InteropServices;

namespace LanChat.Transport;

/// <summary>Where a caller is, kept inside its link: as an <see cref="IPEndPoint"/> it would be up to three objects for each link, and hardly anybody ever asks.</summary>
internal readonly struct CallerAddress
{
    private const int IPv6Bytes = 16;
    private const int PrefixBytes = 8;

    // The bytes as they are on the wire, IPv4 in the first four.
    private readonly ulong _first;
    private readonly ulong _second;
    private readonly uint _scope;
    private readonly ushort _port;
    private readonly byte _bytes;
    private readonly Place _place;

    /// <param name="endPoint">Where the caller is; null if that is nowhere.</param>
    /// <param name="local">Our own address on the connection, if it has one.</param>
    internal CallerAddress(IPEndPoint? endPoint, IPAddress? local = null)
    {
        if (endPoint is null)
        {
            return;
        }

        Span<ulong> address = stackalloc ulong[2];
        endPoint.Address.TryWriteBytes(MemoryMarshal.AsBytes(address), out int bytes);
        _first = address[0];
        _second = address[1];
        _scope = bytes == IPv6Bytes ? (uint)endPoint.Address.ScopeId : 0;
        _port = (ushort)endPoint.Port;
        _bytes = (byte)bytes;
        _place = IPAddress.IsLoopback(endPoint.Address) ? Place.Loopback
            : bytes == IPv6Bytes && !IsNeighbour(endPoint.Address, local) ? Place.Far
            : Place.Near;
    }

    private enum Place : byte
    {
        Near,
        Far,
        Loopback,
    }

    internal bool IsLoopback => _place == Place.Loopback;

    /// <summary>As whom limits per address count the caller; null: not at all, for it is on this machine or nowhere.</summary>
    /// <remarks>Whoever has one address of a far IPv6 network has its whole /64. On the server's own network everybody shares one: there a caller is its address.</remarks>
    internal SourceAddress? Source =>
        _bytes == 0 || _place == Place.Loopback ? null
        : _place == Place.Far ? new SourceAddress(_first, 0, PrefixBytes)
        : new SourceAddress(_first, _second, _bytes);

    /// <summary>Whether it is this IP address: 4 or 16 bytes, as on the wire.</summary>
    internal bool IsHost(ReadOnlySpan<byte> address) => address.Length == _bytes && address.SequenceEqual(MemoryMarshal.AsBytes<ulong>([_first, _second])[.._bytes]);

    /// <summary>The address as a new object; null if there was none.</summary>
    internal IPEndPoint? ToEndPoint()
    {
        if (_bytes == 0)
        {
            return null;
        }

        ReadOnlySpan<byte> address = MemoryMarshal.AsBytes<ulong>([_first, _second])[.._bytes];
        return new IPEndPoint(_bytes == IPv6Bytes ? new IPAddress(address, _scope) : new IPAddress(address), _port);
    }

    private static bool IsNeighbour(IPAddress address, IPAddress? local)
    {
        if (address.IsIPv6LinkLocal || local is null)
        {
            return address.IsIPv6LinkLocal;
        }

        Span<byte> theirs = stackalloc byte[IPv6Bytes];
        Span<byte> ours = stackalloc byte[IPv6Bytes];
        return address.TryWriteBytes(theirs, out _) && local.TryWriteBytes(ours, out int bytes) && bytes == IPv6Bytes
            && theirs[..PrefixBytes].SequenceEqual(ours[..PrefixBytes]);
    }
}

/// <summary>Whom a limit per address counts: an address, or the first 64 bits of a far IPv6 one.</summary>
internal readonly record struct SourceAddress(ulong First, ulong Second, byte Bytes);
