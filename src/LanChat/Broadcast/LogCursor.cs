namespace LanChat.Broadcast;

/// <summary>
/// One reader's place in a log, and its right to append: it keeps alive the segment in which it stands, and through the chain all after it.
/// Owned by one thread; it may move to another with a fence between.
/// </summary>
/// <remarks>
/// Reading is: gather, send, advance by what was sent. What was gathered stays valid until the cursor is advanced past it or disposed.
/// An advance may stop inside an entry; the next gather begins with the rest of it.
/// A cursor that lags keeps memory; whoever owns it watches <see cref="Lag"/> and ends it. The log never waits for a cursor.
/// </remarks>
internal sealed partial class LogCursor : IDisposable
{
    /// <summary>Where it stands; it holds one reference on it.</summary>
    private LogSegment _segment;

    /// <summary>Where the tail was last found: at or after <see cref="_segment"/>, so kept alive by the chain.</summary>
    private LogSegment _ahead;

    /// <summary>The next byte to be read, in <see cref="_segment"/>.</summary>
    private int _offset;

    /// <summary>The end of the entry in which it stopped; equal to <see cref="_offset"/> at a boundary.</summary>
    private int _boundary;

    /// <summary>A boundary up to which this cursor has seen all entries from <see cref="_verifiedFrom"/> on committed.</summary>
    private int _frontier;

    /// <summary>Where in <see cref="_segment"/> this cursor came in: what lies before may be uncommitted.</summary>
    private int _verifiedFrom;

    /// <summary>Log position up to which bytes were given out to be sent.</summary>
    private long _gathered;

    private bool _isDisposed;

    internal LogCursor(BroadcastLog log, LogSegment segment, int offset)
    {
        segment.AddReference();
        Log = log;
        _segment = _ahead = segment;
        _offset = _boundary = _frontier = _verifiedFrom = offset;
        _gathered = Position;
    }

    /// <summary>The log it reads.</summary>
    public BroadcastLog Log { get; }

    /// <summary>Where it stands; for tests that go on from there by hand.</summary>
    internal LogSegment Segment => _segment;

    /// <summary>The log position of the next byte to be read.</summary>
    public long Position => _segment.Base + _offset;

    /// <summary>Whether nothing committed is left to read.</summary>
    public bool IsCaughtUp
    {
        get
        {
            if (_offset != _boundary)
            {
                return false;
            }

            LogSegment segment = _segment;
            int offset = _offset;
            while (segment.EntryBytesAt(offset) == 0)
            {
                if (segment.End != offset || segment.Next is not { } next)
                {
                    return true;
                }

                segment = next;
                offset = 0;
            }

            return false;
        }
    }

