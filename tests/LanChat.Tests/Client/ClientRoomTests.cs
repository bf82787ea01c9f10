using LanChat.Framing;
using Xunit;

namespace LanChat.Tests.Client;

public abstract class ClientRoomTests(bool isTls)
{
    private readonly ScriptedServer _server = new(isTls);

    [Fact]
    public async Task Joining_asks_for_history_and_is_done_when_the_members_are_known()
    {
        ChatClient client = await _server.WelcomeAsync();
        Task<ChatRoom> joining = client.JoinAsync("lobby").AsTask();
        Assert.Equal(((ushort)50, 0ul, 0ul, "lobby"), (await _server.NextAsync())!.Join);
        _server.SendJoined("lobby", 1, first: 3, newest: 3, members: 3);
        Assert.False(joining.IsCompleted);
        _server.SendRoster(1, 3, "cy", "ada", "bo");

        ChatRoom room = await joining.Soon();
        Assert.Equal(["ada", "bo", "cy"], room.Members);
        Assert.Equal(("lobby", 3, false), (room.Name, room.MemberCount, room.IsCounted));
    }

    [Theory, InlineData(0, 1), InlineData(1, 1), InlineData(65535, 65535)]
    public async Task At_least_one_entry_is_asked_for(int option, int asked)
    {
        ChatClient client = await _server.WelcomeAsync(new ChatClientOptions { ReplayEntries = option });
        _ = client.JoinAsync("lobby").AsTask();

        Assert.Equal(asked, (await _server.NextAsync())!.Join.Replay);
        _server.Cut();
    }

    [Fact]
    public async Task A_roster_in_several_frames_is_one_list()
    {
        ChatClient client = await _server.WelcomeAsync();
        Task<ChatRoom> joining = client.JoinAsync("lobby").AsTask();
        await _server.NextAsync();
        _server.SendJoined("lobby", 1, first: 1, newest: 1, members: 2);
        _server.Send(new RosterFrame { Room = 1, Sequence = 1, More = true, Count = 1, Names = "\u0002bo"u8 });
        Assert.False(joining.IsCompleted);
        _server.Send(new RosterFrame { Room = 1, Sequence = 1, Count = 1, Names = "\u0003ada"u8 });

        Assert.Equal(["ada", "bo"], (await joining.Soon()).Members);
    }

    [Fact]
    public async Task History_is_marked_as_replay_and_changes_no_member_list()
    {
        ChatClient client = await _server.WelcomeAsync();
        Task<ChatRoom> joining = client.JoinAsync("lobby").AsTask();
        await _server.NextAsync();
        _server.SendJoined("lobby", 1, first: 1, newest: 3, members: 1);
        _server.SendRoster(1, 3, "ada");
        ChatRoom room = await joining.Soon();
        _server.SendEntry(EntryKind.Joined, 1, "bo", ScriptedServer.Members(1));
        _server.SendEntry(EntryKind.Left, 2, "bo", ScriptedServer.Left(0, DisconnectReason.Kicked));
        _server.SendEntry(EntryKind.Joined, 3, "ada", ScriptedServer.Members(1));
        _server.SendEntry(EntryKind.Joined, 4, "cy", ScriptedServer.Members(2));

        List<RoomEvent> events = await room.ReadAllAsync().TakeAsync(4);
        Assert.Equal([true, true, true, false], events.Select(e => e.IsReplay));
        Assert.Equal([1, 2, 3, 4], events.Select(e => e.Sequence));
        Assert.All(events, e => Assert.Equal("lobby", e.Room));
        Assert.Equal(DisconnectReason.Kicked, ((MemberLeft)events[1]).Reason);
        Assert.Equal(["ada", "cy"], room.Members);
    }

