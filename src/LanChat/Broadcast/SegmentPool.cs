using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using Microsoft.Extensions.ObjectPool;

namespace LanChat.Broadcast;

/// <summary>
/// The memory of all logs of one server: hands out segments under one budget and keeps some of those given back, by size.
/// Any thread may call it. What is full says so by a false return; entries that must not fail (presence) pass the budget by force.
/// </summary>
internal sealed class SegmentPool
{
    /// <summary>A room of few words needs little.</summary>
    public const int DefaultInitialSegmentBytes = 4 * 1024;

    /// <summary>A batch should not straddle two segments: 256 KiB is what one receive can bring.</summary>
    public const int DefaultMaxSegmentBytes = 256 * 1024;

    /// <summary>Kept for reuse per size; the sizes from 4 to 256 KiB then keep at most 28 MiB.</summary>
    public const int DefaultRetainedBytesPerSize = 4 * 1024 * 1024;

    /// <summary>The largest entry. Above it a segment could hold more entries than its tail word counts.</summary>
    public const int MaxEntryBytes = 64 * 1024 * 1024;

    private readonly ObjectPool<LogSegment>[] _sizes;

    /// <summary>Bytes handed out. Written by Rent (compare-exchange, so that the budget is exact) and Return.</summary>
    private long _rentedBytes;

    /// <summary>Segments handed out; for tests and metrics.</summary>
    private int _rentedSegments;

    /// <param name="budgetBytes">Rented bytes above which only force succeeds. Below two segments per active log it refuses them in turn.</param>
    /// <param name="initialSegmentBytes">The smallest segment, a power of two.</param>
    /// <param name="maxSegmentBytes">The largest segment but for an entry that needs more, a power of two.</param>
    /// <param name="retainedBytesPerSize">How much of each size is kept for reuse; 0 keeps nothing.</param>
    public SegmentPool(long budgetBytes, int initialSegmentBytes = DefaultInitialSegmentBytes, int maxSegmentBytes = DefaultMaxSegmentBytes, int retainedBytesPerSize = DefaultRetainedBytesPerSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(budgetBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(initialSegmentBytes, 16);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSegmentBytes, initialSegmentBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxSegmentBytes, MaxEntryBytes);
        ArgumentOutOfRangeException.ThrowIfNotEqual(BitOperations.IsPow2(initialSegmentBytes), true, nameof(initialSegmentBytes));
        ArgumentOutOfRangeException.ThrowIfNotEqual(BitOperations.IsPow2(maxSegmentBytes), true, nameof(maxSegmentBytes));
        ArgumentOutOfRangeException.ThrowIfNegative(retainedBytesPerSize);

        BudgetBytes = budgetBytes;
        InitialSegmentBytes = initialSegmentBytes;
        MaxSegmentBytes = maxSegmentBytes;
        _sizes = new ObjectPool<LogSegment>[retainedBytesPerSize == 0 ? 0 : SizeIndex(maxSegmentBytes) + 1];
        for (int i = 0; i < _sizes.Length; i++)
        {
            int bytes = initialSegmentBytes << i;
            _sizes[i] = new DefaultObjectPool<LogSegment>(new SegmentPolicy(bytes), Math.Max(1, retainedBytesPerSize / bytes));
        }
    }

    /// <summary>Rented bytes above which only force succeeds.</summary>
    public long BudgetBytes { get; }

    /// <summary>Size of the first segment of a log.</summary>
    public int InitialSegmentBytes { get; }

    /// <summary>Size at which doubling ends.</summary>
    public int MaxSegmentBytes { get; }

    /// <summary>Bytes handed out and not returned.</summary>
    public long RentedBytes => Volatile.Read(ref _rentedBytes);

    /// <summary>Segments handed out and not returned.</summary>
    public int RentedSegments => Volatile.Read(ref _rentedSegments);

    /// <summary>Whether <see cref="TryRent"/> would succeed now; another thread may be faster.</summary>
    public bool HasRoom(int minBytes)
    {
        Interleave.Point(Access.Pool, this);
        return SizeFor(minBytes) <= BudgetBytes - RentedBytes;
    }

    /// <summary>Hands out a segment of at least that size, to be begun by the caller; false when the budget is used up and <paramref name="force"/> is not set.</summary>
    public bool TryRent(int minBytes, bool force, [NotNullWhen(true)] out LogSegment? segment)
    {
        Interleave.Point(Access.Pool, this);
        int size = SizeFor(minBytes);
        long rented = Volatile.Read(ref _rentedBytes);
        for (; ; )
        {
            if (!force && size > BudgetBytes - rented)
            {
                segment = null;
                return false;
            }

            // Compare, not add: an add that is taken back would make others see a budget used up that is not.
            long seen = Interlocked.CompareExchange(ref _rentedBytes, rented + size, rented);
            if (seen == rented)
            {
                break;
            }

            rented = seen;
        }

        Interlocked.Increment(ref _rentedSegments);
        int index = SizeIndex(size);
        segment = index < _sizes.Length ? _sizes[index].Get() : new LogSegment(size);
        return true;
    }

    /// <summary>Takes back a segment that nobody refers to.</summary>
    public void Return(LogSegment segment)
    {
        Interleave.Point(Access.Pool, this);
        int size = segment.Capacity;
        int index = SizeIndex(size);
        if (index < _sizes.Length)
        {
            _sizes[index].Return(segment);
        }

        Interlocked.Decrement(ref _rentedSegments);
        Interlocked.Add(ref _rentedBytes, -size);
    }

    private int SizeFor(int minBytes) => (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(minBytes, InitialSegmentBytes));

    private int SizeIndex(int size) => BitOperations.Log2((uint)size) - BitOperations.Log2((uint)InitialSegmentBytes);

    private sealed class SegmentPolicy(int bytes) : IPooledObjectPolicy<LogSegment>
    {
        public LogSegment Create() => new(bytes);

        public bool Return(LogSegment obj) => true;
    }
}
