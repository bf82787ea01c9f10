using LanChat.Broadcast;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Broadcast;

/// <summary>A cursor that is moved on without reading: where it stands then, and what it no longer keeps.</summary>
public sealed class SkipTests
{
    // Of 16 bytes each; the first segment holds four of them, the others sixteen.
    private static readonly int[] Hundred = [.. Enumerable.Repeat(16, 100)];

    [Theory]
    [InlineData(0, 1)]
    [InlineData(15, 1)]
    [InlineData(16, 1)]
    [InlineData(17, 1)]
    [InlineData(32, 2)]
    [InlineData(800, 50)]
    [InlineData(1599, 99)]
    public void It_goes_on_at_the_first_entry_within_so_many_bytes_of_the_tail_and_never_past_the_newest(long keepBytes, int left)
    {
        LogFixture logs = new();
        using (VerifyingReader reader = logs.SubscribeAtTail())
        {
            logs.Append(Hundred);
            Assert.Equal(100 - left, reader.Skip(keepBytes));
            Assert.Equal(0, reader.Skip(keepBytes));
            Assert.Equal(100, reader.Cursor.LastSequence);
            reader.ReadAll();
            Assert.Equal(101, reader.NextSequence);
        }

        logs.CloseAndCheckMemory();
    }

    [Fact]
    public void Who_is_near_enough_is_not_moved()
    {
        LogFixture logs = new();
        using (VerifyingReader reader = logs.SubscribeAtTail())
        {
            Assert.Equal(0, reader.Skip(0));
            logs.Append(Hundred);
            Assert.Equal(0, reader.Skip(1600));
            Assert.Equal(0, reader.Skip(long.MaxValue / 2));
            reader.ReadAll();
            Assert.Equal(0, reader.Skip(0));
            Assert.Equal(101, reader.NextSequence);
        }

        logs.CloseAndCheckMemory();
    }

    [Fact]
    public void What_was_passed_over_is_no_longer_kept()
    {
        LogFixture logs = new();
        using (VerifyingReader reader = logs.SubscribeAtTail())
        {
            logs.Append(Hundred);
            logs.Trim(keepEntries: 0);
            long kept = logs.Log.MemoryBytes;
            reader.Skip(300);
            Assert.InRange(logs.Log.MemoryBytes, 1, 3 * 256);
            Assert.True(kept > 1600);
        }

        logs.CloseAndCheckMemory();
    }

    [Fact]
    public void An_entry_that_is_being_written_is_not_skipped_to_and_one_farther_back_is_passed_over_with_its_segment()
    {
        LogFixture logs = new();
        BroadcastLog log = logs.Log;
        using VerifyingReader writer = logs.SubscribeAtTail();
        using (VerifyingReader reader = logs.SubscribeAtTail())
        {
            logs.Append(16, 16);
            Assert.True(writer.Cursor.TryReserve(16, force: false, out LogReservation pending));
            logs.Append(Hundred);

            // The third entry is in the first segment, which is sealed: whoever wants only the newest need not wait for it.
            Assert.Equal(93, reader.Skip(160));

            Assert.True(writer.Cursor.TryReserve(16, force: false, out LogReservation newest));
            Assert.Equal(9, reader.Skip(0));
            PatternedEntries.Fill(newest);
            log.Commit(newest);
            Assert.Equal(1, reader.Skip(0));
            PatternedEntries.Fill(pending);
            log.Commit(pending);
        }

        writer.ReadAll();
        writer.Dispose();
        logs.CloseAndCheckMemory();
    }

    [Fact]
    public void Inside_an_entry_it_cannot_be_moved()
    {
        LogFixture logs = new();
        using (VerifyingReader reader = logs.SubscribeAtTail())
        {
            logs.Append(Hundred);
            reader.Read(takeBytes: 10);
            Assert.Throws<InvalidOperationException>(() => reader.Skip(0));
            reader.ReadRestOfEntry();
            Assert.Equal(98, reader.Skip(0));
        }

        logs.CloseAndCheckMemory();
    }
}
