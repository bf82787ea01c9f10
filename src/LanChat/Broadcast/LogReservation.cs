namespace LanChat.Broadcast;

/// <summary>
/// A place claimed in a log: fill <see cref="Span"/> from its fifth byte on, then commit. Until then no cursor passes it, so between
/// the two there are only stores: nothing that throws, waits, or takes a lock.
/// </summary>
internal readonly struct LogReservation
{
    internal LogReservation(LogSegment segment, int offset, int bytes, long sequence)
    {
        Segment = segment;
        Offset = offset;
        Bytes = bytes;
        Sequence = sequence;
    }

    /// <summary>The entry's number in its log, from 1.</summary>
    public long Sequence { get; }

    /// <summary>The whole entry, its 4 length bytes included, all zero; those four are written by the commit.</summary>
    public Span<byte> Span => Segment.Bytes.AsSpan(Offset, Bytes);

    /// <summary>The log position just after the entry.</summary>
    public long EndPosition => Segment.Base + Offset + Bytes;

    internal LogSegment Segment { get; }

    internal int Offset { get; }

    internal int Bytes { get; }
}