    [Fact]
    public async Task Every_kind_of_entry_becomes_its_event_and_unknown_kinds_only_count()
    {
        (_, ChatRoom room) = await JoinedAsync("bo");
        _server.SendMessage(2, "bo", "hi\u202e", id: 8);
        _server.SendEntry(EntryKind.Notice, 3, "", "dinner"u8.ToArray());
        _server.SendEntry(EntryKind.LostContact, 4, "bo", []);
        _server.SendEntry((EntryKind)200, 5, "bo", [1, 2, 3]);
        _server.SendEntry(EntryKind.Back, 6, "bo", []);
        _server.SendEntry(EntryKind.Left, 7, "bo", ScriptedServer.Left(1, DisconnectReason.Goodbye));
        _server.SendEntry(EntryKind.Joined, 8, "cy", ScriptedServer.Members(2));
        _server.SendEntry(EntryKind.Members, 9, "", ScriptedServer.Members(300));

        List<RoomEvent> events = await room.ReadAllAsync().TakeAsync(8);
        var message = (MessageReceived)events[1];
        Assert.Equal(("bo", "hi\uFFFD", 8, false, DateTimeOffset.FromUnixTimeMilliseconds(1000)), (message.Name, message.Text, message.Id, message.IsOwn, message.Time));
        Assert.Equal("dinner", ((Notice)events[2]).Text);
        Assert.Equal("bo", ((MemberLostContact)events[3]).Name);
        Assert.Equal(("bo", 6), (((MemberBack)events[4]).Name, events[4].Sequence));
        Assert.Equal(("bo", 1), (((MemberLeft)events[5]).Name, ((MemberLeft)events[5]).Members));
        Assert.Equal(("cy", 2), (((MemberJoined)events[6]).Name, ((MemberJoined)events[6]).Members));
        Assert.Equal(300, ((MembersChanged)events[7]).Members);
    }

    [Fact]
    public async Task A_room_that_becomes_counted_drops_its_names()
    {
        (_, ChatRoom room) = await JoinedAsync("bo");
        _server.SendEntry(EntryKind.Members, 2, "", ScriptedServer.Members(257));
        await _server.ActedAsync();

        Assert.Equal((true, 257, 0), (room.IsCounted, room.MemberCount, room.Members.Count));
    }

    [Fact]
    public async Task A_counted_room_is_joined_without_a_roster()
    {
        ChatClient client = await _server.WelcomeAsync();
        Task<ChatRoom> joining = client.JoinAsync("lobby").AsTask();
        await _server.NextAsync();
        _server.SendJoined("lobby", 1, first: 8, newest: 7, members: 900, JoinedFrame.CountedFlag);
        ChatRoom room = await joining.Soon();
        Assert.Equal((true, 900, 0), (room.IsCounted, room.MemberCount, room.Members.Count));

        _server.SendEntry(EntryKind.Members, 8, "", ScriptedServer.Members(901));
        await _server.ActedAsync();
        Assert.Equal(901, room.MemberCount);
    }

    [Fact]
    public async Task After_a_GAP_the_roster_that_follows_is_the_list_and_entries_up_to_it_change_nothing()
    {
        (_, ChatRoom room) = await JoinedAsync("bo");
        _server.Send(new GapFrame { Room = 1, From = 2, To = 9 });
        await _server.ActedAsync();
        Assert.Equal(["ada", "bo"], room.Members);
        _server.SendRoster(1, 11, "ada", "dee");
        _server.SendEntry(EntryKind.Joined, 10, "cy", ScriptedServer.Members(3));
        _server.SendEntry(EntryKind.Left, 11, "cy", ScriptedServer.Left(2, DisconnectReason.Goodbye));
        await _server.ActedAsync();
        Assert.Equal(["ada", "dee"], room.Members);
        _server.SendEntry(EntryKind.Joined, 12, "eve", ScriptedServer.Members(3));
        await _server.ActedAsync();

        Assert.Equal(["ada", "dee", "eve"], room.Members);
        var gap = (Gap)(await room.ReadAllAsync().TakeAsync(2))[1];
        Assert.Equal(("lobby", 2, 9, 0), (gap.Room, gap.From, gap.To, gap.Sequence));
    }

