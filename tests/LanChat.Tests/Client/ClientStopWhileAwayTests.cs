using LanChat.Framing;
using Xunit;

namespace LanChat.Tests.Client;

/// <summary>A client can be stopped at every stage of coming back, from anywhere, and leaves nothing behind.</summary>
public abstract class ClientStopWhileAwayTests(bool isTls)
{
    private readonly ScriptedServers _servers = new(isTls);

    [Fact]
    public async Task During_the_wait_for_the_next_attempt()
    {
        _servers.BeforeLink = Later(2, _ => Task.FromException(new IOException("nobody there")));
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        first.Cut();
        await client.UntilAsync(change => change.Attempt == 1);

        await EndsAsync(client, first);
    }

    [Fact]
    public async Task A_room_that_is_left_meanwhile_takes_with_it_what_waits_to_be_sent_there()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        ChatRoom lobby = await first.JoinAsync(client);
        ChatRoom den = await first.JoinAsync(client, "den", number: 2);
        first.Cut();
        await client.UntilAsync(change => change.State == ChatState.Reconnecting);
        Task<SendResult> gone = den.SendAsync("gone with the room").AsTask();
        Task<SendResult> kept = lobby.SendAsync("goes out").AsTask();
        await den.LeaveAsync().Soon();
        Assert.Equal(DisconnectReason.NotAMember, (await gone.Soon()).Reason);
        Assert.False(kept.IsCompleted);

