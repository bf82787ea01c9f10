using LanChat.Framing;
using Xunit;

namespace LanChat.Tests.Client;

/// <summary>What becomes of a message when the connection is cut, at each stage of its way: accepted, rejected, or said to be unknown.</summary>
public abstract class ClientResendTests(bool isTls)
{
    private readonly ScriptedServers _servers = new(isTls);

    [Fact]
    public async Task What_has_no_id_yet_is_sent_by_the_next_connection()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync(_servers.Options with { MaxOpenSends = 1 });
        ChatRoom lobby = await first.JoinAsync(client);
        Task<SendResult> open = lobby.SendAsync("one").AsTask();
        Task<SendResult> waits = lobby.SendAsync("two").AsTask();
        first.Cut();
        Task<SendResult> meanwhile = lobby.SendAsync("three").AsTask();
        ScriptedServer second = await RejoinAsync(lastId: 1);
        Assert.Equal((1u, 1ul, (byte)0, "one"), (await second.NextAsync())!.Publish);
        second.Send(new AckFrame { Id = 1, Sequence = 7 });
        Assert.Equal(SendResult.Accepted(1, 7), await open.Soon());
        Assert.Equal((1u, 2ul, (byte)0, "two"), (await second.NextAsync())!.Publish);
        second.SendMessage(2, "ada", "two", 2);
        Assert.Equal(SendResult.Accepted(2, 2), await waits.Soon());
        Assert.Equal((1u, 3ul, (byte)0, "three"), (await second.NextAsync())!.Publish);
        second.Send(new RejectedFrame { Id = 3, Code = 14 });
        Assert.Equal(DisconnectReason.TooFast, (await meanwhile.Soon()).Reason);
        await client.StopAsync(new CancellationToken(true)).Soon();
    }

    [Fact]
    public async Task What_was_in_the_output_goes_out_again_under_its_id_and_once()
    {
        _servers.Make = () => new ScriptedServer(isTls, stallBytes: 1);
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        Task<SendResult> one = client.SendDirectAsync("bo", new string('x', 4000)).AsTask();
        Task<SendResult> two = client.SendDirectAsync("bo", "two").AsTask();
        first.Cut(hard: true);
        ScriptedServer second = await _servers.ResumeAsync();
        Assert.Equal(1ul, (await second.NextAsync())!.Direct.Id);
        Assert.Equal((2ul, "bo", "two"), (await second.NextAsync())!.Direct);
        second.Send(new AckFrame { Id = 1, Sequence = 1 });
        second.Send(new AckFrame { Id = 2, Sequence = 2 });
        Assert.Equal((SendResult.Accepted(1, 1), SendResult.Accepted(2, 2)), (await one.Soon(), await two.Soon()));
        await client.StopAsync(new CancellationToken(true)).Soon();
    }

    [Fact]
    public async Task What_the_room_has_but_was_not_seen_is_confirmed_by_the_replayed_entry_and_not_sent_again_if_that_comes_first()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        ChatRoom lobby = await first.JoinAsync(client);
        ChatRoom den = await first.JoinAsync(client, "den", 2);
        Task<SendResult> seen = lobby.SendAsync("in the room").AsTask();
        Task<SendResult> unseen = den.SendAsync("on the wire").AsTask();
        first.Cut();
        ScriptedServer second = await _servers.ResumeAsync(lastId: 1);
        await second.NextAsync();
        await second.NextAsync();
        second.SendJoined("lobby", 1, 2, 2, 1, outcome: JoinOutcome.Recovered);
        second.SendRoster(1, 2, "ada");
        second.SendMessage(2, "ada", "in the room", 1);
        Assert.Equal(SendResult.Accepted(1, 2), await seen.Soon());
        second.SendJoined("den", 2, 2, 1, 1, outcome: JoinOutcome.Recovered);

        // Only now are all rooms answered, and only what is still open goes out.
        Assert.Equal((2u, 2ul, (byte)0, "on the wire"), (await second.NextAsync())!.Publish);
        second.SendRoster(2, 1, "ada");
        second.SendMessage(2, "ada", "on the wire", 2, room: 2);
        Assert.Equal(SendResult.Accepted(2, 2), await unseen.Soon());
        await client.StopAsync(new CancellationToken(true)).Soon();
    }

    [Fact]
    public async Task An_own_message_of_an_earlier_session_of_the_name_confirms_nothing_also_after_coming_back()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        ChatRoom lobby = await first.JoinAsync(client, newest: 5);
        Task<SendResult> open = lobby.SendAsync("mine").AsTask();
        first.Cut();
        ScriptedServer second = await _servers.ResumeAsync();
        await second.NextAsync();
        second.SendJoined("lobby", 1, 3, 7, 1, outcome: JoinOutcome.Reset, epoch: 78);
        second.SendRoster(1, 7, "ada");
        second.SendMessage(3, "ada", "not mine", 1);
        second.Cut();
        ScriptedServer third = await _servers.ResumeAsync();
        Assert.Equal((78ul, 3ul), (await third.NextAsync())!.Join is var join ? (join.Epoch, join.After) : default);
        third.SendJoined("lobby", 1, 4, 8, 1, outcome: JoinOutcome.Recovered, epoch: 78);
        third.SendRoster(1, 8, "ada");
        third.SendMessage(4, "ada", "not mine", 1);
        third.SendMessage(5, "bo", "x");
        third.SendMessage(6, "bo", "x");
        third.SendMessage(7, "bo", "x");
        Assert.False(open.IsCompleted);
        third.SendMessage(8, "ada", "mine", 1);
        Assert.Equal(SendResult.Accepted(1, 8), await open.Soon());
        await client.StopAsync(new CancellationToken(true)).Soon();
    }

    [Fact]
    public async Task A_cut_during_the_resume_and_one_during_the_resend_lose_nothing()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        ChatRoom lobby = await first.JoinAsync(client);
        Task<SendResult>[] sends = [.. Enumerable.Range(1, 5).Select(i => lobby.SendAsync($"{i}").AsTask())];
        first.Cut();
        ScriptedServer second = await _servers.ResumeAsync(lastId: 2);
        await second.NextAsync();
        second.Cut();
        ScriptedServer third = await RejoinAsync(lastId: 2);
        Assert.Equal(1ul, (await third.NextAsync())!.Publish.Id);
        Assert.Equal(2ul, (await third.NextAsync())!.Publish.Id);
        third.Send(new AckFrame { Id = 2, Sequence = 3 });
        third.Cut();
        ScriptedServer fourth = await RejoinAsync(lastId: 4);
        foreach (ulong id in new ulong[] { 1, 3, 4, 5 })
        {
            Assert.Equal(id, (await fourth.NextAsync())!.Publish.Id);
            fourth.Send(new AckFrame { Id = id, Sequence = id + 1 });
        }

        Assert.Equal(Enumerable.Range(1, 5).Select(id => SendResult.Accepted(id, id + 1)), await Task.WhenAll(sends).Soon());
        await client.StopAsync(new CancellationToken(true)).Soon();
    }

    [Fact]
    public async Task Where_the_session_is_gone_what_was_open_is_unknown_and_ids_start_over()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        ChatRoom lobby = await first.JoinAsync(client, newest: 5);
        Task<SendResult> open = lobby.SendAsync("open").AsTask();
        first.SendBye(DisconnectReason.ServerStopping);
        first.Cut();
        await client.UntilAsync(ChatState.Reconnecting);
        Task<SendResult> waits = lobby.SendAsync("waits").AsTask();
        (ScriptedServer second, _) = await _servers.ReturnAsync();
        second.SendWelcome(session: 6, mailbox: (10, JoinOutcome.Fresh, 1, 0));
        Assert.Equal(SendResult.Unknown(1, DisconnectReason.ServerStopping), await open.Soon());
        Assert.Equal((ScriptedServer.Epoch, 5ul), (await second.NextAsync())!.Join is var join ? (join.Epoch, join.After) : default);
        second.SendJoined("lobby", 1, 1, 1, 1, outcome: JoinOutcome.Reset, epoch: 78);
        second.SendRoster(1, 1, "ada");
        Assert.Equal((1u, 1ul, (byte)0, "waits"), (await second.NextAsync())!.Publish);
        second.SendEntry(EntryKind.Joined, 1, "ada", ScriptedServer.Members(1));
        second.SendMessage(2, "ada", "waits", 1);
        Assert.Equal(SendResult.Accepted(1, 2), await waits.Soon());
        await client.StopAsync(new CancellationToken(true)).Soon();
    }

    [Fact]
    public async Task What_is_open_at_the_end_for_good_is_unknown_and_what_waits_is_rejected()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        ChatRoom lobby = await first.JoinAsync(client);
        Task<SendResult> open = lobby.SendAsync("open").AsTask();
        first.Cut();
        await client.UntilAsync(ChatState.Reconnecting);
        Task<SendResult> waits = lobby.SendAsync("waits").AsTask();
        await client.StopAsync().Soon();

        Assert.Equal(SendResult.Unknown(1, DisconnectReason.Goodbye), await open.Soon());
        Assert.Equal((SendOutcome.Rejected, 0, DisconnectReason.Goodbye), await waits.Soon() is var w ? (w.Outcome, w.Id, w.Reason) : default);
        Assert.Equal(DisconnectReason.Goodbye, await client.Completion.Soon());
        Assert.Equal(0, _servers.Time.TimerCount);
    }

    [Fact]
    public async Task So_many_may_wait_and_no_more_and_a_wait_can_be_cancelled()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync(_servers.Options with { MaxWaitingSends = 2 });
        first.Cut();
        await client.UntilAsync(ChatState.Reconnecting);
        using var cancel = new CancellationTokenSource();
        Task<SendResult> one = client.SendDirectAsync("bo", "one", cancel.Token).AsTask();
        Task<SendResult> two = client.SendDirectAsync("bo", "two").AsTask();
        SendResult three = await client.SendDirectAsync("bo", "three").Soon();
        Assert.Equal((SendOutcome.Rejected, DisconnectReason.TooFast), (three.Outcome, three.Reason));
        Assert.NotEmpty(three.Text);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one.Soon());
        ScriptedServer second = await _servers.ResumeAsync();
        Assert.Equal((1ul, "bo", "two"), (await second.NextAsync())!.Direct);
        second.Send(new AckFrame { Id = 1, Sequence = 1 });
        Assert.True((await two.Soon()).IsAccepted);
        await client.StopAsync(new CancellationToken(true)).Soon();
    }

    [Fact]
    public async Task A_full_window_is_sent_again_whole_and_in_order_and_then_moves_on()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync(window: 8);
        ChatRoom lobby = await first.JoinAsync(client);
        Task<SendResult>[] sends = [.. Enumerable.Range(1, 20).Select(i => lobby.SendAsync($"{i}").AsTask())];
        for (int i = 1; i <= 8; i++)
        {
            Assert.Equal((ulong)i, (await first.NextAsync())!.Publish.Id);
        }

        first.Cut();
        (ScriptedServer second, _) = await _servers.ReturnAsync();
        second.SendWelcome(resumed: true, lastId: 8, window: 8, mailbox: (9, JoinOutcome.Recovered, 1, 0));
        await second.NextAsync();
        second.SendJoined("lobby", 4, 2, 1, 1, outcome: JoinOutcome.Recovered);
        second.SendRoster(4, 1, "ada");
        for (ulong id = 1; id <= 20; id++)
        {
            Assert.Equal((4u, id), (await second.NextAsync())!.Publish is var publish ? (publish.Room, publish.Id) : default);
            if (id >= 8)
            {
                second.Send(new AckFrame { Id = id - 7, Sequence = id });
            }
        }

        for (ulong id = 14; id <= 20; id++)
        {
            second.Send(new AckFrame { Id = id, Sequence = id + 7 });
        }

        Assert.All(await Task.WhenAll(sends).Soon(), result => Assert.True(result.IsAccepted));
        await client.StopAsync(new CancellationToken(true)).Soon();
    }

    [Fact]
    public async Task No_id_is_drawn_that_would_put_an_open_one_out_of_the_servers_window()
    {
        (ChatClient client, ScriptedServer server) = await _servers.WelcomeAsync(window: 4);
        Task<SendResult>[] sends = [.. Enumerable.Range(1, 5).Select(i => client.SendDirectAsync("bo", $"{i}").AsTask())];
        for (ulong id = 1; id <= 4; id++)
        {
            Assert.Equal(id, (await server.NextAsync())!.Direct.Id);
        }

        server.Send(new AckFrame { Id = 3, Sequence = 1 });
        server.Send(new AckFrame { Id = 4, Sequence = 2 });
        await sends[3].Soon();
        server.Send(new PingFrame { Opaque = 1 });
        Assert.Equal(1ul, (await server.NextAsync())!.Pong);
        server.Send(new AckFrame { Id = 1, Sequence = 3 });
        Assert.Equal(5ul, (await server.NextAsync())!.Direct.Id);
        await client.StopAsync(new CancellationToken(true)).Soon();
    }

    [Fact]
    public async Task A_reader_that_was_full_at_the_cut_does_not_hold_up_the_return_and_is_told_the_truth()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync(_servers.Options with { MaxBufferedEvents = 2 });
        ChatRoom lobby = await first.JoinAsync(client);
        await using IAsyncEnumerator<RoomEvent> reader = lobby.ReadAllAsync().GetAsyncEnumerator();
        first.SendMessage(2, "bo", "two");
        first.SendMessage(3, "bo", "not read any more");
        Assert.True(first.IsUnread);
        first.Cut();
        Task<SendResult> sending = lobby.SendAsync("from inside the reading loop").AsTask();
        ScriptedServer second = await RejoinAsync(lastId: 0, first: 4, newest: 5);
        Assert.Equal(1ul, (await second.NextAsync())!.Publish.Id);
        second.SendMessage(4, "bo", "four");
        second.SendMessage(5, "bo", "five");
        second.SendMessage(6, "ada", "from inside the reading loop", 1);
        Assert.Equal(SendResult.Accepted(1, 6), await sending.Soon());

        List<long> missing = [];
        long passed = 0;
        while (passed < 6)
        {
            RoomEvent e = await reader.NextAsync();
            Assert.True(e is Resumed || (e is Gap gap ? gap.From : e.Sequence) == passed + 1, $"{e} after {passed}");
            passed = e is Gap lost ? lost.To : e is Resumed ? passed : e.Sequence;
            if (e is Gap { From: var from, To: var to })
            {
                missing.AddRange([from, to]);
            }
        }

        await client.StopAsync(new CancellationToken(true)).Soon();
    }

    private async Task<ScriptedServer> RejoinAsync(ulong lastId, ulong first = 2, ulong newest = 1)
    {
        ScriptedServer server = await _servers.ResumeAsync(lastId);
        Assert.Equal((ScriptedServer.Epoch, first - 1), (await server.NextAsync())!.Join is var join ? (join.Epoch, join.After) : default);
        server.SendJoined("lobby", 1, first, newest, 1, outcome: JoinOutcome.Recovered);
        server.SendRoster(1, newest, "ada");
        return server;
    }
}
