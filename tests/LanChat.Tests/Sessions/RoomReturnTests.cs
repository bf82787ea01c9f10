using LanChat.Framing;
using LanChat.Tests.Server;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Sessions;

/// <summary>The rooms of who comes back: joined again where they were left off, or left.</summary>
public abstract class RoomReturnTests(bool tls)
{
    private static readonly ChatServerOptions Options = Resuming.Options with { Loops = 2 };

    [Fact]
    public void Coming_back_has_the_outcomes_of_any_JOIN()
    {
        var server = new MemoryServer(Options with { MaxHistoryEntries = 10 }, tls);
        MemoryCaller ada = server.Join("ada");
        var bo = new ReturningCaller(server, "bo");
        bo.Lose();
        Say(ada, 1, 5);
        Assert.Equal(JoinOutcome.Recovered, Outcome(bo.Return(bo.Rejoin())));
        bo.Lose();
        Say(ada, 6, 20);
        List<WireFrame> frames = bo.Return(bo.Rejoin());
        JoinedFrame joined = frames.Only(FrameType.Joined).Joined;
        Assert.Equal((JoinOutcome.Gap, joined.Newest - 9), (joined.Outcome, joined.First));
        Assert.Equal(joined.First, frames.Sequences()[0]);
        bo.Lose();
        Assert.Equal(JoinOutcome.Reset, Outcome(bo.Return(WireFrame.Join("lobby", 3, bo.Epoch ^ 2, 1))));
        bo.Lose();
        Assert.Equal(JoinOutcome.Reset, Outcome(bo.Return(WireFrame.Join("lobby", 3, bo.Epoch, 1_000))));
        bo.Lose();
        frames = bo.Return(WireFrame.Join("lobby", 3));
        Assert.Equal((JoinOutcome.Fresh, 3), (Outcome(frames), frames.Sequences().Length));
        Assert.Equal(["ada", "bo"], server.Members());
    }

    [Fact]
    public void A_room_that_is_not_joined_again_within_five_seconds_is_left()
    {
        var server = new MemoryServer(Options, tls);
        MemoryCaller ada = server.Join("ada");
        ada.Say(WireFrame.Join("den"));
        var bo = new ReturningCaller(server, "bo");
        bo.Caller.Say(WireFrame.Join("den"));
        bo.Lose();
        bo.Return(bo.Rejoin());
        server.Advance(4.9);
        Assert.Equal(["ada", "bo"], server.Members("den"));
        server.Advance(0.2);
        Assert.Equal(["ada"], server.Members("den"));
        Assert.Equal(["ada", "bo"], server.Members());
        uint den = server.Context.Rooms.Find("den")!.Number;
        Assert.Equal(("bo", 1u, DisconnectReason.Goodbye), Assert.Single(ada.Frames().Entries(EntryKind.Left, den)).LeftParts());

        // It may be joined like any other.
        bo.Caller.Frames();
        bo.Caller.Say(WireFrame.Join("den"));
        Assert.Equal(2u, bo.Caller.Frames().Only(FrameType.Joined).Joined.Members);
    }

    [Fact]
    public void Until_it_is_joined_again_a_room_is_closed_to_its_member()
    {
        var server = new MemoryServer(Options, tls);
        MemoryCaller ada = server.Join("ada");
        var bo = new ReturningCaller(server, "bo");
        bo.Lose();
        List<WireFrame> frames = bo.Return(WireFrame.Publish(1, 1, "too early"), Callers.Leave(1), Callers.Who(1));
        Assert.Equal([(1, DisconnectReason.NotAMember)], frames.Rejections());
        Assert.Equal(
            [(1u, DisconnectReason.NotAMember, ""), (1u, DisconnectReason.NotAMember, "")],
            frames.Where(frame => frame.Type == FrameType.Parted).Select(frame => frame.PartedParts()));
        ada.Say(WireFrame.Publish(1, 1, "nobody hears"));
        Assert.Empty(bo.Caller.Frames());
        bo.Caller.Say(bo.Rejoin());
        frames = bo.Caller.Frames();
        Assert.Equal(["nobody hears"], frames.Texts());
        bo.Caller.Say(bo.Rejoin());
        Assert.Equal((0u, DisconnectReason.AlreadyThere, "lobby"), bo.Caller.Frames().Only(FrameType.Parted).PartedParts());
    }

    [Fact]
    public void A_place_in_a_full_room_is_kept_and_so_is_the_place_among_the_rooms_of_one_session()
    {
        var server = new MemoryServer(Options with { MaxRoomMembers = 2, MaxRoomsPerSession = 1 }, tls);
        MemoryCaller ada = server.Join("ada");
        var bo = new ReturningCaller(server, "bo");
        bo.Lose();
        Assert.Equal((0u, DisconnectReason.RoomFull, "lobby"), server.Join("cy").Frames().Only(FrameType.Parted).PartedParts());
        List<WireFrame> frames = bo.Return(WireFrame.Join("den"), bo.Rejoin("LOBBY"));
        Assert.Equal((0u, DisconnectReason.TooManyRooms, "den"), frames.Only(FrameType.Parted).PartedParts());
        JoinedFrame joined = frames.Only(FrameType.Joined).Joined;
        Assert.Equal((1u, 2u), (joined.Room, joined.Members));
        Assert.Equal("LOBBY"u8, joined.Name);
        Assert.Equal(["LostContact bo", "Back bo"], ada.Seen()[^2..]);
    }

