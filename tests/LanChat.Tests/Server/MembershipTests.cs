using System.Text;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>Leaving, listing, counted rooms, and the limits on members and rooms.</summary>
public sealed class MembershipTests
{
    [Fact]
    public void A_leaver_gets_everything_up_to_its_own_going_and_then_PARTED()
    {
        var server = new MemoryServer();
        MemoryCaller ada = server.Join("ada");
        ada.Frames();
        ada.Say([.. WireFrame.Publish(1, 1, "one"), .. WireFrame.Publish(1, 2, "two"), .. WireFrame.Bytes(new LeaveFrame { Room = 1 }), .. WireFrame.Publish(1, 3, "three")]);

        List<WireFrame> frames = ada.Frames();
        Assert.Equal(
            [EntryKind.Message, EntryKind.Message, EntryKind.Left],
            frames.Where(frame => frame.Type == FrameType.Entry).Select(frame => frame.Entry.Kind));
        WireFrame parted = frames.Single(frame => frame.Type == FrameType.Parted);
        Assert.Equal((1u, (ushort)DisconnectReason.Goodbye), (parted.Parted.Room, parted.Parted.Code));
        Assert.True(frames.IndexOf(parted) > frames.FindLastIndex(frame => frame.Type == FrameType.Entry));
        Assert.Equal((3UL, (ushort)DisconnectReason.NotAMember), (frames.Single(IsRejected).Rejected.Id, frames.Single(IsRejected).Rejected.Code));
    }

    [Fact]
    public void Leaving_and_joining_again_in_one_breath_is_two_visits()
    {
        var server = new MemoryServer();
        MemoryCaller ada = server.Join("ada");
        ada.Frames();
        ada.Say([.. WireFrame.Bytes(new LeaveFrame { Room = 1 }), .. WireFrame.Join("lobby")]);

        List<WireFrame> frames = ada.Frames();
        Assert.Equal([FrameType.Entry, FrameType.Parted, FrameType.Joined, FrameType.Roster], frames.Select(frame => frame.Type));
        Assert.Equal(["ada"], frames[3].RosterNames());
    }

    [Fact]
    public void A_list_is_given_when_asked_for_but_only_once_in_ten_seconds()
    {
        var server = new MemoryServer();
        MemoryCaller ada = server.Join("ada");
        server.Join("bo");
        ada.Frames();
        byte[] who = WireFrame.Bytes(new WhoFrame { Room = 1 });
        ada.Say([.. who, .. who]);
        WireFrame roster = Assert.Single(ada.Frames());
        Assert.Equal(["ada", "bo"], roster.RosterNames());
        Assert.Equal(2, (int)roster.Roster.Sequence);

        server.Advance(TimeSpan.FromSeconds(10));
        ada.Say(who);
        Assert.Single(ada.Frames());
    }

    [Fact]
    public void A_long_roster_comes_in_several_frames_none_too_large()
    {
        var server = new MemoryServer(new ChatServerOptions { Loops = 1, PresenceLimit = 1_000, MaxMembers = 1_000, MaxConnections = 1_000 });
        string[] names = [.. Enumerable.Range(100, 400).Select(i => $"{new string('\u4e00', 20)}{i}")];
        foreach (string name in names)
        {
            server.Join(name);
        }

        MemoryCaller ada = server.Join("ada");
        WireFrame[] rosters = [.. ada.Frames().Where(frame => frame.Type == FrameType.Roster)];
        Assert.True(rosters.Length > 1);
        Assert.All(rosters, roster => Assert.True(roster.Body.Length < 16 << 10));
        Assert.Equal([.. names, "ada"], rosters.SelectMany(roster => roster.RosterNames()));
        Assert.Equal(Enumerable.Repeat(true, rosters.Length - 1).Append(false), rosters.Select(roster => roster.Roster.More));
    }

