using LanChat.Broadcast;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Broadcast;

public sealed class CursorTests
{
    [Fact]
    public void A_cursor_sees_all_that_was_appended_after_it_across_segments()
    {
        LogFixture logs = new();
        using (VerifyingReader reader = logs.SubscribeAtTail())
        {
            for (int i = 0; i < 100; i++)
            {
                logs.Append(8 + i % 8 * 4);
                if (i % 3 == 2)
                {
                    reader.ReadAll();
                }
            }

            reader.ReadAll();
            Assert.Equal(101, reader.NextSequence);
            Assert.True(reader.Cursor.IsCaughtUp);
        }

        logs.CloseAndCheckMemory();
    }

    [Fact]
    public void Every_entry_size_arrives_whole_also_above_the_largest_segment()
    {
        LogFixture logs = new(SegmentPool.DefaultInitialSegmentBytes, SegmentPool.DefaultMaxSegmentBytes);
        using (VerifyingReader reader = logs.SubscribeAtTail())
        {
            long appended = 0;
            for (int size = 8; size <= 2048; size += 4)
            {
                logs.Append(size);
                appended++;
            }

            foreach (int size in (int[])[4092, 4096, 4100, 65_540, 262_140, 262_144, 262_148, 8, 1_000_000, 16, 3_000_000, 524_288])
            {
                logs.Append(size, 12);
                appended += 2;
                reader.ReadAll();
            }

            Assert.Equal(appended + 1, reader.NextSequence);
        }

        logs.CloseAndCheckMemory();
    }

    [Fact]
    public void A_send_may_stop_at_any_byte_and_the_rest_of_the_entry_follows()
    {
        int[] sizes = [8, 24, 300, 16, 64, 12, 260, 8];
        int total = sizes.Sum();
        for (int stop = 0; stop <= total; stop++)
        {
            LogFixture logs = new();
            using (VerifyingReader reader = logs.SubscribeAtTail())
            {
                logs.Append(sizes);
                int taken = 0;
                while (taken < stop)
                {
                    taken += reader.Read(takeBytes: stop - taken);
                }

                int rest = reader.ReadRestOfEntry();
                Assert.Equal(0, reader.ReadRestOfEntry());
                int boundary = 0;
                foreach (int size in sizes)
                {
                    boundary = boundary < stop ? boundary + size : boundary;
                }

                Assert.Equal(boundary - stop, rest);
                Assert.Equal(boundary, reader.Cursor.Position);
                Assert.Equal(total - boundary, reader.Cursor.Lag(0));
                reader.ReadAll();
                Assert.Equal(sizes.Length + 1, reader.NextSequence);
            }

            logs.CloseAndCheckMemory();
        }
    }

    [Fact]
    public void A_send_of_one_byte_at_a_time_loses_nothing()
    {
        LogFixture logs = new();
        using (VerifyingReader reader = logs.SubscribeAtTail())
        {
            for (int i = 0; i < 50; i++)
            {
                logs.Append(8 + i * 4);
                while (reader.Read(takeBytes: 1) == 1)
                {
                }
            }

            Assert.Equal(51, reader.NextSequence);
        }

        logs.CloseAndCheckMemory();
    }

    [Fact]
    public void An_uncommitted_entry_holds_back_those_after_it_and_nothing_else()
    {
        LogFixture logs = new();
        using (VerifyingReader slow = logs.SubscribeAtTail())
        using (VerifyingReader other = logs.SubscribeAtTail())
        {
            Assert.True(PatternedEntries.TryAppend(other.Cursor, 16));
            Assert.True(slow.Cursor.TryReserve(200, force: false, out LogReservation reservation));
            Assert.True(PatternedEntries.TryAppend(other.Cursor, 300));
            other.ReadAll();
            Assert.Equal(2, other.NextSequence);
            Assert.True(other.Cursor.IsCaughtUp);
            Assert.Equal(500, other.Cursor.Lag(0));

            PatternedEntries.Fill(reservation);
            logs.Log.Commit(reservation);
            Assert.False(other.Cursor.IsCaughtUp);
            other.ReadAll();
            slow.ReadAll();
            Assert.Equal(4, other.NextSequence);
            Assert.Equal(4, slow.NextSequence);
        }

        logs.CloseAndCheckMemory();
    }

