namespace LanChat.Broadcast;

/// <summary>
/// The one word of a segment that all its appenders add to: how many entries were claimed, and how many bytes.
/// One fetch-add of <see cref="Claim"/> takes a sequence and a place together, so the two can never disagree.
/// </summary>
/// <remarks>
/// <code>
///  63            40 39                       0
///  +---------------+-------------------------+
///  | entries (24)  | bytes (40)              |
///  +---------------+-------------------------+
/// </code>
/// A claim that does not fit still adds its bytes, and so marks the segment as sealed for all who come later: they look
/// before they add. Only those already past their look can add once more, so the overshoot is at most one claim per thread:
/// 40 bits hold 16,384 threads with the largest entry each, and 24 bits twice the entries of the largest segment.
/// </remarks>
internal readonly record struct TailWord(long Value)
{
    private const int CountShift = 40;
    private const long BytesMask = (1L << CountShift) - 1;

    /// <summary>What the empty segment starts with.</summary>
    public static TailWord Empty => default;

    /// <summary>Bytes claimed; above the segment's capacity once it is sealed.</summary>
    public long Bytes => Value & BytesMask;

    /// <summary>Entries claimed, meaningful while the segment is not sealed.</summary>
    public long Count => (long)((ulong)Value >> CountShift);

    /// <summary>What one entry of that size adds.</summary>
    public static long Claim(int bytes) => (1L << CountShift) + bytes;
}
