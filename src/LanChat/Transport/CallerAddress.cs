using System.Net;
using System.Runtime.InteropServices;

namespace LanChat.Transport;

/// <summary>Where a caller is, kept inside its link: as an <see cref="IPEndPoint"/> it would be up to three objects for each link, and hardly anybody ever asks.</summary>
internal readonly struct CallerAddress
{
    private const int IPv6Bytes = 16;

    // The bytes as they are on the wire, IPv4 in the first four.
    private readonly ulong _first;
    private readonly ulong _second;
    private readonly uint _scope;
    private readonly ushort _port;
    private readonly byte _bytes;
    private readonly bool _isLoopback;

    internal CallerAddress(IPEndPoint? endPoint)
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
        _isLoopback = IPAddress.IsLoopback(endPoint.Address);
    }

    internal bool IsLoopback => _isLoopback;

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
}
