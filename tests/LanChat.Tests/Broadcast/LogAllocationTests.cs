using LanChat.Broadcast;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Broadcast;

[Collection("whole process")]
public sealed class LogAllocationTests
{
    [Fact]
    public void Append_gather_advance_and_trim_allocate_nothing_in_steady_state()
    {
        LogFixture logs = new(initialBytes: 1024, maxBytes: 4096);
        using (VerifyingReader first = logs.SubscribeAtTail())
        using (VerifyingReader second = logs.SubscribeAtTail())
        {
            ArraySegment<byte>[] pieces = new ArraySegment<byte>[8];

            // Warm: the pool has what the window needs, the code is compiled.
            Run(logs, first.Cursor, second.Cursor, pieces, rounds: 2000);
            Assert.Equal(0, Allocations.LeastOf(() => Run(logs, first.Cursor, second.Cursor, pieces, rounds: 2000)));
        }

        logs.CloseAndCheckMemory();
    }

    private static void Run(LogFixture logs, LogCursor first, LogCursor second, ArraySegment<byte>[] pieces, int rounds)
    {
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < 10; i++)
            {
                PatternedEntries.TryAppend(i % 2 == 0 ? first : second, 64 + i * 4);
            }

            first.Gather(pieces, long.MaxValue, int.MaxValue, out int bytes);
            first.Advance(bytes);
            second.Gather(pieces, long.MaxValue, 500, out bytes);
            second.Advance(bytes / 2);
            second.Advance(second.GatherRestOfEntry(out _));
            while (second.TryReadEntry(out ReadOnlySpan<byte> entry))
            {
                second.Advance(entry.Length);
            }

            if (logs.Log.NeedsTrim)
            {
                lock (logs.Log.Gate)
                {
                    logs.Log.Trim(keepEntries: 100, keepBytes: 1 << 20, 0, static (_, _) => false);
                }
            }
        }
    }
}