    [Fact]
    public void A_room_that_passes_the_presence_limit_is_counted_from_then_on()
    {
        var server = new MemoryServer(new ChatServerOptions { Loops = 1, PresenceLimit = 3 });
        MemoryCaller ada = server.Join("ada");
        server.Join("bo");
        server.Join("cy");
        ada.Frames();

        MemoryCaller dee = server.Join("dee");
        WireFrame counted = Assert.Single(ada.Frames());
        Assert.Equal(EntryKind.Members, counted.Entry.Kind);
        Assert.Equal(4, Count(counted));

        List<WireFrame> atDee = dee.Frames();
        Assert.Equal([FrameType.Welcome, FrameType.Joined], atDee.Select(frame => frame.Type));
        JoinedFrame joined = atDee[1].Joined;
        Assert.Equal((JoinedFrame.CountedFlag, counted.Entry.Sequence, 4u), (joined.Flags, joined.Newest, joined.Members));

        // Many come and go within a second: one entry tells how many there are.
        MemoryCaller eve = server.Join("eve");
        Assert.Equal((counted.Entry.Sequence, JoinedFrame.CountedFlag), (eve.Frames()[1].Joined.Newest, JoinedFrame.CountedFlag));
        server.Join("fay");
        dee.Say(WireFrame.Bytes(new LeaveFrame { Room = 1 }));
        Assert.Equal((ushort)DisconnectReason.Goodbye, Assert.Single(dee.Frames()).Parted.Code);
        Assert.Empty(ada.Frames());
        server.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(5, Count(Assert.Single(ada.Frames())));
        server.Advance(TimeSpan.FromSeconds(3));
        Assert.Empty(ada.Frames());
    }

    [Fact]
    public void Every_limit_on_members_and_rooms_refuses_with_its_code()
    {
        var server = new MemoryServer(new ChatServerOptions { Loops = 1, MaxMembers = 3, MaxRoomMembers = 2, MaxRooms = 3, MaxRoomsPerSession = 2 });
        MemoryCaller ada = server.Join("ada");
        MemoryCaller bo = server.Join("bo");
        MemoryCaller cy = server.Join("cy");
        Assert.Equal((ushort)DisconnectReason.RoomFull, cy.Frames()[^1].Parted.Code);
        Assert.Equal((ushort)DisconnectReason.ServerFull, server.Join("dee").Frames().Single().Bye.Code);

        ada.Say([.. WireFrame.Join("games"), .. WireFrame.Join("den")]);
        Assert.Equal((ushort)DisconnectReason.TooManyRooms, ada.Frames()[^1].Parted.Code);
        bo.Say(WireFrame.Join("den"));
        Assert.Equal(FrameType.Roster, bo.Frames()[^1].Type);
        cy.Say(WireFrame.Join("attic"));
        Assert.Equal((ushort)DisconnectReason.TooManyRooms, cy.Frames()[^1].Parted.Code);
    }

    [Fact]
    public void A_room_that_may_not_be_made_is_no_such_room()
    {
        var server = new MemoryServer(new ChatServerOptions { Loops = 1, AllowNewRooms = false });
        WireFrame parted = server.Join("ada", "games").Frames()[^1];
        Assert.Equal((0u, (ushort)DisconnectReason.NoSuchRoom, "games"), (parted.Parted.Room, parted.Parted.Code, Encoding.UTF8.GetString(parted.Parted.Name)));
    }

