using LanChat.Broadcast;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Broadcast;

public sealed class HistoryWindowTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(1000)]
    public void The_window_by_entries_is_exact(long keep)
    {
        LogFixture logs = new();
        for (int i = 0; i < 100; i++)
        {
            logs.Append(8 + i % 30 * 4);
            logs.Trim(keepEntries: keep);
            Assert.Equal(Math.Max(1, i + 2 - keep), logs.Log.OldestSequence);
        }

        CheckEachStart(logs, 100);
        logs.CloseAndCheckMemory();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(500)]
    [InlineData(100_000)]
    public void The_window_by_bytes_is_exact(long keep)
    {
        LogFixture logs = new();
        List<int> sizes = [];
        for (int i = 0; i < 100; i++)
        {
            sizes.Add(8 + i % 70 * 4);
            logs.Append(sizes[i]);
            logs.Trim(keepBytes: keep);
            long sum = 0;
            int kept = 0;
            while (kept < sizes.Count && sum + sizes[^(kept + 1)] <= keep)
            {
                sum += sizes[^++kept];
            }

            Assert.Equal(sizes.Count - kept + 1, logs.Log.OldestSequence);
        }

        CheckEachStart(logs, 100);
        logs.CloseAndCheckMemory();
    }

    [Fact]
    public void The_window_by_the_predicate_ends_at_the_first_entry_that_is_not_expired()
    {
        LogFixture logs = new();
        for (int i = 0; i < 60; i++)
        {
            logs.Append(16 + i % 20 * 4);
        }

        foreach (int upTo in (int[])[0, 1, 5, 6, 40, 59])
        {
            Assert.False(logs.Trim(expiredUpTo: upTo));
            Assert.Equal(upTo + 1, logs.Log.OldestSequence);
            CheckEachStart(logs, 60);
        }

        logs.CloseAndCheckMemory();
    }

    [Fact]
    public void An_expired_tail_leaves_no_memory_and_the_log_goes_on_numbering()
    {
        LogFixture logs = new(initialBytes: 64, maxBytes: 256);
        long last = 0;
        for (int life = 0; life < 5; life++)
        {
            for (int i = 0; i <= life * 7; i++)
            {
                logs.Append(32);
                last++;
            }

            Assert.False(logs.Trim(expiredUpTo: last - 1));
            Assert.NotEqual(0, logs.Pool.RentedBytes);
            Assert.Equal(last, logs.Log.OldestSequence);
            Assert.True(logs.Trim(expiredUpTo: last));
            Assert.Equal(0, logs.Pool.RentedBytes);
            Assert.Equal(last + 1, logs.Log.OldestSequence);
            Assert.Equal(last, logs.Log.LastSequence);
            Assert.False(logs.Trim(expiredUpTo: last));
        }

        logs.CloseAndCheckMemory();
    }

    [Fact]
    public void Cursors_go_over_an_expired_tail_and_go_on_reading_and_appending()
    {
        LogFixture logs = new();
        using (VerifyingReader caughtUp = logs.SubscribeAtTail())
        using (VerifyingReader behind = logs.SubscribeAtTail())
        using (VerifyingReader within = logs.SubscribeAtTail())
        {
            logs.Append(32, 32, 128, 24, 32);
            caughtUp.ReadAll();
            within.Read(takeBytes: 70);
            Assert.True(logs.Trim(expiredUpTo: 5));
            Assert.NotEqual(0, logs.Pool.RentedSegments);

            Assert.True(PatternedEntries.TryAppend(behind.Cursor, 200));
            Assert.True(PatternedEntries.TryAppend(caughtUp.Cursor, 16));
            Assert.Equal(6, logs.Log.OldestSequence);
            foreach (VerifyingReader reader in (VerifyingReader[])[caughtUp, behind, within])
            {
                reader.ReadAll();
                Assert.Equal(8, reader.NextSequence);
            }
        }

        Assert.Equal(1, logs.Pool.RentedSegments);
        logs.CloseAndCheckMemory();
    }

    [Fact]
    public void An_idle_cursor_that_is_told_to_holds_no_memory_after_the_tail_expired()
    {
        LogFixture logs = new();
        using (VerifyingReader reader = logs.SubscribeAtTail())
        {
            logs.Append(32, 32, 128);
            reader.ReadAll();
            Assert.True(logs.Trim(expiredUpTo: 3));
            Assert.Equal(1, logs.Pool.RentedSegments);
            reader.Cursor.ReleaseFinished();
            Assert.Equal(0, logs.Pool.RentedSegments);
            logs.Append(16);
            reader.ReadAll();
            Assert.Equal(5, reader.NextSequence);
        }

        logs.CloseAndCheckMemory();
    }

    [Fact]
    public void A_log_that_keeps_no_history_keeps_its_tail_while_it_is_young()
    {
        LogFixture logs = new();
        for (int i = 1; i <= 8; i++)
        {
            logs.Append(16);
            Assert.False(logs.Trim(keepEntries: 0, expiredUpTo: 0));
            Assert.Equal(i + 1, logs.Log.OldestSequence);
        }

        Assert.Equal(1, logs.Pool.RentedSegments);
        Assert.True(logs.Trim(keepEntries: 0, expiredUpTo: 8));
        Assert.Equal(0, logs.Pool.RentedSegments);
        logs.CloseAndCheckMemory();
    }

    [Fact]
    public void Trim_stops_at_an_entry_that_is_not_committed_yet()
    {
        LogFixture logs = new();
        using (VerifyingReader reader = logs.SubscribeAtTail())
        {
            logs.Append(16);
            Assert.True(reader.Cursor.TryReserve(32, force: false, out LogReservation pending));
            logs.Append(64, 128);
            Assert.False(logs.Trim(keepEntries: 1, expiredUpTo: 100));
            Assert.Equal(2, logs.Log.OldestSequence);

            PatternedEntries.Fill(pending);
            logs.Log.Commit(pending);
            logs.Trim(keepEntries: 1);
            Assert.Equal(4, logs.Log.OldestSequence);
            reader.ReadAll();
            Assert.Equal(5, reader.NextSequence);
        }

        logs.CloseAndCheckMemory();
    }

    [Fact]
    public void A_cursor_after_a_reservation_sees_exactly_what_comes_after_it()
    {
        LogFixture logs = new();
        LogReservation joined;
        VerifyingReader reader;
        lock (logs.Log.Gate)
        {
            Assert.True(logs.Log.TryReserve(60, force: true, out joined));
            reader = new VerifyingReader(logs.Log.SubscribeAfter(joined), joined.Sequence + 1);
            PatternedEntries.Fill(joined);
            logs.Log.Commit(joined);
        }

        using (reader)
        {
            Assert.Equal(joined.EndPosition, reader.Cursor.Position);
            reader.ReadAll();
            Assert.Equal(2, reader.NextSequence);
            logs.Append(16, 300);
            reader.ReadAll();
            Assert.Equal(4, reader.NextSequence);
        }

        logs.CloseAndCheckMemory();
    }

    [Fact]
    public void A_start_outside_of_the_window_is_refused()
    {
        LogFixture logs = new();
        logs.Append(32, 32, 32, 32);
        logs.Trim(keepEntries: 2);
        Assert.Throws<ArgumentOutOfRangeException>(() => logs.Subscribe(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => logs.Subscribe(6));
        logs.Subscribe(3).Dispose();
        logs.Subscribe(5).Dispose();
        logs.CloseAndCheckMemory();
        Assert.Throws<ObjectDisposedException>(() => logs.Subscribe(3));
    }

    [Fact]
    public void A_seal_asks_for_a_trim_and_the_trim_answers_it()
    {
        LogFixture logs = new();
        Assert.False(logs.Log.NeedsTrim);
        logs.Append(32);
        Assert.True(logs.Log.NeedsTrim);
        logs.Trim();
        Assert.False(logs.Log.NeedsTrim);
        logs.Append(32);
        Assert.False(logs.Log.NeedsTrim);
        logs.Append(32);
        Assert.True(logs.Log.NeedsTrim);
        logs.CloseAndCheckMemory();
    }

    private static void CheckEachStart(LogFixture logs, long last)
    {
        for (long first = logs.Log.OldestSequence; first <= last + 1; first++)
        {
            using VerifyingReader reader = logs.Subscribe(first);
            reader.ReadAll();
            Assert.Equal(last + 1, reader.NextSequence);
        }

        Assert.Equal(last, logs.Log.LastSequence);
    }
}
