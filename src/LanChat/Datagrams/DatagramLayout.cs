using System.Buffers.Binary;
using LanChat.Framing;

namespace LanChat.Datagrams;

/// <summary>The layout of a datagram that carries one sealed frame (docs/protocol.md, section 6). Nobody else knows an offset.</summary>
/// <remarks>
/// <code>
///  0     1              9             17
///  +-----+--------------+-------------+------------------+----------+
///  | 41  |connection 8B |counter u64  | sealed frame     | tag 16 B |     &lt;= 1,200 bytes in all
///  +-----+--------------+-------------+------------------+----------+
/// </code>
/// The frame is one without its length word: type and body.
/// </remarks>
internal static class DatagramLayout
{
    internal const byte Mark = 0x41;
    internal const int ConnectionAt = 1;
    internal const int CounterAt = 9;
    internal const int FrameAt = 17;
    internal const int TagBytes = 16;

    /// <summary>Below what any path carries in one piece: IPv6 promises 1,280 bytes, of which headers and tunnels take their share.</summary>
    internal const int MaxBytes = 1_200;

    /// <summary>A frame is at least its type.</summary>
    internal const int MinBytes = FrameAt + FrameLimits.TypeBytes + TagBytes;

    /// <summary>The longest frame, type and body.</summary>
    internal const int MaxFrameBytes = MaxBytes - FrameAt - TagBytes;

    /// <summary>Reads what stands in the open. False when it is no datagram of ours, by its length or its first byte.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> datagram, out ulong connection, out ulong counter)
    {
        connection = counter = 0;
        if (datagram.Length is < MinBytes or > MaxBytes || datagram[0] != Mark)
        {
            return false;
        }

        connection = BinaryPrimitives.ReadUInt64BigEndian(datagram[ConnectionAt..]);
        counter = BinaryPrimitives.ReadUInt64BigEndian(datagram[CounterAt..]);
        return true;
    }

    internal static void WriteHeader(Span<byte> datagram, ulong connection, ulong counter)
    {
        datagram[0] = Mark;
        BinaryPrimitives.WriteUInt64BigEndian(datagram[ConnectionAt..], connection);
        BinaryPrimitives.WriteUInt64BigEndian(datagram[CounterAt..], counter);
    }

    internal static int FrameBytes(int datagramBytes) => datagramBytes - FrameAt - TagBytes;
}
