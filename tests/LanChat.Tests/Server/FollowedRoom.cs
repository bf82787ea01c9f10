using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>One log as a caller sees it: each frame it gets must go on where the last one ended, or say what is missing, and a list of members follows each gap.</summary>
internal sealed class FollowedRoom(uint room = 1)
{
    private ulong _rosterFrom;

    /// <summary>The next entry that is due; 0 before anything came.</summary>
    internal ulong Next { get; private set; }

    internal List<WireFrame> Entries { get; } = [];

    internal List<(ulong From, ulong To)> Gaps { get; } = [];

    /// <summary>How many entries came, and how many were said to be missing: together all there were.</summary>
    internal (int Received, long Missed) Totals => (Entries.Count, Gaps.Sum(gap => (long)(gap.To - gap.From + 1)));

    internal FollowedRoom Take(List<WireFrame> frames, bool isCounted = false)
    {
        foreach (WireFrame frame in frames)
        {
            if (frame.Type == FrameType.Joined && frame.Joined.Room == room)
            {
                Next = frame.Joined.First;
            }
            else if (frame.Type == FrameType.Gap && frame.GapParts() is var (number, from, to) && number == room)
            {
                Assert.True(Next == 0 || from == Next, $"A gap from {from} where {Next} was due.");
                Assert.True(to >= from, $"A gap from {from} to {to}.");
                Gaps.Add((from, to));
                Next = to + 1;
                _rosterFrom = isCounted || room == 0 ? 0 : to;
            }
            else if (frame.Type == FrameType.Roster && frame.Roster.Room == room)
            {
                Assert.True(frame.Roster.Sequence >= _rosterFrom, $"A list as of {frame.Roster.Sequence} after a gap to {_rosterFrom}.");
                _rosterFrom = 0;
            }
            else if (frame.Type == FrameType.Entry && frame.Entry.Room == room)
            {
                Assert.True(Next == 0 || frame.Entry.Sequence == Next, $"Entry {frame.Entry.Sequence} where {Next} was due.");
                Assert.True(_rosterFrom == 0, "An entry after a gap, and no list of members between.");
                Next = frame.Entry.Sequence + 1;
                Entries.Add(frame);
            }
        }

        return this;
    }
}

internal static class GapFrames
{
    internal static (uint Room, ulong From, ulong To) GapParts(this WireFrame frame)
    {
        Assert.Equal(FrameType.Gap, frame.Type);
        Assert.True(GapFrame.TryDecode(frame.Body, out GapFrame gap));
        return (gap.Room, gap.From, gap.To);
    }
}
