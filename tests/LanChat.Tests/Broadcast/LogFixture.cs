using LanChat.Broadcast;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Broadcast;

/// <summary>A log with small segments, and the question that each test ends with: has all memory come back?</summary>
internal sealed class LogFixture(int initialBytes = 64, int maxBytes = 256, long budgetBytes = 1 << 30, int retainedBytes = 1 << 16)
{
    public SegmentPool Pool { get; } = new(budgetBytes, initialBytes, maxBytes, retainedBytes);

    public BroadcastLog Log => field ??= new BroadcastLog(Pool);

    public VerifyingReader Subscribe(long first)
    {
        lock (Log.Gate)
        {
            return new VerifyingReader(Log.Subscribe(first), first);
        }
    }

    public VerifyingReader SubscribeAtTail()
    {
        lock (Log.Gate)
        {
            long next = Log.LastSequence + 1;
            return new VerifyingReader(Log.Subscribe(next), next);
        }
    }

    public void Append(params ReadOnlySpan<int> sizes)
    {
        lock (Log.Gate)
        {
            foreach (int size in sizes)
            {
                Assert.True(PatternedEntries.TryAppend(Log, size));
            }
        }
    }

    public bool Trim(long keepEntries = long.MaxValue, long keepBytes = long.MaxValue, long? expiredUpTo = null)
    {
        lock (Log.Gate)
        {
            return Log.Trim(keepEntries, keepBytes, expiredUpTo, expiredUpTo is null ? null : static (entry, upTo)
                => System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(entry[4..]) <= upTo);
        }
    }

    public void CloseAndCheckMemory()
    {
        lock (Log.Gate)
        {
            Log.Close();
        }

        Assert.Equal(0, Pool.RentedSegments);
        Assert.Equal(0, Pool.RentedBytes);
        Assert.Equal(0, Log.MemoryBytes);
    }
}
