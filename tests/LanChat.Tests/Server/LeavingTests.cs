using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>LEAVE and PARTED: no confirmation is cut off, and a room can be entered again in the same breath.</summary>
public abstract class LeavingTests(bool tls)
{
    [Fact]
    public void PARTED_comes_after_every_confirmation_and_ones_own_left()
    {
        var server = new MemoryServer(Callers.Patient, tls);
        MemoryCaller ada = server.Join("ada");
        MemoryCaller bo = server.Join("bo");
        bo.Frames();
        bo.Say([.. WireFrame.Publish(1, 1, "one"), .. WireFrame.Publish(1, 2, "two"), .. Callers.Leave(1), .. WireFrame.Publish(1, 3, "too late")]);
        ada.Say(WireFrame.Publish(1, 1, "not for bo"));
        List<WireFrame> frames = bo.Frames();
        Assert.Equal([(3, DisconnectReason.NotAMember)], frames.Rejections());
        frames.RemoveAll(frame => frame.Type == FrameType.Rejected);
        Assert.Equal(4, frames.Count);
        Assert.Equal(["one", "two"], frames[..2].Texts());
        Assert.Equal(("bo", 1u, DisconnectReason.Goodbye), frames[2].LeftParts());
        Assert.Equal((1u, DisconnectReason.Goodbye, "lobby"), frames[3].PartedParts());
    }

    [Fact]
    public void A_blocked_reader_gets_PARTED_after_what_it_is_owed()
    {
        var server = new MemoryServer(Callers.Patient, tls);
        MemoryCaller bo = server.Join("bo");
        bo.Frames();
        bo.Client.FromServer.Capacity = 10;
        bo.Say([.. WireFrame.Publish(1, 1, "one"), .. Callers.Leave(1), .. Callers.Ping(1)]);
        server.Advance(10);
        bo.Client.FromServer.Capacity = int.MaxValue;
        server.Run();
        List<WireFrame> frames = bo.Frames();
        frames.Remove(frames.Only(FrameType.Pong));
        Assert.Equal([FrameType.Entry, FrameType.Entry, FrameType.Parted], [.. frames.Select(frame => frame.Type)]);
    }

    [Fact]
    public void The_name_as_asked_comes_back_in_every_answer()
    {
        var server = new MemoryServer(Callers.Patient, tls);
        MemoryCaller bo = server.Connect();
        bo.Say([.. WireFrame.Hello("bo"), .. WireFrame.Join("LOBBY"), .. WireFrame.Join("Lobby"), .. Callers.Leave(1)]);
        List<WireFrame> frames = bo.Frames();
        Assert.Equal("LOBBY", System.Text.Encoding.UTF8.GetString(frames.Only(FrameType.Joined).Joined.Name));
        Assert.Equal(
            [(0u, DisconnectReason.AlreadyThere, "Lobby"), (1u, DisconnectReason.Goodbye, "LOBBY")],
            [.. frames.Where(frame => frame.Type == FrameType.Parted).Select(frame => frame.PartedParts())]);
    }

    [Fact]
    public void LEAVE_and_JOIN_of_the_same_room_may_be_sent_together()
    {
        var server = new MemoryServer(Callers.Patient, tls);
        MemoryCaller ada = server.Join("ada");
        MemoryCaller bo = server.Join("bo");
        bo.Frames();
        bo.Say([.. Callers.Leave(1), .. WireFrame.Join("lobby", replay: 1)]);
        List<WireFrame> frames = bo.Frames();
        Assert.Equal(
            [FrameType.Entry, FrameType.Parted, FrameType.Joined, FrameType.Roster, FrameType.Entry],
            [.. frames.Select(frame => frame.Type)]);
        Assert.Equal((1u, 4UL, 4UL), (frames[2].Joined.Room, frames[2].Joined.Newest, frames[2].Joined.First));
        Assert.Equal(EntryKind.Joined, frames[4].Entry.Kind);
        Assert.Equal([EntryKind.Joined, EntryKind.Left, EntryKind.Joined], [.. ada.Frames().Entries().Select(frame => frame.Entry.Kind)]);
        Assert.Equal(["ada", "bo"], server.Members());

        bo.Say(WireFrame.Publish(1, 1, "again"));
        Assert.Equal(["again"], bo.Frames().Texts());
    }

    [Fact]
    public void While_a_JOIN_waits_for_PARTED_another_one_is_one_too_many()
    {
        var server = new MemoryServer(Callers.Patient, tls);
        MemoryCaller bo = server.Join("bo");
        bo.Frames();
        bo.Say([.. Callers.Leave(1), .. WireFrame.Join("lobby"), .. WireFrame.Join("LOBBY")]);
        List<WireFrame> frames = bo.Frames();
        Assert.Contains((0u, DisconnectReason.AlreadyThere, "LOBBY"), frames.Where(frame => frame.Type == FrameType.Parted).Select(frame => frame.PartedParts()));
        frames.Only(FrameType.Joined);
        Assert.Equal(["bo"], server.Members());
    }

    [Fact]
    public void In_as_many_rooms_as_allowed_a_second_JOIN_is_still_told_that_it_is_there_already()
    {
        var server = new MemoryServer(Callers.Patient with { MaxRoomsPerSession = 1 }, tls);
        MemoryCaller bo = server.Join("bo");
        bo.Frames();
        bo.Say(WireFrame.Join("lobby"));
        Assert.Equal((0u, DisconnectReason.AlreadyThere, "lobby"), Assert.Single(bo.Frames()).PartedParts());
    }

    [Theory]
    [InlineData("lobby")]
    [InlineData("den")]
    public void In_as_many_rooms_as_allowed_leaving_one_makes_place_for_the_next(string next)
    {
        var server = new MemoryServer(Callers.Patient with { MaxRoomsPerSession = 1 }, tls);
        MemoryCaller bo = server.Join("bo");
        bo.Frames();
        bo.Say([.. Callers.Leave(1), .. WireFrame.Join(next)]);
        List<WireFrame> frames = bo.Frames();
        Assert.Equal((1u, DisconnectReason.Goodbye, "lobby"), frames.Only(FrameType.Parted).PartedParts());
        frames.Only(FrameType.Joined);
        Assert.Equal(["bo"], server.Members(next));
    }
}

/// <inheritdoc/>
public sealed class LeavingOverPlainTests() : LeavingTests(tls: false);

/// <inheritdoc/>
public sealed class LeavingOverTlsTests() : LeavingTests(tls: true);
