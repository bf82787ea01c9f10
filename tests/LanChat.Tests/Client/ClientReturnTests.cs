using LanChat.Framing;
using Xunit;

namespace LanChat.Tests.Client;

/// <summary>A client whose connection is lost comes back: when, with what, and what its readers get.</summary>
public abstract class ClientReturnTests(bool isTls)
{
    private readonly ScriptedServers _servers = new(isTls);

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_lost_client_comes_back_with_its_session_its_name_and_a_higher_attempt(bool hard)
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync(_servers.Options with { Name = "" });
        first.Cut(hard);
        await client.UntilAsync(ChatState.Reconnecting);
        (ScriptedServer second, ScriptedServers.Hello hello) = await _servers.ReturnAsync();

        Assert.Equal((5ul, 2u, 0ul, "ada"), (hello.Session, hello.Attempt, hello.After, hello.Name));
        Assert.Equal(ScriptedServer.Token(5), hello.Token);
        Assert.True(first.ClientStream.IsDisposed);
        second.SendWelcome(resumed: true, mailbox: (9, JoinOutcome.Recovered, 1, 0));
        await client.UntilAsync(ChatState.Connected);
        Assert.False(client.Completion.IsCompleted);

        second.Cut(hard);
        Assert.Equal(3u, (await _servers.ReturnAsync()).Hello.Attempt);
        await client.StopAsync(new CancellationToken(true)).Soon();
        Assert.Equal(DisconnectReason.Goodbye, await client.Completion.Soon());
        Assert.Equal(0, _servers.Time.TimerCount);
    }

    [Theory]
    [InlineData(DisconnectReason.ServerStopping), InlineData(DisconnectReason.TooSlow), InlineData(DisconnectReason.HeartbeatLost), InlineData(DisconnectReason.TooFast), InlineData(DisconnectReason.TooManyConnections)]
    public async Task It_comes_back_after_a_BYE_that_is_not_meant_for_it(DisconnectReason reason)
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        first.SendBye(reason, "a moment");
        first.Cut();

        ScriptedServer second = await _servers.ResumeAsync();
        await client.UntilAsync(ChatState.Connected);
        second.SendBye(DisconnectReason.Kicked);
        second.Cut();
        Assert.Equal(DisconnectReason.Kicked, await client.Completion.Soon());
        Assert.Equal(0, _servers.Time.TimerCount);
    }

    [Theory]
    [InlineData(1), InlineData(4), InlineData(5), InlineData(6), InlineData(8), InlineData(9), InlineData(10), InlineData(11), InlineData(12), InlineData(18), InlineData(21), InlineData(24), InlineData(321)]
    public async Task It_stays_away_when_it_was_sent_away(int code)
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        first.SendBye((DisconnectReason)code, "go");
        first.Cut();

        Assert.Equal((DisconnectReason)code, await client.Completion.Soon());
        Assert.Equal((ChatState.Ended, "go"), (client.State, client.DisconnectText));
        Assert.Equal((0, 1), (_servers.Time.TimerCount, _servers.Links));
    }

    [Fact]
    public async Task It_stays_away_when_it_was_told_not_to_reconnect()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync(_servers.Options with { Reconnect = false });
        first.Cut();

        Assert.Equal(DisconnectReason.ConnectionReset, await client.Completion.Soon());
        Assert.Equal(1, _servers.Links);
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_left_and_come_back_to()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        _servers.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(ChatState.Reconnecting, client.State);
        Assert.Equal(DisconnectReason.HeartbeatLost, (await first.NextAsync())!.Bye);
        Assert.Null(await first.NextAsync());
        first.Cut();

        await _servers.ResumeAsync();
        Assert.Equal(ChatState.Connected, client.State);
        await client.StopAsync(new CancellationToken(true)).Soon();
    }

    [Fact]
    public async Task Its_rooms_are_joined_again_where_it_left_them_and_the_readers_see_one_stream()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        ChatRoom lobby = await first.JoinAsync(client, newest: 4);
        await using IAsyncEnumerator<RoomEvent> reader = lobby.ReadAllAsync().GetAsyncEnumerator();
        first.SendMessage(5, "bo", "before");
        first.Cut();
        ScriptedServer second = await _servers.ResumeAsync();
        Assert.Equal(((ushort)50, ScriptedServer.Epoch, 5ul, "lobby"), (await second.NextAsync())!.Join);
        second.SendJoined("lobby", 3, first: 6, newest: 8, members: 2, outcome: JoinOutcome.Recovered);
        second.SendRoster(3, 8, "ada", "cy");
        second.SendMessage(6, "bo", "missed", room: 3);
        second.SendEntry(EntryKind.Left, 7, "bo", ScriptedServer.Left(1, DisconnectReason.Goodbye), room: 3);
        second.SendEntry(EntryKind.Joined, 8, "cy", ScriptedServer.Members(2), room: 3);
        second.SendMessage(9, "cy", "after", room: 3);

        List<RoomEvent> seen = [];
        while (seen.Count < 7)
        {
            seen.Add(await reader.NextAsync());
        }

        Assert.Equal([4, 5, 0, 6, 7, 8, 9], seen.Select(e => e.Sequence));
        Assert.Equal(3, Assert.IsType<Resumed>(seen[2]).Entries);
        Assert.Equal([true, false, false, true, true, true, false], seen.Select(e => e.IsReplay));
        Assert.Equal(["ada", "cy"], lobby.Members);
        Assert.Equal(4, lobby.JoinedSequence);
        Assert.All(seen, e => Assert.Equal("lobby", e.Room));
        await client.StopAsync(new CancellationToken(true)).Soon();
    }

    [Fact]
    public async Task What_can_no_longer_be_had_is_a_gap_and_another_log_a_reset()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        ChatRoom lobby = await first.JoinAsync(client, newest: 4);
        await using IAsyncEnumerator<RoomEvent> reader = lobby.ReadAllAsync().GetAsyncEnumerator();
        first.Cut();
        ScriptedServer second = await _servers.ResumeAsync();
        await second.NextAsync();
        second.SendJoined("lobby", 1, first: 10, newest: 9, members: 1, outcome: JoinOutcome.Gap);
        second.SendRoster(1, 9, "ada");
        second.Cut();
        ScriptedServer third = await _servers.ResumeAsync();
        Assert.Equal(((ushort)50, ScriptedServer.Epoch, 9ul, "lobby"), (await third.NextAsync())!.Join);
        third.SendJoined("lobby", 1, first: 2, newest: 2, members: 1, outcome: JoinOutcome.Reset, epoch: 78);
        third.SendRoster(1, 2, "ada");
        third.SendEntry(EntryKind.Joined, 2, "ada", ScriptedServer.Members(1));
        third.SendMessage(3, "bo", "new");

        Assert.Equal(4, (await reader.NextAsync()).Sequence);
        Assert.Equal((5, 9), await reader.NextAsync() is Gap gap ? (gap.From, gap.To) : default);
        Assert.Equal(78ul, Assert.IsType<Reset>(await reader.NextAsync()).Epoch);
        Assert.Equal([(2L, true), (3L, false)], [Place(await reader.NextAsync()), Place(await reader.NextAsync())]);
        Assert.Equal(2, lobby.JoinedSequence);
        await client.StopAsync(new CancellationToken(true)).Soon();

        static (long, bool) Place(RoomEvent e) => (e.Sequence, e.IsReplay);
    }

    [Fact]
    public async Task A_room_that_does_not_take_it_back_ends_with_the_reason()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        ChatRoom lobby = await first.JoinAsync(client);
        Task<SendResult> open = lobby.SendAsync("open").AsTask();
        await first.NextAsync();
        first.Cut();
        await client.UntilAsync(ChatState.Reconnecting);
        Task<SendResult> waiting = lobby.SendAsync("waits").AsTask();
        ScriptedServer second = await _servers.ResumeAsync();
        await second.NextAsync();
        second.Send(new PartedFrame { Room = 0, Code = (ushort)DisconnectReason.RoomFull, Name = "lobby"u8, Text = "no place"u8 });

        Assert.Equal(DisconnectReason.RoomFull, await lobby.Completion.Soon());
        Assert.Equal("no place", lobby.PartedText);
        Assert.Equal((0u, 1ul), (await second.NextAsync())!.Publish is var again ? (again.Room, again.Id) : default);
        second.Send(new RejectedFrame { Id = 1, Code = 16 });
        Assert.Equal(DisconnectReason.NoSuchRoom, (await open.Soon()).Reason);
        Assert.Equal((0, DisconnectReason.NotAMember), await waiting.Soon() is var refused ? (refused.Id, refused.Reason) : default);
        Assert.Equal(ChatState.Connected, client.State);
        await client.StopAsync(new CancellationToken(true)).Soon();
    }

    [Fact]
    public async Task A_room_being_left_is_over_and_one_left_meanwhile_is_not_joined_again()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        ChatRoom lobby = await first.JoinAsync(client);
        ChatRoom den = await first.JoinAsync(client, "den", 2);
        ChatRoom attic = await first.JoinAsync(client, "attic", 3);
        Task leavingDen = den.LeaveAsync().AsTask();
        await first.NextAsync();
        first.Cut();
        await leavingDen.Soon();
        Assert.Equal(DisconnectReason.Goodbye, await den.Completion.Soon());
        await attic.LeaveAsync().Soon();

        ScriptedServer second = await _servers.ResumeAsync();
        Assert.Equal("lobby", (await second.NextAsync())!.Join.Room);
        Task leavingLobby = lobby.LeaveAsync().AsTask();
        second.SendJoined("lobby", 1, 2, 1, 1, outcome: JoinOutcome.Recovered);
        second.SendRoster(1, 1, "ada");
        Assert.Equal(1u, (await second.NextAsync())!.Leave);
        second.Send(new PartedFrame { Room = 1, Code = 1, Name = "lobby"u8 });
        await leavingLobby.Soon();
        await client.StopAsync(new CancellationToken(true)).Soon();
    }

    [Fact]
    public async Task Joins_that_were_under_way_or_are_begun_meanwhile_are_answered_by_the_next_connection()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        Task<ChatRoom> underWay = client.JoinAsync("lobby").AsTask();
        await first.NextAsync();
        first.Cut();
        await client.UntilAsync(ChatState.Reconnecting);
        Task<ChatRoom> meanwhile = client.JoinAsync("den").AsTask();
        ScriptedServer second = await _servers.ResumeAsync();
        Assert.Equal(((ushort)50, 0ul, 0ul, "lobby"), (await second.NextAsync())!.Join);
        Assert.Equal(((ushort)50, 0ul, 0ul, "den"), (await second.NextAsync())!.Join);
        second.SendJoined("den", 2, 1, 1, 1);
        second.SendRoster(2, 1, "ada");
        second.SendJoined("lobby", 1, 1, 1, 1);
        second.SendRoster(1, 1, "ada");

        Assert.Equal(("lobby", "den"), ((await underWay.Soon()).Name, (await meanwhile.Soon()).Name));
        await client.StopAsync(new CancellationToken(true)).Soon();
    }

    [Fact]
    public async Task The_mailbox_is_resumed_and_says_so()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        await using IAsyncEnumerator<RoomEvent> mail = client.ReadDirectAsync().GetAsyncEnumerator();
        first.SendEntry(EntryKind.Direct, 1, "bo", "one"u8.ToArray(), room: 0);
        first.Cut();
        (ScriptedServer second, ScriptedServers.Hello hello) = await _servers.ReturnAsync();
        Assert.Equal(1ul, hello.After);
        second.SendWelcome(resumed: true, mailbox: (9, JoinOutcome.Recovered, 2, 2));
        second.SendEntry(EntryKind.Direct, 2, "bo", "two"u8.ToArray(), room: 0);
        second.Cut();
        (ScriptedServer third, hello) = await _servers.ReturnAsync();
        Assert.Equal(2ul, hello.After);
        third.SendWelcome(resumed: true, mailbox: (9, JoinOutcome.Gap, 5, 5));
        third.SendEntry(EntryKind.Direct, 5, "bo", "five"u8.ToArray(), room: 0);
        third.Cut();
        (ScriptedServer fourth, hello) = await _servers.ReturnAsync();
        Assert.Equal(5ul, hello.After);
        fourth.SendWelcome(session: 6, mailbox: (11, JoinOutcome.Fresh, 1, 0));

        Assert.Equal("one", Assert.IsType<DirectReceived>(await mail.NextAsync()).Text);
        Assert.Equal(1, Assert.IsType<Resumed>(await mail.NextAsync()).Entries);
        Assert.True(Assert.IsType<DirectReceived>(await mail.NextAsync()).IsReplay);
        Assert.Equal((3, 4), await mail.NextAsync() is Gap gap ? (gap.From, gap.To) : default);
        Assert.Equal("five", Assert.IsType<DirectReceived>(await mail.NextAsync()).Text);
        Assert.Equal(11ul, Assert.IsType<Reset>(await mail.NextAsync()).Epoch);
        await client.StopAsync(new CancellationToken(true)).Soon();
    }
}
