using System.Diagnostics;
using System.Runtime.InteropServices;

namespace LanChat.Broadcast;

/// <summary>
/// One block of a log's memory and its place in the chain: entries from <see cref="First"/> on, at log positions from <see cref="Base"/> on.
/// Each method below is one step on shared memory, with its ordering; what the steps add up to is argued at the top of <see cref="BroadcastLog"/>.
/// </summary>
/// <remarks>
/// A <em>stub</em> has no memory (capacity 0) and is sealed from birth: it keeps the place of a log that holds nothing.
/// The array is pinned, so that a transport can hand its address to the kernel.
/// </remarks>
internal sealed partial class LogSegment
{
    /// <summary>The commit mark and length prefix of each entry.</summary>
    public const int LengthBytes = 4;

    private const byte Poison = 0xDB;

    /// <summary>Entries claimed and bytes claimed. Written by appenders (fetch-add) and by Trim (to seal an expired tail).</summary>
    private PaddedWord _tail;

    /// <summary>Where the entries end, or -1 while the segment is not sealed. Written once, by whoever sealed it.</summary>
    private int _end;

    /// <summary>The segment after this one. Written once (compare-exchange), by whoever needs it first after the seal.</summary>
    private LogSegment? _next;

    /// <summary>Cursors in it + 1 while it is the log's oldest + 1 held by its predecessor. At zero it belongs to whoever took it there.</summary>
    private int _references;

    public LogSegment(int capacity)
    {
        Capacity = capacity;
        Bytes = capacity == 0 ? [] : GC.AllocateUninitializedArray<byte>(capacity, pinned: true);
    }

    /// <summary>The entries' memory.</summary>
    public byte[] Bytes { get; }

    /// <summary>Bytes that entries can take; 0 for a stub.</summary>
    public int Capacity { get; }

    /// <summary>Sequence of the first entry here. Set before the segment is linked, fixed for its life in the chain.</summary>
    public long First { get; private set; }

    /// <summary>Log position of the first byte here. Set before the segment is linked, fixed for its life in the chain.</summary>
    public long Base { get; private set; }

    /// <summary>Sequence of the first entry of the next segment. Written before <see cref="End"/>, valid to those who have seen it.</summary>
    public long NextFirst { get; private set; }

    /// <summary>A segment that holds a place and no memory: sealed, empty, with one reference for whoever made it.</summary>
    public static LogSegment Stub(long first, long position)
    {
        LogSegment stub = new(0);
        stub.Begin(first, position);
        stub._tail.Value = 1;
        stub.NextFirst = first;
        stub._end = 0;
        return stub;
    }

    /// <summary>Starts a life: zeroed, empty, with one reference (the predecessor's, or the log's). Only before the segment is visible to others.</summary>
    public void Begin(long first, long position)
    {
        Bytes.AsSpan().Clear();
        First = first;
        Base = position;
        NextFirst = 0;
        _tail.Value = 0;
        _end = -1;
        _next = null;
        _references = 1;
        _committedHint = 0;
    }

    // The tail word: who gets which place.

    /// <summary>The tail as it is now. Acquire is not needed for safety (an old value only leads to a failed claim); it keeps the look before the claim.</summary>
    public TailWord ReadTail()
    {
        Interleave.Point(Access.ReadTail, this);
        AssertAlive();
        return new TailWord(Volatile.Read(ref _tail.Value));
    }

    /// <summary>Claims one entry and returns the tail before it. The full fence of the add is not relied on; its atomicity is everything.</summary>
    public TailWord Claim(int bytes)
    {
        Interleave.Point(Access.ChangeTail, this);
        AssertAlive();
        long claim = TailWord.Claim(bytes);
        return new TailWord(Interlocked.Add(ref _tail.Value, claim) - claim);
    }

