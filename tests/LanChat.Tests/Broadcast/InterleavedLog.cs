using LanChat.Broadcast;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Broadcast;

/// <summary>
/// A log in one exhaustive case: segments of 16 bytes, so that two small entries or one large fill one, and never reused, so that whoever comes late
/// finds poison.
/// </summary>
internal sealed class InterleavedLog(long budgetBytes = 1 << 20, int retainedBytes = 0)
{
    public const int Small = 8;
    public const int Large = 16;

    private readonly List<VerifyingReader> _readers = [];

    public SegmentPool Pool { get; } = new(budgetBytes, 16, 16, retainedBytes);

    public BroadcastLog Log => field ??= new BroadcastLog(Pool);

    /// <summary>Before the threads start: a reader at the tail, which AfterEach reads to the end if the case leaves it open.</summary>
    public VerifyingReader AddReader()
    {
        long next = Log.LastSequence + 1;
        return Add(new VerifyingReader(Log.Subscribe(next), next));
    }

    /// <summary>Before the threads start.</summary>
    public void Fill(params ReadOnlySpan<int> sizes)
    {
        foreach (int size in sizes)
        {
            Assert.True(PatternedEntries.TryAppend(Log, size));
        }
    }

    /// <summary>A thread's step: subscribes where the window begins or at the tail, and reads what there is.</summary>
    public VerifyingReader Join(bool atOldest, bool underGate = true)
    {
        VerifyingReader? reader = null;
        void Subscribe()
        {
            long first = atOldest ? Log.OldestSequence : Log.LastSequence + 1;
            reader = new VerifyingReader(Log.Subscribe(first), first);
        }

        if (underGate)
        {
            lock (Log.Gate)
            {
                Subscribe();
            }
        }
        else
        {
            Subscribe();
        }

        return Add(reader!);
    }

    /// <summary>A thread's step: what a room does when a member joins. The entry, then a cursor that begins after it.</summary>
    public VerifyingReader AppendAndSubscribeAfter(int bytes)
    {
        lock (Log.Gate)
        {
            Assert.True(Log.TryReserve(bytes, force: true, out LogReservation joined));
            PatternedEntries.Fill(joined);
            Log.Commit(joined);
            return Add(new VerifyingReader(Log.SubscribeAfter(joined), joined.Sequence + 1));
        }
    }

    public void Trim(long keepEntries, bool expireAll = false)
    {
        lock (Log.Gate)
        {
            Log.Trim(keepEntries, long.MaxValue, 0, expireAll ? static (_, _) => true : null);
        }
    }

    public void Close()
    {
        lock (Log.Gate)
        {
            Log.Close();
        }
    }

    /// <summary>When all threads have ended: each open reader sees all that was appended, and all memory comes back.</summary>
    public void Check(long appended, params ReadOnlySpan<VerifyingReader?> disposed)
    {
        foreach (VerifyingReader reader in _readers)
        {
            if (!disposed.Contains(reader))
            {
                reader.ReadAll();
                Assert.Equal(appended + 1, reader.NextSequence);
                Assert.True(reader.Cursor.IsCaughtUp);
                Assert.Equal(0, reader.Cursor.Lag(0));
                reader.Dispose();
            }
        }

        Log.Close();
        Assert.Equal(0, Pool.RentedSegments);
        Assert.Equal(0, Pool.RentedBytes);
        Assert.Equal(0, Log.MemoryBytes);
    }

    private VerifyingReader Add(VerifyingReader reader)
    {
        lock (_readers)
        {
            _readers.Add(reader);
        }

        return reader;
    }
}
