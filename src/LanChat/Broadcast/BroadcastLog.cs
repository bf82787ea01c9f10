namespace LanChat.Broadcast;

/// <summary>
/// An append-only log of opaque entries in memory, with any number of cursors: one append reaches all of them, nothing is copied per reader.
/// </summary>
internal sealed partial class BroadcastLog
{
    private readonly SegmentPool _pool;

    /// <summary>Where the history window begins. Guarded by the Gate; the log holds one reference on it. Null once closed.</summary>
    private LogSegment? _oldest;

    /// <summary>Offset in <see cref="_oldest"/> of the first entry of the window. Guarded by the Gate.</summary>
    private int _oldestOffset;

    /// <summary>Sequence of the first entry of the window. Guarded by the Gate.</summary>
    private long _oldestSequence;

    /// <summary>Where those who hold the Gate look for the tail: at or after <see cref="_oldest"/>, so kept alive by the chain. Guarded by the Gate.</summary>
    private LogSegment _tailHint;

    /// <summary>Bytes of the segments of this log. Written on rent and return, by any thread; read by metrics.</summary>
    private long _memoryBytes;

    /// <summary>1 after a segment was linked and before the next Trim. Written by appenders (after the link) and Trim (before it looks).</summary>
    private int _needsTrim;

    public BroadcastLog(SegmentPool pool)
    {
        _pool = pool;
        _oldest = _tailHint = LogSegment.Stub(first: 1, position: 0);
        _oldestSequence = 1;
    }

    /// <summary>Held by those who subscribe, trim, close, or append without a cursor. Never taken inside the log.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Sequence of the first entry that is still given out; one above the last when there is none. Under the Gate.</summary>
    public long OldestSequence => _oldestSequence;

    /// <summary>Sequence of the newest entry claimed so far, 0 before the first. Under the Gate.</summary>
    public long LastSequence
    {
        get
        {
            ObjectDisposedException.ThrowIf(_oldest is null, this);
            LogSegment tail = FindTail(ref _tailHint);
            TailWord word = tail.ReadTail();
            if (word.Bytes <= tail.Capacity)
            {
                return tail.First + word.Count - 1;
            }

            tail.AwaitEnd();
            return tail.NextFirst - 1;
        }
    }

    /// <summary>Position after the newest entry claimed so far. Under the Gate.</summary>
    public long TailPosition
    {
        get
        {
            ObjectDisposedException.ThrowIf(_oldest is null, this);
            LogSegment tail = FindTail(ref _tailHint);
            TailWord word = tail.ReadTail();
            return tail.Base + (word.Bytes <= tail.Capacity ? word.Bytes : tail.AwaitEnd());
        }
    }

    /// <summary>Whether a segment was added since the last Trim began. Any thread.</summary>
    public bool NeedsTrim => Volatile.Read(ref _needsTrim) != 0;

    /// <summary>Bytes of all segments that the window or a cursor keeps. Any thread.</summary>
    public long MemoryBytes => Volatile.Read(ref _memoryBytes);

    /// <summary>
    /// A new cursor whose first entry is <paramref name="firstSequence"/>, from the oldest kept to the one after the last. Under the Gate.
    /// Entries before it that are claimed and not committed are waited for (their writers have only stores to do), so the caller must not
    /// itself hold an uncommitted reservation before it: see <see cref="SubscribeAfter"/>.
    /// </summary>
    public LogCursor Subscribe(long firstSequence)
    {
        ObjectDisposedException.ThrowIf(_oldest is null, this);
        ArgumentOutOfRangeException.ThrowIfLessThan(firstSequence, _oldestSequence);

        LogSegment segment = _oldest;
        int offset = _oldestOffset;
        long sequence = _oldestSequence;
        for (; ; )
        {
            TailWord word = segment.ReadTail();
            bool isSealed = word.Bytes > segment.Capacity;
            int end = isSealed ? segment.AwaitEnd() : (int)word.Bytes;
            long next = isSealed ? segment.NextFirst : segment.First + word.Count;
            if (firstSequence < next)
            {
                break;
            }

            offset = end;
            sequence = next;
            if (!isSealed || segment.Next is not { } following)
            {
                ArgumentOutOfRangeException.ThrowIfGreaterThan(firstSequence, next);
                break;
            }

            segment = following;
            offset = 0;
        }

        while (sequence < firstSequence)
        {
            offset += segment.AwaitEntryBytesAt(offset);
            sequence++;
        }

        return new LogCursor(this, segment, offset);
    }

    /// <summary>A new cursor just after a reservation, committed or not. The caller has held the Gate since it made the reservation.</summary>
    public LogCursor SubscribeAfter(in LogReservation reservation)
    {
        ObjectDisposedException.ThrowIf(_oldest is null, this);
        return new LogCursor(this, reservation.Segment, reservation.Offset + reservation.Bytes);
    }

    /// <summary>Gives the log's own reference back; cursors keep what they stand in until they are disposed, and may still append. Under the Gate.</summary>
    public void Close()
    {
        if (_oldest is { } oldest)
        {
            _oldest = null;
            Release(oldest);
        }
    }

    /// <summary>
    /// Gives one reference on <paramref name="segment"/> back. Whoever takes the last owns the segment: it goes to the pool, and with it the reference
    /// that it holds on its successor. A loop, for a chain can be long.
    /// </summary>
    internal void Release(LogSegment segment)
    {
        LogSegment? last = segment;
        while (last is not null && last.DropReference())
        {
            LogSegment? next = last.Retire();
            if (last.Capacity > 0)
            {
                Interlocked.Add(ref _memoryBytes, -last.Capacity);
                _pool.Return(last);
            }

            last = next;
        }
    }
}
