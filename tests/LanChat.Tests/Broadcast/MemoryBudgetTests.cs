using LanChat.Broadcast;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Broadcast;

public sealed class MemoryBudgetTests
{
    [Fact]
    public void A_full_budget_refuses_and_what_is_given_back_can_be_used_again()
    {
        LogFixture logs = new(initialBytes: 64, maxBytes: 64, budgetBytes: 256);
        using (VerifyingReader reader = logs.SubscribeAtTail())
        {
            for (int i = 0; i < 4; i++)
            {
                logs.Append(60);
            }

            Assert.Equal(256, logs.Pool.RentedBytes);
            LogSegment tail = reader.Cursor.Segment;
            TailWord word = BroadcastLog.FindTail(ref tail).ReadTail();
            for (int i = 0; i < 1000; i++)
            {
                Assert.False(PatternedEntries.TryAppend(reader.Cursor, 60));
            }

            // Refusals add nothing, however many there are.
            Assert.Equal(word, tail.ReadTail());

            Assert.Equal(4, logs.Log.LastSequence);
            reader.ReadAll();
            Assert.False(PatternedEntries.TryAppend(reader.Cursor, 60));
            logs.Trim(keepEntries: 2);
            Assert.Equal(128, logs.Pool.RentedBytes);
            Assert.True(PatternedEntries.TryAppend(reader.Cursor, 60));
            reader.ReadAll();
            Assert.Equal(6, reader.NextSequence);
        }

        logs.CloseAndCheckMemory();
    }

    [Fact]
    public void A_refused_entry_leaves_the_tail_to_those_that_fit()
    {
        LogFixture logs = new(initialBytes: 64, maxBytes: 64, budgetBytes: 64);
        using (VerifyingReader reader = logs.SubscribeAtTail())
        {
            logs.Append(16);
            Assert.False(PatternedEntries.TryAppend(reader.Cursor, 60));
            Assert.False(PatternedEntries.TryAppend(reader.Cursor, 1000));
            logs.Append(16, 16, 16);
            Assert.False(PatternedEntries.TryAppend(reader.Cursor, 8));
            Assert.Equal(4, logs.Log.LastSequence);
            Assert.Equal(64, reader.Cursor.Lag(0));
            reader.ReadAll();
            Assert.Equal(5, reader.NextSequence);
        }

        logs.CloseAndCheckMemory();
    }

    [Fact]
    public void Force_passes_the_budget_by_as_little_as_it_can()
    {
        LogFixture logs = new(initialBytes: 64, maxBytes: 256, budgetBytes: 64);
        using (VerifyingReader reader = logs.SubscribeAtTail())
        {
            logs.Append(64);
            Assert.False(PatternedEntries.TryAppend(reader.Cursor, 32));
            Assert.True(PatternedEntries.TryAppend(reader.Cursor, 32, force: true));
            Assert.Equal(128, logs.Pool.RentedBytes);

            // What was forced is there for all.
            Assert.True(PatternedEntries.TryAppend(reader.Cursor, 32));
            Assert.False(PatternedEntries.TryAppend(reader.Cursor, 32));
            reader.ReadAll();
            Assert.Equal(4, reader.NextSequence);
        }

        logs.CloseAndCheckMemory();
    }

    [Fact]
    public void Near_the_end_of_the_budget_segments_are_smaller_before_entries_are_refused()
    {
        LogFixture logs = new(initialBytes: 64, maxBytes: 1024, budgetBytes: 64 + 128 + 64);
        logs.Append(64, 128, 64);
        Assert.Equal(256, logs.Pool.RentedBytes);
        logs.CloseAndCheckMemory();
    }

    [Fact]
    public void Logs_share_one_budget()
    {
        SegmentPool pool = new(128, 64, 64);
        BroadcastLog first = new(pool);
        BroadcastLog second = new(pool);
        lock (first.Gate)
        {
            lock (second.Gate)
            {
                Assert.True(PatternedEntries.TryAppend(first, 64));
                Assert.True(PatternedEntries.TryAppend(first, 64));
                Assert.False(PatternedEntries.TryAppend(second, 8));
                Assert.Equal(128, first.MemoryBytes);
                Assert.Equal(0, second.MemoryBytes);
                first.Close();
                Assert.True(PatternedEntries.TryAppend(second, 8));
                second.Close();
            }
        }

        Assert.Equal(0, pool.RentedBytes);
    }

    [Fact]
    public void A_lagging_cursor_keeps_what_it_has_not_read_and_no_more()
    {
        LogFixture logs = new(initialBytes: 64, maxBytes: 64);
        VerifyingReader reader = logs.SubscribeAtTail();
        for (int i = 0; i < 10; i++)
        {
            logs.Append(64);
        }

        logs.Trim(keepEntries: 0);
        Assert.Equal(640, logs.Log.MemoryBytes);
        reader.Read(maxBytes: 64 * 3);
        Assert.Equal(64 * 7, logs.Log.MemoryBytes);
        reader.Dispose();
        Assert.Equal(64, logs.Log.MemoryBytes);
        logs.CloseAndCheckMemory();
    }

    [Fact]
    public void An_untouched_log_holds_nothing()
    {
        LogFixture logs = new();
        logs.Subscribe(1).Dispose();
        Assert.Equal(0, logs.Log.LastSequence);
        Assert.Equal(1, logs.Log.OldestSequence);
        Assert.Equal(0, logs.Pool.RentedSegments);
        logs.CloseAndCheckMemory();
    }
}