    /// <summary>Makes every later claim fail, if the tail is still <paramref name="expected"/>; the caller is then the one who seals.</summary>
    public bool TryShut(TailWord expected)
    {
        Interleave.Point(Access.ChangeTail, this);
        AssertAlive();
        long shut = expected.Value + Capacity + 1;
        return Interlocked.CompareExchange(ref _tail.Value, shut, expected.Value) == expected.Value;
    }

    // The seal: where this segment ends, and what follows.

    /// <summary>Fixes the end. Release: pairs with <see cref="End"/>, so that who sees it also sees <see cref="NextFirst"/>; else a successor could start at sequence 0.</summary>
    public void Seal(TailWord last)
    {
        NextFirst = First + last.Count;
        Interleave.Point(Access.WriteEnd, this);
        AssertAlive();
        Volatile.Write(ref _end, (int)last.Bytes);
    }

    /// <summary>Where the entries end, or -1. Acquire: pairs with <see cref="Seal"/>.</summary>
    public int End
    {
        get
        {
            Interleave.Point(Access.ReadEnd, this);
            AssertAlive();
            return Volatile.Read(ref _end);
        }
    }

    /// <summary>The end of a segment that is known to be sealed. The sealer has only two stores to do, so this waits, if at all, for a thread that was preempted there.</summary>
    public int AwaitEnd()
    {
        SpinWait spin = default;
        for (; ; )
        {
            Interleave.Point(Access.AwaitEnd, this);
            AssertAlive();
            int end = Volatile.Read(ref _end);
            if (end >= 0)
            {
                return end;
            }

            spin.SpinOnce();
        }
    }

    /// <summary>The segment after this one, once there is one. Acquire: pairs with <see cref="Link"/>, so that its zeroes and its first sequence are seen.</summary>
    public LogSegment? Next
    {
        get
        {
            Interleave.Point(Access.ReadNext, this);
            AssertAlive();
            return Volatile.Read(ref _next);
        }
    }

    /// <summary>Makes <paramref name="fresh"/> the next segment unless there is one; returns the one there is. Release: pairs with <see cref="Next"/>.</summary>
    public LogSegment Link(LogSegment fresh)
    {
        Interleave.Point(Access.LinkNext, this);
        AssertAlive();
        return Interlocked.CompareExchange(ref _next, fresh, null) ?? fresh;
    }

    // References: who keeps it alive.

    /// <summary>Takes a reference. The caller must hold, directly or through the chain, another one; zero here means that it did not.</summary>
    public void AddReference()
    {
        Interleave.Point(Access.AddReference, this);
        if (Interlocked.Increment(ref _references) <= 1)
        {
            throw new InvalidOperationException("A segment was taken into use that nobody kept alive.");
        }
    }

    /// <summary>Gives a reference back; true when it was the last. Full fence: everything the holder did here comes before the next life of the memory.</summary>
    public bool DropReference()
    {
        Interleave.Point(Access.DropReference, this);
        AssertAlive();
        return Interlocked.Decrement(ref _references) == 0;
    }

    /// <summary>Ends a life: nobody refers to it. Returns what it referred to, and in debug builds makes every later use visible.</summary>
    public LogSegment? Retire()
    {
        Interleave.Point(Access.Recycle, this);
        LogSegment? next = _next;
        _next = null;
        PoisonBytes();
        return next;
    }

    /// <summary>Whether anybody refers to it; for assertions.</summary>
    public bool IsAlive => Volatile.Read(ref _references) > 0;

    /// <summary>Whether <see cref="AwaitEnd"/> would return at once; for who schedules the waiting.</summary>
    public bool HasEnd => Volatile.Read(ref _end) >= 0;

    [Conditional("DEBUG")]
    private void AssertAlive()
    {
        if (!IsAlive)
        {
            throw new InvalidOperationException("A segment was touched that nobody keeps alive.");
        }
    }

    [Conditional("DEBUG")]
    private void PoisonBytes() => Bytes.AsSpan().Fill(Poison);

    /// <summary>Keeps the word that all appenders write away from the fields that all cursors read.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct PaddedWord
    {
        [FieldOffset(64)]
        public long Value;
    }
}