        await EndsAsync(client, first);
        Assert.Equal(SendOutcome.Rejected, (await kept.Soon()).Outcome);
    }

    [Fact]
    public async Task While_it_connects()
    {
        var connecting = new TaskCompletionSource();
        _servers.BeforeLink = Later(2, token =>
        {
            connecting.SetResult();
            return new TaskCompletionSource().Task.WaitAsync(token);
        });
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        first.Cut();
        await _servers.PassUntilAsync(connecting.Task);

        await EndsAsync(client, first);
    }

    [Fact]
    public async Task While_nobody_answers_in_TLS_or_to_HELLO()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        _servers.Make = () => new ScriptedServer(isTls) { IsMute = true };
        first.Cut();
        ScriptedServer mute = await _servers.NextAsync();

        await EndsAsync(client, first, mute);
    }

    [Fact]
    public async Task While_HELLO_is_being_answered_and_the_server_is_told()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        first.Cut();
        (ScriptedServer second, _) = await _servers.ReturnAsync();
        Task stopping = client.StopAsync().AsTask();
        Assert.Equal(DisconnectReason.Goodbye, (await second.NextAsync())!.Bye);
        Assert.Null(await second.NextAsync());
        second.Cut();
        await stopping.Soon();

        await EndsAsync(client, first, second);
    }

    [Fact]
    public async Task While_rooms_are_being_joined_again_and_messages_wait()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        ChatRoom lobby = await first.JoinAsync(client);
        Task<SendResult> open = lobby.SendAsync("open").AsTask();
        first.Cut();
        await client.UntilAsync(ChatState.Reconnecting);
        Task<SendResult> waits = lobby.SendAsync("waits").AsTask();
        ScriptedServer second = await _servers.ResumeAsync();
        await second.NextAsync();
        Task stopping = client.StopAsync().AsTask();
        Assert.Equal(DisconnectReason.Goodbye, (await second.NextAsync())!.Bye);

        // Answers that come too late are taken and change nothing.
        second.SendJoined("lobby", 1, 2, 1, 1, outcome: JoinOutcome.Recovered);
        second.SendRoster(1, 1, "ada");
        second.Cut();
        await stopping.Soon();
        Assert.Equal(SendOutcome.Unknown, (await open.Soon()).Outcome);
        Assert.Equal(SendOutcome.Rejected, (await waits.Soon()).Outcome);

        await EndsAsync(client, first, second);
    }

    [Fact]
    public async Task Any_number_of_times_at_once()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        first.Cut();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await client.DisposeAsync()))).Soon();

        await EndsAsync(client, first);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task From_inside_a_loop_over_its_events_awaited_or_blocking(bool blocks)
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        ChatRoom lobby = await first.JoinAsync(client);
        Task reading = Task.Run(async () =>
        {
            await foreach (RoomEvent e in lobby.ReadAllAsync())
            {
                if (e is Resumed && blocks)
                {
                    client.DisposeAsync().AsTask().Wait();
                }
                else if (e is Resumed)
                {
                    await client.StopAsync();
                }
            }
        });
        first.Cut();
        ScriptedServer second = await _servers.ResumeAsync();
        await second.NextAsync();
        second.SendJoined("lobby", 1, 2, 1, 1, outcome: JoinOutcome.Recovered);
        Assert.Equal(DisconnectReason.Goodbye, (await second.NextAsync())!.Bye);
        second.Cut();
        await reading.Soon();

        await EndsAsync(client, first, second);
    }

    [Fact]
    public async Task From_inside_a_loop_over_its_states_that_also_sends_and_throws()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        var sent = new TaskCompletionSource<Task<SendResult>>();
        Task following = Task.Run(async () =>
        {
            await foreach (ChatStateChange change in client.ReadStatesAsync())
            {
                if (change.State == ChatState.Reconnecting)
                {
                    sent.SetResult(client.SendDirectAsync("bo", "from here").AsTask());
                    await client.DisposeAsync();
                    throw new InvalidOperationException("the app's own fault");
                }
            }
        });
        first.Cut();

        await Assert.ThrowsAsync<InvalidOperationException>(() => following.Soon());
        Assert.Equal(SendOutcome.Rejected, (await (await sent.Task.Soon()).Soon()).Outcome);
        await EndsAsync(client, first);
    }

    [Fact]
    public async Task A_reading_loop_that_throws_or_blocks_does_not_keep_it_from_coming_back()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        ChatRoom lobby = await first.JoinAsync(client);
        using var release = new ManualResetEventSlim();
        Task throwing = Task.Run(async () =>
        {
            await foreach (RoomEvent e in lobby.ReadAllAsync())
            {
                throw new InvalidOperationException("the app's own fault");
            }
        });
        await Assert.ThrowsAsync<InvalidOperationException>(() => throwing.Soon());
        Task blocking = Task.Run(async () =>
        {
            await foreach (RoomEvent e in lobby.ReadAllAsync())
            {
                release.Wait();
            }
        });
        first.SendMessage(2, "bo", "blocks");
        first.Cut();
        ScriptedServer second = await _servers.ResumeAsync();
        Assert.Equal(2ul, (await second.NextAsync())!.Join.After);
        second.SendJoined("lobby", 1, 3, 2, 1, outcome: JoinOutcome.Recovered);
        Task<SendResult> sending = lobby.SendAsync("on").AsTask();
        Assert.Equal("on", (await second.NextAsync())!.Publish.Text);
        second.SendMessage(3, "ada", "on", 1);
        Assert.True((await sending.Soon()).IsAccepted);
        release.Set();
        await client.StopAsync(new CancellationToken(true)).Soon();
        await blocking.Soon();
    }

    private static Func<CancellationToken, Task> Later(int attempt, Func<CancellationToken, Task> act)
    {
        int attempts = 0;
        return token => ++attempts >= attempt ? act(token) : Task.CompletedTask;
    }

    private async Task EndsAsync(ChatClient client, params ScriptedServer[] servers)
    {
        await client.StopAsync(new CancellationToken(true)).Soon();
        Assert.Equal(DisconnectReason.Goodbye, await client.Completion.Soon());
        Assert.Equal(ChatState.Ended, client.State);
        Assert.All(servers, server => Assert.True(server.ClientStream.IsDisposed));
        Assert.Equal(0, _servers.Time.TimerCount);
    }
}
