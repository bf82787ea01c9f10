using LanChat.Framing;
using Xunit;

namespace LanChat.Tests.Client;

/// <summary>When JOIN and LEAVE go out: behind what has to be before them, and no faster than the server takes them.</summary>
public abstract class RoomRequestTests(bool isTls)
{
    private readonly ScriptedServers _servers = new(isTls);

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_room_left_while_the_rooms_are_joined_again_is_left_after_its_older_ids(bool isJoinedAgain)
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        ChatRoom lobby = await first.JoinAsync(client);
        await first.JoinAsync(client, "den", 2);
        Task<SendResult> open = lobby.SendAsync("open").AsTask();
        first.Cut();
        ScriptedServer second = await _servers.ResumeAsync();
        await second.NextAsync();
        await second.NextAsync();
        Task leaving = isJoinedAgain ? Task.CompletedTask : lobby.LeaveAsync().AsTask();
        second.SendJoined("lobby", 1, 2, 1, 1, outcome: JoinOutcome.Recovered);
        second.SendRoster(1, 1, "ada");
        leaving = isJoinedAgain ? lobby.LeaveAsync().AsTask() : leaving;
        Task<SendResult> tooLate = lobby.SendAsync("too late").AsTask();
        second.SendJoined("den", 2, 2, 1, 1, outcome: JoinOutcome.Recovered);

