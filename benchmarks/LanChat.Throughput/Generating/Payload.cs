using System.Buffers.Binary;
using System.Buffers.Text;

namespace LanChat.Throughput;

/// <summary>What is in a message: who said it, the how manieth of theirs it is, and when; then letters up to the wanted length.</summary>
/// <remarks>ASCII: publisher, 8 hex digits · number, 8 hex digits · nanoseconds, 16 hex digits · filler.</remarks>
internal sealed class Payload
{
    internal const int MinBytes = 32;
    private const int NumberAt = 8;
    private const int TimeAt = 16;

    private readonly byte[] _bytes;

    internal Payload(int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, MinBytes);
        _bytes = new byte[length];
        for (int i = MinBytes; i < length; i++)
        {
            _bytes[i] = (byte)('a' + (i % 26));
        }
    }

    /// <summary>Fills in one message; the bytes are good until the next.</summary>
    internal ReadOnlySpan<byte> Make(int publisher, uint number, long nanoseconds)
    {
        Utf8Formatter.TryFormat(publisher, _bytes.AsSpan(0, 8), out _, new('x', 8));
        Utf8Formatter.TryFormat(number, _bytes.AsSpan(NumberAt, 8), out _, new('x', 8));
        Utf8Formatter.TryFormat(nanoseconds, _bytes.AsSpan(TimeAt, 16), out _, new('x', 16));
        return _bytes;
    }

    /// <summary>Says whether a message has the right length and filler: all that is the same in each.</summary>
    internal bool IsWhole(ReadOnlySpan<byte> payload) =>
        payload.Length == _bytes.Length && payload[MinBytes..].SequenceEqual(_bytes.AsSpan(MinBytes));

    internal static int Publisher(ReadOnlySpan<byte> payload) => (int)Digits(payload);

    internal static uint Number(ReadOnlySpan<byte> payload) => Digits(payload[NumberAt..]);

    internal static long Nanoseconds(ReadOnlySpan<byte> payload) => ((long)Digits(payload[TimeAt..]) << 32) | Digits(payload[(TimeAt + 8)..]);

    // Eight digits at once, since this is done for each delivery: each byte becomes its value, then neighbours are joined. What is no digit gives some number, which is then the wrong one.
    private static uint Digits(ReadOnlySpan<byte> eight)
    {
        ulong v = BinaryPrimitives.ReadUInt64BigEndian(eight);
        v = (v & 0x0F0F_0F0F_0F0F_0F0F) + (9 * ((v >> 6) & 0x0101_0101_0101_0101));
        v = (v | (v >> 4)) & 0x00FF_00FF_00FF_00FF;
        v = (v | (v >> 8)) & 0x0000_FFFF_0000_FFFF;
        return (uint)(v | (v >> 16));
    }
}