    [Fact]
    public async Task Rooms_are_told_apart()
    {
        (ChatClient client, ChatRoom lobby) = await JoinedAsync();
        ChatRoom den = await _server.JoinAsync(client, "den", number: 2, newest: 40);
        _server.SendMessage(41, "bo", "in the den", room: 2);
        _server.SendMessage(2, "bo", "in the lobby");

        Assert.Equal("in the den", ((MessageReceived)(await den.ReadAllAsync().TakeAsync(2))[1]).Text);
        Assert.Equal("in the lobby", ((MessageReceived)(await lobby.ReadAllAsync().TakeAsync(2))[1]).Text);
    }

    [Theory]
    [InlineData(DisconnectReason.NoSuchRoom, "no room 'den'")]
    [InlineData(DisconnectReason.RoomFull, "full")]
    [InlineData(DisconnectReason.TooManyRooms, "leave another")]
    [InlineData(DisconnectReason.AlreadyThere, "another spelling")]
    [InlineData(DisconnectReason.BadName, "no name")]
    [InlineData(DisconnectReason.TooFast, "wait")]
    [InlineData(DisconnectReason.Kicked, "cannot join")]
    public async Task A_refused_room_says_why_and_can_be_asked_for_again(DisconnectReason reason, string words)
    {
        ChatClient client = await _server.WelcomeAsync();
        Task<ChatRoom> joining = client.JoinAsync("den").AsTask();
        await _server.NextAsync();
        _server.Send(new PartedFrame { Code = (ushort)reason, Name = "den"u8, Text = "because"u8 });

        ChatException refusal = await Assert.ThrowsAsync<ChatException>(() => joining.Soon());
        Assert.Equal(reason, refusal.Reason);
        Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("(because)", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("den", (await _server.JoinAsync(client, "den", number: 3)).Name);
    }

    [Fact]
    public async Task A_name_that_cannot_be_asked_for_is_refused_here()
    {
        ChatClient client = await _server.WelcomeAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => client.JoinAsync("").Soon());
        Assert.Equal(DisconnectReason.BadName, (await Assert.ThrowsAsync<ChatException>(() => client.JoinAsync(new string('x', 256)).Soon())).Reason);
        Assert.Equal(DisconnectReason.BadName, (await Assert.ThrowsAsync<ChatException>(() => client.JoinAsync("\ud83d").Soon())).Reason);
    }

    [Fact]
    public async Task Two_who_join_the_same_room_at_once_get_the_same_one_by_one_JOIN()
    {
        ChatClient client = await _server.WelcomeAsync();
        Task<ChatRoom> first = client.JoinAsync("lobby").AsTask();
        Task<ChatRoom> second = client.JoinAsync("lobby").AsTask();
        Assert.Equal("lobby", (await _server.NextAsync())!.Join.Room);
        _server.SendJoined("lobby", 1, 1, 1, 1);
        _server.SendRoster(1, 1, "ada");

        Assert.Same(await first.Soon(), await second.Soon());
        Assert.Same(await first, await client.JoinAsync("lobby").Soon());
        _server.Send(new PingFrame { Opaque = 3 });
        Assert.Equal(3ul, (await _server.NextAsync())!.Pong);
    }

    [Fact]
    public async Task Cancelling_a_join_stops_the_waiting_and_a_later_one_gets_the_room()
    {
        ChatClient client = await _server.WelcomeAsync();
        using var cancel = new CancellationTokenSource();
        Task<ChatRoom> joining = client.JoinAsync("lobby", cancel.Token).AsTask();
        await _server.NextAsync();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => joining.Soon());
        _server.SendJoined("lobby", 1, 1, 1, 1);
        _server.SendRoster(1, 1, "ada");