        Assert.Equal((1u, 1ul, (byte)0, "open"), (await second.NextAsync())!.Publish);
        Assert.Equal(1u, (await second.NextAsync())!.Leave);
        second.SendMessage(2, "ada", "open", 1);
        Assert.Equal(SendResult.Accepted(1, 2), await open.Soon());
        Assert.Equal((0, DisconnectReason.NotAMember), await tooLate.Soon() is var refused ? (refused.Id, refused.Reason) : default);
        second.Send(new PartedFrame { Room = 1, Code = 1, Name = "lobby"u8 });
        await leaving.Soon();
        await client.StopAsync(new CancellationToken(true)).Soon();
    }

    [Fact]
    public async Task A_room_is_left_after_its_older_ids_also_when_those_wait_for_the_wire()
    {
        // More than the client queues for a wire that takes nothing.
        const int Messages = 100;
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        ChatRoom lobby = await first.JoinAsync(client);
        Task<SendResult>[] sends = [.. Enumerable.Range(1, Messages).Select(_ => lobby.SendAsync(new string('x', 4000)).AsTask())];
        for (ulong id = 1; id <= Messages; id++)
        {
            Assert.Equal(id, (await first.NextAsync())!.Publish.Id);
        }

        first.Cut();
        _servers.Make = () => new ScriptedServer(isTls, stallBytes: 1);
        ScriptedServer second = await _servers.ResumeAsync();
        await second.NextAsync();
        second.SendJoined("lobby", 1, 2, 1, 1, outcome: JoinOutcome.Recovered);
        second.SendRoster(1, 1, "ada");
        _ = lobby.LeaveAsync().AsTask();

        for (ulong id = 1; id <= Messages; id++)
        {
            Assert.Equal(id, (await second.NextAsync())!.Publish.Id);
            second.Send(new AckFrame { Id = id, Sequence = id + 1 });
        }

        Assert.Equal(1u, (await second.NextAsync())!.Leave);
        Assert.All(await Task.WhenAll(sends).Soon(), result => Assert.True(result.IsAccepted));
        await client.StopAsync(new CancellationToken(true)).Soon();
    }

    [Fact]
    public async Task A_room_that_a_stopping_server_does_not_give_back_is_joined_by_the_next_connection()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        ChatRoom lobby = await first.JoinAsync(client);
        Task<SendResult> open = lobby.SendAsync("open").AsTask();
        first.Cut();
        ScriptedServer second = await _servers.ResumeAsync();
        await second.NextAsync();
        second.Send(new PartedFrame { Room = 0, Code = (ushort)DisconnectReason.ServerStopping, Name = "lobby"u8 });

        // What is open waits with it: the stopping server would reject it.
        Task<SendResult> direct = client.SendDirectAsync("bo", "hello").AsTask();
        second.SendBye(DisconnectReason.ServerStopping);
        second.Cut();
        ScriptedServer third = await _servers.ResumeAsync();
        Assert.Null(await second.NextAsync());
        Assert.Equal((ScriptedServer.Epoch, 1ul, "lobby"), (await third.NextAsync())!.Join is var join ? (join.Epoch, join.After, join.Room) : default);
        third.SendJoined("lobby", 1, 2, 1, 1, outcome: JoinOutcome.Recovered);
        third.SendRoster(1, 1, "ada");
        Assert.Equal((1u, 1ul, (byte)0, "open"), (await third.NextAsync())!.Publish);
        Assert.Equal((2ul, "bo", "hello"), (await third.NextAsync())!.Direct);
        third.SendMessage(2, "ada", "open", 1);
        third.Send(new AckFrame { Id = 2, Sequence = 1 });
        Assert.True((await open.Soon()).IsAccepted && (await direct.Soon()).IsAccepted);
        Assert.False(lobby.Completion.IsCompleted);
        await client.StopAsync(new CancellationToken(true)).Soon();
    }

    [Fact]
    public async Task A_room_left_while_a_stopping_server_is_asked_for_it_is_over()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        ChatRoom lobby = await first.JoinAsync(client);
        first.Cut();
        ScriptedServer second = await _servers.ResumeAsync();
        await second.NextAsync();
        Task leaving = lobby.LeaveAsync().AsTask();
        second.Send(new PartedFrame { Room = 0, Code = (ushort)DisconnectReason.ServerStopping, Name = "lobby"u8 });
        await leaving.Soon();
        await client.StopAsync(new CancellationToken(true)).Soon();
    }

    [Fact]
    public async Task Rooms_beyond_what_the_server_takes_at_once_are_asked_for_little_by_little()
    {
        const int AtOnce = 180;
        (ChatClient client, ScriptedServer server) = await _servers.WelcomeAsync();
        Task<ChatRoom>[] joins = [.. Enumerable.Range(0, AtOnce + 20).Select(i => client.JoinAsync($"room-{i}").AsTask())];
        _ = client.SendDirectAsync("bo", "behind what went at once").AsTask();
        await ExpectJoinsAsync(0, AtOnce);
        Assert.Equal("bo", (await server.NextAsync())!.Direct.To);

        Pass(TimeSpan.FromSeconds(1));
        await ExpectJoinsAsync(AtOnce, 18);
        _ = client.SendDirectAsync("bo", "behind those of a second").AsTask();
        Assert.Equal("bo", (await server.NextAsync())!.Direct.To);

        Pass(TimeSpan.FromSeconds(1));
        await ExpectJoinsAsync(AtOnce + 18, 2);
        Pass(TimeSpan.FromSeconds(1));
        await client.StopAsync(new CancellationToken(true)).Soon();
        await Assert.ThrowsAsync<ChatException>(() => joins[^1].Soon());
        Assert.Equal(0, _servers.Time.TimerCount);

        async Task ExpectJoinsAsync(int from, int count)
        {
            for (int i = from; i < from + count; i++)
            {
                Assert.Equal($"room-{i}", (await server.NextAsync())!.Join.Room);
            }
        }

        void Pass(TimeSpan span)
        {
            for (int i = 0; i < 10; i++)
            {
                _servers.Time.Advance(span / 10);
            }
        }
    }

    [Fact]
    public async Task A_server_that_found_it_too_fast_is_asked_for_no_more_at_once_than_it_has_given_back_by_then()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        for (uint i = 0; i < 100; i++)
        {
            await first.JoinAsync(client, $"room-{i}", i + 1);
        }

        first.SendBye(DisconnectReason.TooFast, "too many control frames");
        first.Cut();
        (ScriptedServer second, _) = await _servers.ReturnAsync();
        second.SendWelcome(resumed: true, mailbox: (9, JoinOutcome.Recovered, 1, 0));

        // Half of 18 a second, for four seconds.
        for (int i = 0; i < 36; i++)
        {
            Assert.StartsWith("room-", (await second.NextAsync())!.Join.Room, StringComparison.Ordinal);
        }

        Task stopping = client.StopAsync().AsTask();
        Assert.Equal(DisconnectReason.Goodbye, (await second.NextAsync())!.Bye);
        second.Cut();
        await stopping.Soon();
    }

    [Fact]
    public async Task A_room_left_before_it_was_asked_for_again_is_not_asked_for_and_holds_nothing_up()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        var rooms = new List<ChatRoom>();
        for (uint i = 0; i < 100; i++)
        {
            rooms.Add(await first.JoinAsync(client, $"room-{i}", i + 1));
        }

        // 100 JOINs a moment ago, so not all of these go at once.
        first.Cut();
        (ScriptedServer second, _) = await _servers.ReturnAsync();
        second.SendWelcome(resumed: true, mailbox: (9, JoinOutcome.Recovered, 1, 0));
        var asked = new List<string>();
        Task<SendResult> waiting = rooms[0].SendAsync("hello").AsTask();
        _ = client.SendDirectAsync("bo", "behind all").AsTask();
        while (asked.Count < 80)
        {
            asked.Add((await second.NextAsync())!.Join.Room);
        }

        string[] missing = [.. rooms.Select(room => room.Name).Except(asked)];
        ChatRoom unasked = rooms.Find(room => room.Name == missing[^1])!;
        await unasked.LeaveAsync().Soon();
        for (int i = 0; i < 20; i++)
        {
            _servers.Time.Advance(TimeSpan.FromMilliseconds(100));
        }

        while (asked.Count < 99)
        {
            asked.Add((await second.NextAsync())!.Join.Room);
        }

        Assert.DoesNotContain(unasked.Name, asked);
        for (int i = 0; i < asked.Count; i++)
        {
            second.SendJoined(asked[i], (uint)i + 1, 2, 1, 1, outcome: JoinOutcome.Recovered);
        }

        Assert.Equal("hello", (await second.NextAsync())!.Publish.Text);
        Assert.False(waiting.IsCompleted);
        await client.StopAsync(new CancellationToken(true)).Soon();
    }
}
