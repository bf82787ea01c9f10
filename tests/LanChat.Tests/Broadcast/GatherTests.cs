using System.Buffers.Binary;
using LanChat.Broadcast;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Broadcast;

public sealed class GatherTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(100)]
    [InlineData(1000)]
    public void Gather_gives_whole_entries_up_to_its_maximum_and_at_least_one(int maxBytes)
    {
        LogFixture logs = new();
        using (LogCursor cursor = logs.SubscribeAtTail().Cursor)
        {
            logs.Append(8, 32, 300, 64, 60, 8, 8);
            ArraySegment<byte>[] pieces = new ArraySegment<byte>[16];
            int entries = 0;
            int used;
            while ((used = cursor.Gather(pieces, long.MaxValue, maxBytes, out int bytes)) != 0)
            {
                int inGather = 0;
                for (int i = 0; i < used; i++)
                {
                    for (ReadOnlySpan<byte> piece = pieces[i]; piece.Length > 0; inGather++)
                    {
                        piece = piece[(4 + BinaryPrimitives.ReadInt32BigEndian(piece))..];
                    }
                }

                Assert.True(bytes <= maxBytes || inGather == 1);
                entries += inGather;
                cursor.Advance(bytes);
            }

            Assert.Equal(7, entries);
        }

        logs.CloseAndCheckMemory();
    }

    [Fact]
    public void Gather_uses_no_more_pieces_than_it_is_given()
    {
        LogFixture logs = new();
        using (LogCursor cursor = logs.SubscribeAtTail().Cursor)
        {
            logs.Append(64, 128, 256, 256);
            ArraySegment<byte>[] pieces = new ArraySegment<byte>[2];
            Assert.Equal(2, cursor.Gather(pieces, long.MaxValue, int.MaxValue, out int bytes));
            Assert.Equal(192, bytes);
            Assert.Equal(0, cursor.Gather([], long.MaxValue, int.MaxValue, out bytes));
            Assert.Equal(0, bytes);
        }

        logs.CloseAndCheckMemory();
    }

    [Fact]
    public void Gather_stops_at_the_limit_position()
    {
        LogFixture logs = new();
        using (VerifyingReader reader = logs.SubscribeAtTail())
        {
            logs.Append(32, 32, 32);
            LogReservation left;
            lock (logs.Log.Gate)
            {
                Assert.True(logs.Log.TryReserve(24, force: false, out left));
                PatternedEntries.Fill(left);
                logs.Log.Commit(left);
            }

            logs.Append(200, 8);
            while (reader.Read(limitPosition: left.EndPosition, maxBytes: 40) > 0)
            {
            }

            Assert.Equal(5, reader.NextSequence);
            Assert.Equal(left.EndPosition, reader.Cursor.Position);
            Assert.False(reader.Cursor.IsCaughtUp);
        }

        logs.CloseAndCheckMemory();
    }

    [Fact]
    public void The_short_way_gives_what_the_long_way_gives_or_nothing_at_all()
    {
        LogFixture logs = new();
        using (VerifyingReader reader = logs.SubscribeAtTail())
        {
            ArraySegment<byte>[] pieces = new ArraySegment<byte>[16];
            int shortWays = 0;
            int longWays = 0;
            for (int i = 0; i < 200; i++)
            {
                logs.Append(8 + (i * i % 29 * 4), 8 + (i % 13 * 4));
                int used = reader.Cursor.Gather(pieces, long.MaxValue, int.MaxValue, out int bytes);
                long before = reader.Cursor.Position;
                if (reader.Cursor.TryGatherWhole(bytes, out ArraySegment<byte> whole))
                {
                    Assert.Equal(pieces[0], whole);
                    Assert.Equal(1, used);
                    Assert.Equal(bytes, reader.ReadWhole());
                    Assert.Equal(before + bytes, reader.Cursor.Position);
                    Assert.True(reader.Cursor.IsCaughtUp);
                    Assert.Equal(0, reader.Cursor.Lag(0));
                    Assert.Equal(0, reader.ReadWhole());
                    shortWays++;
                }
                else
                {
                    reader.ReadAll();
                    longWays++;
                }
            }

            // Both happen: where a segment is sealed, the long way.
            Assert.InRange(shortWays, 1, 199);
        }

        logs.CloseAndCheckMemory();
    }

    [Fact]
    public void The_short_way_is_closed_inside_an_entry_and_when_there_is_more_than_one_send_takes()
    {
        LogFixture logs = new();
        using (VerifyingReader reader = logs.SubscribeAtTail())
        {
            logs.Append(16);
            reader.ReadAll();
            logs.Append(8, 8, 8);
            Assert.Equal(-1, reader.ReadWhole(maxBytes: 23));
            Assert.Equal(10, reader.ReadWhole(maxBytes: 24, takeBytes: 10));
            Assert.Equal(-1, reader.ReadWhole());
            Assert.Equal(6, reader.ReadRestOfEntry());
            Assert.Equal(8, reader.ReadWhole());
            Assert.Equal(5, reader.NextSequence);
        }

        logs.CloseAndCheckMemory();
    }
}
