namespace LanChat.Broadcast;

/// <summary>
/// An append-only log of opaque entries in memory, with any number of cursors: one append reaches all of them, nothing is copied per reader.
/// Append is lock-free and never waits for a reader; a reader that lags keeps memory, which its owner watches; memory has a budget, and
/// an append beyond it is refused, not delayed.
/// </summary>
/// <remarks>
/// Whoever holds a cursor appends through it. Whoever holds none takes the <see cref="Gate"/>, which also guards the history window: where it
/// begins, who joins in it, how it is trimmed.
/// </remarks>
//
// THE ARGUMENT
//
// A log is a chain of segments linked by Next. Appends go to the last one, cursors and the window's beginning move forward along it, what all
// have left goes back to the pool. There is no shared pointer to the tail and no list of cursors: everything below follows from the chain.
//
// 1. Append. A claim is one fetch-add on a segment's tail word: (count, bytes) -> (count + 1, bytes + n).
//    - A claim whose old bytes + n is within the capacity owns those bytes, and sequence First + old count. Both come from the same add, so
//      order in memory and order in sequence are one order.
//    - The first claim that does not fit (old bytes <= capacity < old bytes + n) is the only one for which this holds, since bytes only grow:
//      that thread seals. It writes NextFirst = First + old count, then End = old bytes. Every successful claim came before it, so both are final.
//    - Later claims see old bytes > capacity and have no effect. A thread looks before it adds, so once a segment is sealed only threads already
//      past their look add to it, once each; a refused append adds nothing more. That bounds the tail word (see TailWord).
//    - Whoever finds a sealed segment without Next helps: waits for End (the sealer has two stores to do), rents and zeroes a segment, links it by
//      compare-exchange. One wins, the others give theirs back and use the winner's. So no append waits for another's allocation, and a sealer that
//      runs out of budget leaves nothing half done: the log is sealed without Next, and the next to come tries again.
//    - The capacity may be 0: a stub, born sealed, End = 0. A log begins as one, so a room in which nothing was said has no memory, and the first
//      append is simply the first that helps.
//
// 2. Commit. Segments are zero when they are linked; the length word is written last, never 0. So a word is either 0 (claimed or free: nothing may
//    be read from here on) or the length of an entry that is whole. A cursor stops at the first 0; it passes from a segment only at End, which means
//    that every entry claimed in it has been committed. Hence cursors see all entries, once, in the order of their sequences, whole.
//    - Each segment carries a hint up to which entries are known to be committed, so that N cursors walk a new entry once and not N times.
//      A cursor that was born at the tail may have uncommitted entries before it. What it walks is no proof for them: it raises the hint
//      only where the hint has already reached the cursor's own beginning (LogSegment.CommittedFrontier).
//
// 3. Life. References(s) = cursors in s + (1 if s is the log's oldest) + (1 if a living segment has s as its Next). A segment is linked with the
//    last of these already counted. Invariants, for every segment s that was ever visible:
//      (a) s is not recycled while References(s) > 0;
//      (b) so if s is alive, all that Next reaches from it is alive: each link is a reference, and a link is dropped only by who recycles its holder.
//    Therefore whoever holds a reference on s (a cursor; the Gate, for oldest) may use every segment reachable from s without counting anything.
//    That is what "anchored" means, and all code below starts from such an s:
//      - An appender starts at its cursor's segment or, under the Gate, at oldest, and walks Next. Nobody moves its anchor meanwhile: a cursor is
//        moved by its own thread only, and oldest only under the Gate. So it never adds to a tail word of a recycled segment, and the segment in which
//        it has claimed stays until it commits. The hints that save the walk (LogCursor._ahead, _tailHint) were found by such a walk and are moved
//        when the anchor passes them: they are always reachable from it.
//      - Taking a reference is legal only on what an anchor reaches, so the count is above 0 then: AddReference that sees 0 throws.
//      - A step from s to Next takes the new reference first and drops the old one after; the other way round, s may be recycled and with it the
//        link that kept Next. (The tests break this rule, and three others, to see that it is noticed.)
//      - Who takes the count to 0 is alone: no anchor reaches s any more, nor can one come to, since every way to s was counted. It recycles s and
//        then drops the reference s had on its Next. No append can be about to link a Next of s, for such an appender is anchored.
//    - The tail has no reference of its own. It is alive because oldest reaches it, or a cursor; when neither does, nobody can ask for it.
//
// 4. Window. Trim moves (oldest, offset, sequence) entry by entry over committed entries: exact, though memory goes by the segment. It never passes an
//    uncommitted entry, so under the Gate all that was claimed and not committed is reachable from oldest.
//    - A tail whose entries have all expired is shut by a compare-exchange of the tail word from exactly the state that was seen, to above capacity:
//      if anything was claimed meanwhile it fails and the tail stays. On success Trim is the sealer, links a stub and moves on. Appenders and cursors
//      find a sealed segment like any other.
//    - A tail that is still empty is never shut: its linker is about to claim, would find it sealed, link another, and the two could go on for ever.
//
// 5. Joining. Subscribe finds the first entry by sequence (segment by First, then a walk) from oldest, under the Gate. It may wait for entries being
//    committed by threads that hold cursors; these have only stores to do and never take the Gate between claim and commit, so it cannot deadlock.
//
// Memory ordering, in pairs (release -> acquire):
//    LogSegment.Commit -> EntryBytesAt             the entry's bytes before its length; else a reader sends bytes not yet written
//    LogSegment.Seal (End) -> End, AwaitEnd        NextFirst before End; else the next segment starts at sequence 0
//    LogSegment.Link (Next) -> Next                zeroes, First, Base before the link; else a reader takes the last life's bytes for entries
//    CommittedFrontier write -> read               what the writer saw committed is committed for the reader; else as for Commit
//    DropReference -> the last DropReference       all uses come before the recycling; else poison, or the next life's entry, is read
//    link, then _needsTrim = 1 -> Trim's exchange  Trim clears, then looks, with a full fence between: it sees the link, or the flag stays set; else a seal is missed
//    Everything else shared is guarded by the Gate or fixed before the link. The tail word needs atomicity only.
internal sealed partial class BroadcastLog
{
    private readonly SegmentPool _pool;

    private readonly Lock _gate = new();

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
    public Lock Gate
    {
        get
        {
            Interleave.Enter(Access.Lock, _gate);
            return _gate;
        }
    }

    /// <summary>Enters the <see cref="Gate"/> unless somebody is in. True = the caller leaves by <see cref="ExitGate"/>.</summary>
    public bool TryEnterGate()
    {
        Interleave.Enter(Access.TryLock, _gate);
        return _gate.TryEnter();
    }

    /// <summary>Leaves the <see cref="Gate"/> after <see cref="TryEnterGate"/>.</summary>
    public void ExitGate() => _gate.Exit();

    /// <summary>Sequence of the first entry that is still given out; one above the last when there is none. Under the Gate.</summary>
    public long OldestSequence => _oldestSequence;

    /// <summary>Sequence of the newest entry claimed so far, 0 before the first. Under the Gate.</summary>
    public long LastSequence
    {
        get
        {
            ObjectDisposedException.ThrowIf(_oldest is null, this);
            return LastSequenceIn(FindTail(ref _tailHint));
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

    /// <summary>Sequence of the newest entry claimed up to the end of a segment that the caller keeps alive.</summary>
    internal static long LastSequenceIn(LogSegment tail)
    {
        TailWord word = tail.ReadTail();
        if (word.Bytes <= tail.Capacity)
        {
            return tail.First + word.Count - 1;
        }

        tail.AwaitEnd();
        return tail.NextFirst - 1;
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
