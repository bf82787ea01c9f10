using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>What a JOIN is told about the log, and what is in the window (docs/protocol.md, section 3).</summary>
public sealed class ComingBackTests
{
    [Theory]
    [InlineData(0, 12)]
    [InlineData(1, 11)]
    [InlineData(5, 7)]
    [InlineData(1000, 1)]
    public void A_first_visit_gets_as_much_history_as_it_asks_for(int replay, int first)
    {
        MemoryServer server = WithMessages(9);
        MemoryCaller bo = server.Connect();
        bo.Say([.. WireFrame.Hello("bo"), .. WireFrame.Join("lobby", replay)]);
        List<WireFrame> frames = bo.Frames();
        JoinedFrame joined = frames[1].Joined;

        // ada's coming, nine messages, bo's coming.
        Assert.Equal((JoinOutcome.Fresh, first, 11), (joined.Outcome, (int)joined.First, (int)joined.Newest));
        Assert.Equal(["ada", "bo"], frames[2].RosterNames());
        Assert.Equal(11, (int)frames[2].Roster.Sequence);
        Assert.Equal(Enumerable.Range(first, 12 - first), frames.Skip(3).Select(frame => (int)frame.Entry.Sequence));
    }

    [Fact]
    public void Who_knows_the_epoch_gets_what_it_missed_whatever_replay_says()
    {
        MemoryServer server = WithMessages(9);
        JoinedFrame joined = JoinAs(server, "bo", epoch: EpochOf(server), after: 6, replay: 1).Joined;
        Assert.Equal((JoinOutcome.Recovered, 7, 11), (joined.Outcome, (int)joined.First, (int)joined.Newest));
    }

    [Fact]
    public void A_gap_is_told_when_what_was_missed_has_left_the_window()
    {
        MemoryServer server = WithMessages(20, new ChatServerOptions { Loops = 1, MaxHistoryEntries = 8 });
        JoinedFrame joined = JoinAs(server, "bo", epoch: EpochOf(server), after: 6).Joined;

        // 22 entries, of which the last 8 are kept.
        Assert.Equal((JoinOutcome.Gap, 15, 22), (joined.Outcome, (int)joined.First, (int)joined.Newest));
    }

    [Fact]
    public void Another_epoch_or_a_sequence_of_the_future_is_a_reset()
    {
        MemoryServer server = WithMessages(9);
        JoinedFrame other = JoinAs(server, "bo", epoch: EpochOf(server) + 1, after: 3, replay: 4).Joined;
        Assert.Equal((JoinOutcome.Reset, 8, 11), (other.Outcome, (int)other.First, (int)other.Newest));
        JoinedFrame future = JoinAs(server, "cy", epoch: EpochOf(server), after: 100, replay: 0).Joined;
        Assert.Equal((JoinOutcome.Reset, 13, 12), (future.Outcome, (int)future.First, (int)future.Newest));
    }

    [Fact]
    public void The_window_is_exact_in_bytes()
    {
        int entryBytes = EntryLayout.MeasureBytes("ada".Length, 100);
        int joinedBytes = EntryLayout.MeasureBytes("bo".Length, PresenceBody.MembersBytes);
        MemoryServer server = WithMessages(0, new ChatServerOptions { Loops = 1, MaxHistoryBytes = (5 * entryBytes) + joinedBytes });
        MemoryCaller ada = server.Join("cy");
        for (ulong id = 1; id <= 20; id++)
        {
            // A name as long as ada's, so that the entries are as long.
            ada.Say(WireFrame.Publish(1, id, new string('x', 101)));
        }

        JoinedFrame joined = JoinAs(server, "bo", replay: 1000).Joined;
        Assert.Equal((int)joined.Newest - 5, (int)joined.First);
    }

    [Fact]
    public void The_window_is_exact_in_age()
    {
        MemoryServer server = WithMessages(0, new ChatServerOptions { Loops = 1, HistoryAge = TimeSpan.FromHours(1), HeartbeatInterval = TimeSpan.FromHours(1) });
        MemoryCaller cy = server.Join("cy");
        cy.Say(WireFrame.Publish(1, 1, "old"));
        server.Advance(TimeSpan.FromMinutes(40));
        cy.Say(WireFrame.Publish(1, 2, "young"));
        server.Advance(TimeSpan.FromMinutes(30));

        JoinedFrame joined = JoinAs(server, "bo", replay: 1000).Joined;
        Assert.Equal((int)joined.Newest - 1, (int)joined.First);
    }

    [Fact]
    public void A_room_whose_newest_entry_has_aged_holds_no_memory_and_works_on()
    {
        MemoryServer server = WithMessages(50, new ChatServerOptions { Loops = 1, HistoryAge = TimeSpan.FromMinutes(1), HeartbeatInterval = TimeSpan.FromHours(1) });
        Assert.True(server.Context.Pool.RentedBytes > 0);
        server.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(0, server.Context.Pool.RentedBytes);

        JoinedFrame joined = JoinAs(server, "bo", replay: 1000).Joined;
        Assert.Equal((52, 52), ((int)joined.First, (int)joined.Newest));
    }

    [Fact]
    public void An_empty_room_goes_after_its_time_and_comes_back_as_another_but_the_lobby_stays()
    {
        var server = new MemoryServer();
        MemoryCaller ada = server.Join("ada", "games");
        JoinedFrame before = ada.Frames()[1].Joined;
        ada.Say(WireFrame.Goodbye());
        server.Advance(TimeSpan.FromSeconds(25));
        Assert.Equal(["games", "lobby"], server.Context.Rooms.All.Select(room => room.Name).Order());
        server.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(["lobby"], server.Context.Rooms.All.Select(room => room.Name));

        JoinedFrame after = JoinAs(server, "bo", room: "games").Joined;
        Assert.NotEqual(before.Room, after.Room);
        Assert.NotEqual(before.Epoch, after.Epoch);
        Assert.Equal(1, (int)after.Newest);
        Assert.Equal(1u, JoinAs(server, "cy").Joined.Room);
    }

    private static MemoryServer WithMessages(int count, ChatServerOptions? options = null)
    {
        var server = new MemoryServer(options);
        MemoryCaller ada = server.Join("ada");
        for (int id = 1; id <= count; id++)
        {
            ada.Say(WireFrame.Publish(1, (ulong)id, $"message {id}"));
        }

        return server;
    }

    private static ulong EpochOf(MemoryServer server) => server.Context.Rooms.LobbyRoom.Epoch;

    private static WireFrame JoinAs(MemoryServer server, string name, ulong epoch = 0, ulong after = 0, int replay = 0, string room = "lobby")
    {
        MemoryCaller caller = server.Connect();
        caller.Say([.. WireFrame.Hello(name), .. WireFrame.Join(room, replay, epoch, after)]);
        return caller.Frames().First(frame => frame.Type == FrameType.Joined);
    }
}