    [Fact]
    public void A_cursor_born_behind_an_uncommitted_entry_does_not_show_it_to_others()
    {
        // The joiner reads what follows and would, if it raised the shared frontier, let the older cursor send bytes that are still being written.
        LogFixture logs = new(initialBytes: 256);
        using (VerifyingReader old = logs.SubscribeAtTail())
        using (VerifyingReader writer = logs.SubscribeAtTail())
        {
            Assert.True(writer.Cursor.TryReserve(32, force: false, out LogReservation pending));
            using VerifyingReader joiner = logs.SubscribeAtTail();
            Assert.True(PatternedEntries.TryAppend(old.Cursor, 16));
            joiner.ReadAll();
            Assert.Equal(3, joiner.NextSequence);
            old.ReadAll();
            Assert.Equal(1, old.NextSequence);

            PatternedEntries.Fill(pending);
            logs.Log.Commit(pending);
            old.ReadAll();
            Assert.Equal(3, old.NextSequence);
        }

        logs.CloseAndCheckMemory();
    }

    [Fact]
    public void An_observer_reads_entry_by_entry()
    {
        LogFixture logs = new();
        using (VerifyingReader reader = logs.SubscribeAtTail())
        {
            Assert.False(reader.ReadEntry());
            logs.Append(8, 64, 300, 12);
            for (int i = 0; i < 4; i++)
            {
                Assert.True(reader.ReadEntry());
            }

            Assert.False(reader.ReadEntry());
            logs.Append(16);
            Assert.Equal(4, reader.Read(takeBytes: 4));
            Assert.Throws<InvalidOperationException>(() => reader.ReadEntry());
        }

        logs.CloseAndCheckMemory();
    }

    [Fact]
    public void An_advance_beyond_what_was_gathered_is_refused()
    {
        LogFixture logs = new();
        using (LogCursor cursor = logs.SubscribeAtTail().Cursor)
        {
            logs.Append(16);
            Assert.Throws<ArgumentOutOfRangeException>(() => cursor.Advance(16));
            cursor.Gather(new ArraySegment<byte>[1], long.MaxValue, int.MaxValue, out _);
            Assert.Throws<ArgumentOutOfRangeException>(() => cursor.Advance(20));
            Assert.Throws<ArgumentOutOfRangeException>(() => cursor.Advance(-1));
            cursor.Advance(16);
        }

        logs.CloseAndCheckMemory();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(10)]
    [InlineData(-8)]
    [InlineData(SegmentPool.MaxEntryBytes + 4)]
    public void An_impossible_entry_size_is_refused(int bytes)
    {
        LogFixture logs = new();
        using (LogCursor cursor = logs.SubscribeAtTail().Cursor)
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => cursor.TryReserve(bytes, force: true, out _));
        }

        logs.CloseAndCheckMemory();
    }

    [Fact]
    public void A_disposed_cursor_refuses_and_gives_its_reference_back_once()
    {
        LogFixture logs = new();
        LogCursor cursor = logs.SubscribeAtTail().Cursor;
        logs.Append(16);
        cursor.ReleaseFinished();
        cursor.Dispose();
        cursor.Dispose();
        Assert.Throws<ObjectDisposedException>(() => cursor.TryReserve(16, force: false, out _));
        Assert.Throws<ObjectDisposedException>(() => cursor.Gather(new ArraySegment<byte>[1], long.MaxValue, 1, out _));
        Assert.Throws<ObjectDisposedException>(() => cursor.TryReadEntry(out _));
        logs.CloseAndCheckMemory();
    }

    [Fact]
    public void Lag_is_exact_from_the_cursor_or_from_a_later_position()
    {
        LogFixture logs = new();
        using (VerifyingReader reader = logs.SubscribeAtTail())
        {
            Assert.Equal(0, reader.Cursor.Lag(0));
            logs.Append(64, 100);
            Assert.Equal(164, reader.Cursor.Lag(0));
            Assert.Equal(100, reader.Cursor.Lag(64));
            Assert.Equal(0, reader.Cursor.Lag(164));
            Assert.Equal(0, reader.Cursor.Lag(10_000));
            reader.Read(takeBytes: 70);
            Assert.Equal(94, reader.Cursor.Lag(0));
            Assert.Equal(94, reader.Cursor.Lag(64));
            logs.Append(256, 8, 256);
            Assert.Equal(94 + 520, reader.Cursor.Lag(0));
            Assert.Equal(520, reader.Cursor.Lag(164));
            reader.ReadAll();
            Assert.Equal(0, reader.Cursor.Lag(0));
        }

        logs.CloseAndCheckMemory();
    }
}
