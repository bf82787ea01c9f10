using System.Buffers.Binary;
using System.Diagnostics;

namespace LanChat.Framing;

/// <summary>The bytes of an ENTRY, which are the same in a log, on every member's wire, and in a store.</summary>
/// <remarks>
/// <code>
///  0            4     5     6        8         12            20          28        36
///  +------------+-----+-----+--------+---------+-------------+-----------+---------+-----------+------------+-----------+
///  | length u32 | 85  |kind |flags16 |room u32 |sequence u64 | time i64  | id u64  | name str8 | body str16 | 0-3 zeros |
///  +------------+-----+-----+--------+---------+-------------+-----------+---------+-----------+------------+-----------+
/// </code>
/// The zeros make a whole entry a multiple of 4 bytes, so that every length word in a log is aligned: it is the log's commit mark, and an unaligned
/// word could be seen half written. That is also why <see cref="Fill"/> leaves it alone.
/// </remarks>
internal static class EntryLayout
{
    /// <summary>Flag: the body is bytes, not text.</summary>
    public const ushort OpaqueFlag = 0x8000;

    /// <summary>Entries start at multiples of this in a log.</summary>
    public const int Alignment = 4;

    private const int TypeOffset = 4;
    private const int KindOffset = 5;
    private const int FlagsOffset = 6;
    private const int RoomOffset = 8;
    private const int SequenceOffset = 12;
    private const int TimeOffset = 20;
    private const int IdOffset = 28;
    private const int NameOffset = 36;

    /// <summary>The largest entry there can be, length word and zeros included.</summary>
    public const int MaxBytes =
        (NameOffset + 1 + FrameLimits.MaxStr8Bytes + 2 + FrameLimits.MaxStr16Bytes + Alignment - 1) / Alignment * Alignment;

    /// <summary>Measures a whole entry, length word and zeros included: a multiple of <see cref="Alignment"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The name or the body does not fit its length prefix. It is thrown here, before anything is
    /// reserved in a log, so that <see cref="Fill"/> has nothing left to refuse.</exception>
    public static int MeasureBytes(int nameBytes, int bodyBytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)nameBytes, (uint)FrameLimits.MaxStr8Bytes, nameof(nameBytes));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)bodyBytes, (uint)FrameLimits.MaxStr16Bytes, nameof(bodyBytes));
        return (NameOffset + 1 + nameBytes + 2 + bodyBytes + Alignment - 1) & -Alignment;
    }

    /// <summary>Fills an entry but for its first four bytes, which commit it. Only stores: between reserving and committing nothing may throw.
    /// <paramref name="frame"/> is exactly <see cref="MeasureBytes"/> long; what it held before does not matter.</summary>
    public static void Fill(
        Span<byte> frame,
        EntryKind kind,
        ushort flags,
        uint room,
        ulong sequence,
        long timeMs,
        ulong id,
        ReadOnlySpan<byte> name,
        ReadOnlySpan<byte> body)
    {
        Debug.Assert(frame.Length == MeasureBytes(name.Length, body.Length), "The entry was measured with other lengths.");

        // The padding, which is in the last word; the body is written over the rest of it.
        BinaryPrimitives.WriteUInt32BigEndian(frame[^Alignment..], 0);
        frame[TypeOffset] = (byte)FrameType.Entry;
        frame[KindOffset] = (byte)kind;
        BinaryPrimitives.WriteUInt16BigEndian(frame[FlagsOffset..], flags);
        BinaryPrimitives.WriteUInt32BigEndian(frame[RoomOffset..], room);
        BinaryPrimitives.WriteUInt64BigEndian(frame[SequenceOffset..], sequence);
        BinaryPrimitives.WriteInt64BigEndian(frame[TimeOffset..], timeMs);
        BinaryPrimitives.WriteUInt64BigEndian(frame[IdOffset..], id);

        frame[NameOffset] = (byte)name.Length;
        Span<byte> rest = frame[(NameOffset + 1)..];
        name.CopyTo(rest);
        rest = rest[name.Length..];
        BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)body.Length);
        body.CopyTo(rest[2..]);
    }

    /// <summary>Reads the sequence of a whole entry.</summary>
    public static long SequenceOf(ReadOnlySpan<byte> entry) => BinaryPrimitives.ReadInt64BigEndian(entry[SequenceOffset..]);

    /// <summary>Gets what the length word of a whole entry (or of any other frame) says.</summary>
    public static uint LengthWord(int frameBytes) => (uint)(frameBytes - FrameLimits.LengthBytes);
}
