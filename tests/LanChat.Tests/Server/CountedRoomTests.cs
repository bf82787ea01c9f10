using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>Rooms with more members than are named one by one.</summary>
public abstract class CountedRoomTests
{
    private readonly MemoryServer _server;
    private readonly MemoryCaller _ada;

    protected CountedRoomTests(bool tls)
    {
        _server = new MemoryServer(Callers.Patient with { PresenceLimit = 3 }, tls);
        // Off the beat of the server's second, so that "at most once a second" is not so by chance.
        _server.Advance(0.9);
        _ada = _server.Join("ada");
        _server.Join("bo");
        _server.Join("cy");
    }

    [Fact]
    public void Up_to_the_limit_members_are_named()
    {
        List<WireFrame> frames = _ada.Frames();
        Assert.Equal(3, frames.Entries(EntryKind.Joined).Count + 1);
        Assert.Empty(frames.Entries(EntryKind.Members));
        Assert.Equal(0, frames.Only(FrameType.Joined).Joined.Flags);
    }

    [Fact]
    public void Passing_the_limit_is_one_entry_of_kind_5()
    {
        _ada.Frames();
        List<WireFrame> frames = _server.Join("di").Frames();
        JoinedFrame joined = frames[1].Joined;
        Assert.Equal((JoinedFrame.CountedFlag, 4u), (joined.Flags, joined.Members));
        Assert.DoesNotContain(frames, frame => frame.Type == FrameType.Roster);

        WireFrame entry = Assert.Single(_ada.Frames());
        Assert.Equal((EntryKind.Members, 4u, joined.Newest), (entry.Entry.Kind, entry.MembersNow(), entry.Entry.Sequence));
        Assert.Equal(0, entry.Entry.Name.Length);
    }

    [Fact]
    public void Then_only_the_number_is_told_at_most_once_a_second()
    {
        var told = new List<(long Time, uint Members)>();
        for (int i = 0; i < 40; i++)
        {
            MemoryCaller visitor = _server.Join($"visitor-{i}");
            if (i % 3 == 0)
            {
                visitor.Say(Callers.Leave(1));
            }

            _server.Advance(0.15);
        }

        _server.Advance(3);
        foreach (WireFrame frame in _ada.Frames().Entries().Where(frame => frame.Entry.Sequence > 3))
        {
            Assert.Equal(EntryKind.Members, frame.Entry.Kind);
            told.Add((frame.Entry.Time, frame.MembersNow()));
        }

        for (int i = 1; i < told.Count; i++)
        {
            Assert.True(told[i].Time - told[i - 1].Time >= 1000, $"Told at {told[i - 1].Time} and {told[i].Time}.");
        }

        // About once a second while there was something to tell, and the last one is right.
        Assert.InRange(told.Count, 6, 8);
        Assert.Equal((uint)_server.Members().Length, told[^1].Members);
    }

    [Fact]
    public void In_a_counted_room_newest_is_the_tail_and_no_roster_follows()
    {
        _server.Join("di");
        _ada.Say(WireFrame.Publish(1, 1, "hello"));
        List<WireFrame> frames = _server.Join("ed", replay: 1).Frames();
        JoinedFrame joined = frames[1].Joined;
        Assert.Equal((JoinedFrame.CountedFlag, 5UL, 5u, 5UL), (joined.Flags, joined.Newest, joined.Members, joined.First));
        Assert.DoesNotContain(frames, frame => frame.Type == FrameType.Roster);
        Assert.Equal(["hello"], frames.Texts());
    }

    [Fact]
    public void LEAVE_of_a_counted_room_is_answered_after_the_tail()
    {
        MemoryCaller di = _server.Join("di");
        di.Frames();
        _ada.Frames();
        di.Say([.. WireFrame.Publish(1, 1, "last words"), .. Callers.Leave(1)]);
        List<WireFrame> frames = di.Frames();
        Assert.Equal(2, frames.Count);
        Assert.Equal(["last words"], frames.Texts());
        Assert.Equal((1u, DisconnectReason.Goodbye, "lobby"), frames[1].PartedParts());
        Assert.Equal(["last words"], _ada.Frames().Texts());
        _server.Advance(2);
        Assert.Equal(3u, Assert.Single(_ada.Frames()).MembersNow());
    }

    [Fact]
    public void A_counted_room_stays_one_when_members_leave()
    {
        MemoryCaller di = _server.Join("di");
        di.Say(Callers.Leave(1));
        _server.Advance(2);
        di.Frames();
        di.Say(Callers.Leave(1));
        Assert.Equal((1u, DisconnectReason.NotAMember, ""), Assert.Single(di.Frames()).PartedParts());
        MemoryCaller ed = _server.Join("ed");
        Assert.Equal(JoinedFrame.CountedFlag, ed.Frames().Only(FrameType.Joined).Joined.Flags);
    }
}

/// <inheritdoc/>
public sealed class CountedRoomOverPlainTests() : CountedRoomTests(tls: false);

/// <inheritdoc/>
public sealed class CountedRoomOverTlsTests() : CountedRoomTests(tls: true);