    [Fact]
    public void Too_many_connections_are_told_so_in_their_own_language()
    {
        var server = new MemoryServer(new ChatServerOptions { Loops = 1, MaxConnections = 1 });
        server.Join("ada");
        Assert.Equal((ushort)DisconnectReason.TooManyConnections, server.Join("bo").Frames().Single().Bye.Code);
        MemoryCaller person = server.Connect();
        person.Say("hello\n");
        Assert.StartsWith("bye: too many connections", person.Lines().Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void Publishing_too_fast_is_rejected_and_uses_the_id_up()
    {
        var server = new MemoryServer(new ChatServerOptions { Loops = 1, PublishRate = 2, PublishBurst = 3 });
        MemoryCaller ada = server.Join("ada");
        ada.Frames();
        for (ulong id = 1; id <= 5; id++)
        {
            ada.Say(WireFrame.Publish(1, id, "hello"));
        }

        Assert.Equal([4UL, 5UL], ada.Frames().Where(IsRejected).Select(frame => frame.Rejected.Id));
        server.Advance(TimeSpan.FromSeconds(1));
        ada.Say([.. WireFrame.Publish(1, 6, "a"), .. WireFrame.Publish(1, 7, "b"), .. WireFrame.Publish(1, 8, "c")]);
        List<WireFrame> frames = ada.Frames();
        Assert.Equal([6UL, 7UL], frames.Where(frame => frame.Type == FrameType.Entry).Select(frame => frame.Entry.Id));
        Assert.Equal((8UL, (ushort)DisconnectReason.TooFast), (frames.Single(IsRejected).Rejected.Id, frames.Single(IsRejected).Rejected.Code));
    }

    [Fact]
    public void Too_many_control_frames_end_the_connection()
    {
        var server = new MemoryServer(new ChatServerOptions { Loops = 1, ControlRate = 1 });
        MemoryCaller ada = server.Join("ada");
        for (int i = 0; i < 10; i++)
        {
            ada.Say(WireFrame.Bytes(new PingFrame { Opaque = 7 }));
        }

        Assert.Equal((ushort)DisconnectReason.TooFast, ada.Frames()[^1].Bye.Code);
    }

    [Fact]
    public void A_direct_message_is_acknowledged_and_reaches_its_recipient_alone()
    {
        var server = new MemoryServer();
        MemoryCaller ada = server.Join("ada");
        MemoryCaller bo = server.Join("bo");
        MemoryCaller cy = server.Join("cy");
        ada.Frames();
        bo.Frames();
        cy.Frames();
        ada.Say([.. WireFrame.Direct(1, "BO", "psst"), .. WireFrame.Direct(2, "nobody", "?"), .. WireFrame.Direct(3, "ada", "to myself"), .. WireFrame.Direct(1, "bo", "psst")]);

        EntryFrame mail = Assert.Single(bo.Frames()).Entry;
        Assert.Equal((EntryKind.Direct, 0u, 1UL, 1UL, "ada", "psst"), (mail.Kind, mail.Room, mail.Sequence, mail.Id, Encoding.UTF8.GetString(mail.Name), Encoding.UTF8.GetString(mail.Body)));
        Assert.Empty(cy.Frames());
        List<WireFrame> frames = ada.Frames();
        Assert.Equal([(1UL, 1UL), (3UL, 1UL), (1UL, 1UL)], frames.Where(frame => frame.Type == FrameType.Ack).Select(frame => (frame.Ack.Id, frame.Ack.Sequence)));
        Assert.Equal((2UL, (ushort)DisconnectReason.NoSuchMember), (frames.Single(IsRejected).Rejected.Id, frames.Single(IsRejected).Rejected.Code));
        Assert.Equal("to myself", Encoding.UTF8.GetString(frames.Single(frame => frame.Type == FrameType.Entry).Entry.Body));
    }

    [Fact]
    public void A_mailbox_gives_its_memory_back_with_its_session()
    {
        var server = new MemoryServer(new ChatServerOptions { Loops = 2, MaxHistoryEntries = 0, PublishRate = 0 });
        MemoryCaller ada = server.Join("ada");
        MemoryCaller bo = server.Join("bo");
        for (ulong id = 1; id <= 500; id++)
        {
            ada.Say(WireFrame.Direct(id, "bo", new string('x', 1000)));
            bo.Client.ReadAll();
        }

        long withMail = server.Context.Pool.RentedBytes;
        bo.Say(WireFrame.Goodbye());
        server.Advance(TimeSpan.FromSeconds(2));
        Assert.True(server.Context.Pool.RentedBytes <= withMail - LanChat.Sessions.Mailbox.KeepBytes);
    }

    private static bool IsRejected(WireFrame frame) => frame.Type == FrameType.Rejected;

    private static int Count(WireFrame frame) => PresenceBody.TryReadMembers(frame.Entry.Body, out uint members) ? (int)members : -1;
}