    /// <summary>Claims an entry at the log's tail, without a lock. Fill it, then <see cref="BroadcastLog.Commit"/>, before this cursor is used for anything else.</summary>
    /// <returns>False when the memory budget is used up.</returns>
    public bool TryReserve(int bytes, bool force, out LogReservation reservation)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return Log.TryReserveFrom(ref _ahead, bytes, force, out reservation);
    }

    /// <summary>Bytes claimed in the log after the later of this cursor and <paramref name="fromPosition"/>.</summary>
    public long Lag(long fromPosition)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        LogSegment tail = BroadcastLog.FindTail(ref _ahead);
        TailWord word = tail.ReadTail();
        long end = tail.Base + (word.Bytes <= tail.Capacity ? word.Bytes : tail.AwaitEnd());
        return Math.Max(0, end - Math.Max(Position, fromPosition));
    }

    /// <summary>
    /// Lists what is committed from the cursor on, without moving it: whole entries, but for the first if the cursor stopped inside it.
    /// One piece per segment.
    /// </summary>
    /// <param name="pieces">Filled from the start.</param>
    /// <param name="limitPosition">An entry's end beyond which nothing is given out.</param>
    /// <param name="maxBytes">Where to stop, at the last entry that fits; the first is given out even if it is larger.</param>
    /// <param name="bytes">Sum of the pieces.</param>
    /// <returns>Pieces used.</returns>
    public int Gather(Span<ArraySegment<byte>> pieces, long limitPosition, int maxBytes, out int bytes)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ReleaseFinished();
        bytes = 0;
        int used = 0;
        LogSegment segment = _segment;
        int from = _offset;
        int boundary = _boundary;
        int frontier = _frontier = segment.CommittedFrontier(_frontier, _verifiedFrom);
        while (used < pieces.Length)
        {
            int to = (int)Math.Clamp(limitPosition - segment.Base, from, Math.Max(from, frontier));
            if (to - from > maxBytes - bytes)
            {
                to = LastBoundary(segment, from, boundary, from + maxBytes - bytes, isFirst: used == 0);
            }

            if (to > from)
            {
                pieces[used++] = new ArraySegment<byte>(segment.Bytes, from, to - from);
                bytes += to - from;
            }

            if (segment.End != to || segment.Next is not { } next)
            {
                break;
            }

            segment = next;
            from = boundary = 0;
            frontier = segment.CommittedFrontier(0, 0);
        }

        _gathered = Position + bytes;
        return used;
    }

    /// <summary>The common case of <see cref="Gather"/>, in few instructions: whole entries, all in the segment in which the cursor stands. It may be nothing.</summary>
    /// <param name="maxBytes">The most that is given out.</param>
    /// <param name="piece">What is committed from the cursor on.</param>
    /// <returns>False: it is no common case; <see cref="Gather"/> knows the others.</returns>
    public bool TryGatherWhole(int maxBytes, out ArraySegment<byte> piece)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        LogSegment segment = _segment;
        int from = _offset;
        if (from != _boundary || segment.End >= 0)
        {
            piece = default;
            return false;
        }

        int frontier = _frontier = segment.CommittedFrontier(_frontier, _verifiedFrom);
        piece = new ArraySegment<byte>(segment.Bytes, from, frontier - from);
        _gathered = segment.Base + frontier;
        return frontier - from <= maxBytes;
    }

    /// <summary>Moves past everything that <see cref="TryGatherWhole"/> gave out.</summary>
    public void AdvanceWhole() => _offset = _boundary = _frontier;

    /// <summary>The rest of the entry in which the cursor stopped: what must go out before anything else may. 0 bytes at a boundary.</summary>
    public int GatherRestOfEntry(out ArraySegment<byte> rest)
    {
        int bytes = _boundary - _offset;
        rest = new ArraySegment<byte>(_segment.Bytes, _offset, bytes);
        _gathered = Position + bytes;
        return bytes;
    }

    /// <summary>The next whole committed entry, at a boundary; then <see cref="Advance"/> by its length.</summary>
    public bool TryReadEntry(out ReadOnlySpan<byte> entry)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_offset != _boundary)
        {
            throw new InvalidOperationException("The cursor stands inside an entry.");
        }

        ReleaseFinished();
        int bytes = _segment.EntryBytesAt(_offset);
        entry = _segment.Bytes.AsSpan(_offset, bytes);
        _gathered = Position + bytes;
        return bytes != 0;
    }

    /// <summary>Moves past bytes that were gathered and have been taken over by the transport.</summary>
    public void Advance(int bytes)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, _gathered - Position);
        long target = Position + bytes;
        for (; ; )
        {
            // What was gathered leaves a segment only at its end, so the end was seen then and is seen now.
            int end = _segment.End;
            if (end < 0 || target < _segment.Base + end || _segment.Next is not { } next)
            {
                break;
            }

            StepTo(next);
        }

        MoveTo((int)(target - _segment.Base), isBoundary: target == _gathered);
    }

    /// <summary>Steps over segments that are read to their end, so that their memory can go. Reading does this by itself; an idle cursor is told to when its log gave up its tail.</summary>
    public void ReleaseFinished()
    {
        while (_segment.End == _offset && _segment.Next is { } next)
        {
            StepTo(next);
        }
    }

    /// <summary>Gives the cursor's reference back. Idempotent.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            Log.Release(_segment);
        }
    }

    /// <summary>Takes the next before it drops its own: the reference that our segment holds is what keeps the next alive until then.</summary>
    private void StepTo(LogSegment next)
    {
        LogSegment done = _segment;
        next.AddReference();
        _segment = next;
        _offset = _boundary = _frontier = _verifiedFrom = 0;
        if (ReferenceEquals(_ahead, done))
        {
            _ahead = next;
        }

        Log.Release(done);
    }

    private void MoveTo(int offset, bool isBoundary)
    {
        _offset = offset;
        if (isBoundary)
        {
            _boundary = offset;
        }
        else
        {
            // A partial send: find the end of the entry in which it stopped.
            while (_boundary < offset)
            {
                _boundary += _segment.EntryBytesAt(_boundary);
            }
        }

        _frontier = Math.Max(_frontier, _boundary);
    }

    /// <summary>The last boundary at or below <paramref name="limit"/>; of the first piece at least one entry, or the rest of one.</summary>
    private static int LastBoundary(LogSegment segment, int from, int boundary, int limit, bool isFirst)
    {
        if (isFirst && boundary == from)
        {
            boundary += segment.EntryBytesAt(from);
        }

        int bytes;
        while ((bytes = segment.EntryBytesAt(boundary)) != 0 && boundary + bytes <= limit)
        {
            boundary += bytes;
        }

        return boundary;
    }
}