    [Fact]
    public void Who_is_away_keeps_a_room()
    {
        var server = new MemoryServer(Options, tls);
        var bo = new ReturningCaller(server, "bo", "den");
        uint den = server.Context.Rooms.Find("den")!.Number;
        bo.Lose();
        server.Advance(29);
        Assert.Equal(JoinOutcome.Recovered, Outcome(bo.Return(bo.Rejoin("den"))));
        bo.Lose();

        // The window, and then as long again as an empty room.
        server.Advance(32);
        Assert.Empty(server.Members("den"));
        Assert.Equal(den, server.Context.Rooms.Find("den")!.Number);
        server.Advance(31);
        Assert.Null(server.Context.Rooms.Find("den"));
    }

    [Fact]
    public void A_counted_room_names_nobody_who_is_lost_or_back()
    {
        var server = new MemoryServer(Options with { PresenceLimit = 2 }, tls);
        MemoryCaller ada = server.Join("ada");
        var bo = new ReturningCaller(server, "bo");
        var cy = new ReturningCaller(server, "cy");
        ada.Frames();
        cy.Lose();
        List<WireFrame> frames = cy.Return(cy.Rejoin());
        JoinedFrame joined = frames.Only(FrameType.Joined).Joined;
        Assert.Equal((JoinedFrame.CountedFlag, 3u, cy.Newest), (joined.Flags, joined.Members, joined.Newest));
        Assert.DoesNotContain(frames, frame => frame.Type == FrameType.Roster);
        server.Advance(3);
        Assert.Empty(ada.Seen());
        bo.Lose();
        server.Advance(32);
        Assert.Equal(2u, Assert.Single(ada.Frames().Entries()).MembersNow());
    }

    [Fact]
    public void A_room_that_became_counted_meanwhile_says_so()
    {
        var server = new MemoryServer(Options with { PresenceLimit = 2 }, tls);
        server.Join("ada");
        var bo = new ReturningCaller(server, "bo");
        bo.Lose();
        MemoryCaller cy = server.Join("cy");
        cy.Frames();
        List<WireFrame> frames = bo.Return(bo.Rejoin());
        Assert.Equal(JoinedFrame.CountedFlag, frames.Only(FrameType.Joined).Joined.Flags);
        Assert.Equal(["LostContact bo", "Members "], frames.Seen());
        Assert.Empty(cy.Seen());
    }

    [Fact]
    public void Lost_twice_before_the_room_is_joined_again_is_told_once()
    {
        var server = new MemoryServer(Options, tls);
        MemoryCaller ada = server.Join("ada");
        var bo = new ReturningCaller(server, "bo");
        ada.Frames();
        bo.Lose();
        bo.Return();
        bo.Lose();
        bo.Return(bo.Rejoin());
        Assert.Equal(["LostContact bo", "Back bo"], ada.Seen());

        // Taken over is not lost; but lost before the room is joined again is.
        bo.Return();
        bo.Lose();
        bo.Return(bo.Rejoin());
        Assert.Equal(["LostContact bo", "Back bo"], ada.Seen());
    }

    [Fact]
    public void A_visit_that_was_ending_is_over()
    {
        var server = new MemoryServer(Options, tls);
        MemoryCaller ada = server.Join("ada");
        var bo = new ReturningCaller(server, "bo");
        ada.Frames();
        bo.Caller.Client.FromServer.Capacity = 0;
        ada.Say(WireFrame.Publish(1, 1, new string('x', 1000)));
        bo.Caller.Say([.. Callers.Leave(1), .. WireFrame.Join("lobby")]);
        bo.Lose();
        Assert.Equal($"Message ada {new string('x', 1000)}", ada.Seen()[0]);
        Assert.Equal(["ada"], server.Members());
        List<WireFrame> frames = bo.Return(bo.Rejoin());
        Assert.Equal(JoinOutcome.Recovered, Outcome(frames));
        Assert.Equal(["Joined bo"], ada.Seen());
    }

    private static JoinOutcome Outcome(List<WireFrame> frames) => frames.Only(FrameType.Joined).Joined.Outcome;

    private static void Say(MemoryCaller caller, int from, int to)
    {
        for (int id = from; id <= to; id++)
        {
            caller.Say(WireFrame.Publish(1, (ulong)id, $"{id}"));
        }
    }
}

/// <inheritdoc/>
public sealed class RoomReturnOverPlainTests() : RoomReturnTests(tls: false);

/// <inheritdoc/>
public sealed class RoomReturnOverTlsTests() : RoomReturnTests(tls: true);