        Assert.Equal(["ada"], (await client.JoinAsync("lobby").Soon()).Members);
    }

    [Fact]
    public async Task Leaving_waits_for_everything_that_was_before_it()
    {
        (_, ChatRoom room) = await JoinedAsync();
        IAsyncEnumerable<RoomEvent> events = room.ReadAllAsync();
        Task first = room.LeaveAsync().AsTask();
        Task second = room.LeaveAsync().AsTask();
        Assert.Equal(1u, (await _server.NextAsync())!.Leave);
        _server.SendMessage(2, "bo", "wait");
        _server.SendEntry(EntryKind.Left, 3, "ada", ScriptedServer.Left(1, DisconnectReason.Goodbye));
        Assert.False(first.IsCompleted || second.IsCompleted || room.Completion.IsCompleted);
        Part(1, DisconnectReason.Goodbye, "bye");

        await Task.WhenAll(first, second).Soon();
        Assert.Equal((DisconnectReason.Goodbye, "bye"), (await room.Completion, room.PartedText));
        Assert.Equal([1, 2, 3], (await events.TakeAsync(9)).Select(e => e.Sequence));
        await room.LeaveAsync().Soon();
    }

    [Fact]
    public async Task Joining_a_room_that_is_being_left_waits_and_joins_anew()
    {
        (ChatClient client, ChatRoom room) = await JoinedAsync();
        _ = room.LeaveAsync().AsTask();
        await _server.NextAsync();
        Task<ChatRoom> joining = client.JoinAsync("lobby").AsTask();
        Part(1, DisconnectReason.Goodbye);
        Assert.Equal("lobby", (await _server.NextAsync())!.Join.Room);
        _server.SendJoined("lobby", 1, 9, 9, 1);
        _server.SendRoster(1, 9, "ada");

        ChatRoom again = await joining.Soon();
        Assert.NotSame(room, again);
        Assert.True(room.Completion.IsCompleted);
        Assert.False(again.Completion.IsCompleted);
    }

    [Fact]
    public async Task A_room_ends_when_the_server_parts_from_it_and_the_connection_goes_on()
    {
        (ChatClient client, ChatRoom room) = await JoinedAsync();
        IAsyncEnumerable<RoomEvent> events = room.ReadAllAsync();
        Part(1, DisconnectReason.Kicked, "out");
        _server.Send(new PartedFrame { Room = 1, Code = (ushort)DisconnectReason.NotAMember, Name = "lobby"u8 });

        Assert.Equal((DisconnectReason.Kicked, "out"), (await room.Completion.Soon(), room.PartedText));
        Assert.Single(await events.TakeAsync(9));
        Assert.Equal(ChatState.Connected, client.State);
    }

    [Fact]
    public async Task The_end_of_the_connection_ends_joins_leaves_and_rooms()
    {
        (ChatClient client, ChatRoom room) = await JoinedAsync();
        Task<ChatRoom> joining = client.JoinAsync("den").AsTask();
        Task leaving = room.LeaveAsync().AsTask();
        _server.SendBye(DisconnectReason.ServerStopping, "night");

        Assert.Equal(DisconnectReason.ServerStopping, (await Assert.ThrowsAsync<ChatException>(() => joining.Soon())).Reason);
        await leaving.Soon();
        Assert.Equal(DisconnectReason.ServerStopping, await room.Completion.Soon());
        Assert.Equal((DisconnectReason.ServerStopping, "night"), (await client.Completion.Soon(), client.DisconnectText));
        Assert.Equal(DisconnectReason.ServerStopping, (await Assert.ThrowsAsync<ChatException>(() => client.JoinAsync("x").Soon())).Reason);
    }

    private void Part(uint room, DisconnectReason reason, string text = "") =>
        _server.Send(new PartedFrame { Room = room, Code = (ushort)reason, Name = "lobby"u8, Text = ScriptedServer.Utf8(text) });

    private async Task<(ChatClient Client, ChatRoom Room)> JoinedAsync(params string[] others)
    {
        ChatClient client = await _server.WelcomeAsync();
        return (client, await _server.JoinAsync(client, others: others));
    }
}
