namespace LanChat.Broadcast;

/// <content>Leaving entries out: what a reader does that has fallen too far behind.</content>
internal sealed partial class LogCursor
{
    /// <summary>Moves on, without reading, to the first entry that begins within <paramref name="keepBytes"/> of the tail; to the newest that is committed if none does.
    /// So afterwards there is something to read. What was passed over is no longer kept for this cursor. At a boundary only.</summary>
    /// <returns>False when the cursor stands there already.</returns>
    /// <remarks>The work is a step for each segment and for each entry of the last one or two: who skips as soon as it lags by twice as much pays little for each byte it passes over.</remarks>
    public bool TrySkip(long keepBytes)
    {
        if (_offset != _boundary)
        {
            throw new InvalidOperationException("The cursor stands inside an entry.");
        }

        long target = Position + Lag(0) - keepBytes;
        (LogSegment segment, int offset) = FindCommitted(target);
        if (ReferenceEquals(segment, _segment) && offset == _offset)
        {
            return false;
        }

        while (!ReferenceEquals(_segment, segment))
        {
            // It is reachable from here, so there is a next one.
            StepTo(_segment.Next!);
        }

        _offset = _boundary = offset;
        _frontier = Math.Max(_frontier, offset);
        _gathered = Position;
        return true;
    }

    /// <summary>Sequence of the newest entry claimed so far, 0 before the first.</summary>
    public long LastSequence => BroadcastLog.LastSequenceIn(BroadcastLog.FindTail(ref _ahead));

    // Nothing is referenced on the way: the cursor's own reference keeps all of the chain that lies before it.
    private (LogSegment Segment, int Offset) FindCommitted(long target)
    {
        (LogSegment Segment, int Offset) found = (_segment, _offset);
        LogSegment segment = _segment;
        int offset = _offset;
        for (; ; )
        {
            int end = segment.End;
            if (end >= 0 && segment.Base + end <= target && segment.Next is { } following)
            {
                // Whole segments at once. An entry in them may be uncommitted still, which is nothing to a cursor that will not read it.
                segment = following;
                offset = 0;
                continue;
            }

            int bytes;
            while ((bytes = segment.EntryBytesAt(offset)) != 0)
            {
                found = (segment, offset);
                if (segment.Base + offset >= target)
                {
                    return found;
                }

                offset += bytes;
            }

            if (segment.End != offset || segment.Next is not { } next)
            {
                return found;
            }

            segment = next;
            offset = 0;
        }
    }
}
