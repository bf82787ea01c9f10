using System.Diagnostics;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Client;

public abstract class ClientEndTests(bool isTls)
{
    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedServer _server = new(isTls, stallBytes: 1);

    private ChatClientOptions Options => new() { Name = "ada", TimeProvider = _time };

    [Theory]
    [InlineData(DisconnectReason.Kicked), InlineData(DisconnectReason.ServerStopping), InlineData(DisconnectReason.TooSlow), InlineData((DisconnectReason)321)]
    public async Task The_servers_BYE_is_the_reason_with_its_text(DisconnectReason reason)
    {
        ChatClient client = await _server.WelcomeAsync(Options);
        ChatRoom room = await _server.JoinAsync(client);
        Task<SendResult> sending = room.SendAsync("hello").AsTask();
        _server.SendBye(reason, "so\u0007 long");
        await _server.ActedAsync();
        _server.Cut(hard: true);

        Assert.Equal(reason, await client.Completion.Soon());
        Assert.Equal((ChatState.Ended, "so\uFFFD long"), (client.State, client.DisconnectText));
        Assert.Equal(SendResult.Unknown(1, reason), await sending.Soon());
        Assert.Equal(reason, await room.Completion.Soon());
        AssertReleased();
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_connection_without_a_goodbye_was_reset(bool hard)
    {
        ChatClient client = await _server.WelcomeAsync(Options);
        _server.Cut(hard);

        Assert.Equal(DisconnectReason.ConnectionReset, await client.Completion.Soon());
        Assert.NotEmpty(client.DisconnectText);
        AssertReleased();
    }

    [Fact]
    public async Task A_stream_that_ends_inside_a_frame_says_so()
    {
        ChatClient client = await _server.WelcomeAsync(Options);
        _server.SendBytes([0, 0, 0]);
        _server.Cut();

        Assert.Equal(DisconnectReason.ConnectionReset, await client.Completion.Soon());
        Assert.Contains("inside a frame", client.DisconnectText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopping_says_BYE_ends_our_direction_and_takes_the_outcomes_that_still_come()
    {
        ChatClient client = await _server.WelcomeAsync(Options);
        ChatRoom room = await _server.JoinAsync(client);
        Task<SendResult> answered = room.SendAsync("one").AsTask();
        Task<SendResult> unanswered = room.SendAsync("two").AsTask();
        Task stopping = client.StopAsync().AsTask();
        Assert.Equal(ChatState.Stopping, client.State);
        Assert.Equal("one", (await _server.NextAsync())!.Publish.Text);
        Assert.Equal("two", (await _server.NextAsync())!.Publish.Text);
        Assert.Equal(DisconnectReason.Goodbye, (await _server.NextAsync())!.Bye);
        Assert.Null(await _server.NextAsync());

        Assert.Equal((0, DisconnectReason.Goodbye), ((await room.SendAsync("three").Soon()).Id, (await room.SendAsync("four").Soon()).Reason));
        Assert.Equal(DisconnectReason.Goodbye, (await Assert.ThrowsAsync<ChatException>(() => client.JoinAsync("den").Soon())).Reason);
        _server.SendMessage(2, "ada", "one", 1);
        _server.Send(new PingFrame { Opaque = 1 });
        Assert.Equal(SendResult.Accepted(1, 2), await answered.Soon());
        Assert.False(stopping.IsCompleted);
        _server.SendBye(DisconnectReason.ServerStopping, "me too");
        _server.Cut();

        await stopping.Soon();
        Assert.Equal(SendResult.Unknown(2, DisconnectReason.Goodbye), await unanswered.Soon());
        Assert.Equal((DisconnectReason.Goodbye, "goodbye"), (await client.Completion, client.DisconnectText));
        AssertReleased();
    }

    [Fact]
    public async Task A_server_that_does_not_close_is_waited_for_one_second()
    {
        ChatClient client = await _server.WelcomeAsync(Options);
        ChatRoom room = await _server.JoinAsync(client);
        Task<SendResult> sending = room.SendAsync("one").AsTask();
        Task stopping = client.StopAsync().AsTask();
        await _server.NextAsync();
        await _server.NextAsync();
        Assert.Null(await _server.NextAsync());
        await AdvanceUntilAsync(stopping, atLeast: TimeSpan.FromSeconds(1), atMost: TimeSpan.FromSeconds(2.5));

        Assert.Equal(SendResult.Unknown(1, DisconnectReason.Goodbye), await sending.Soon());
        AssertReleased();
    }

    [Fact]
    public async Task A_server_that_does_not_read_is_cut_off_after_one_second()
    {
        ChatClient client = await _server.WelcomeAsync(Options);
        ChatRoom room = await _server.JoinAsync(client);
        Task<SendResult> sending = room.SendAsync(new string('x', 4000)).AsTask();
        Task stopping = client.DisposeAsync().AsTask();
        await AdvanceUntilAsync(stopping, atLeast: TimeSpan.FromSeconds(1), atMost: TimeSpan.FromSeconds(2.5));

        Assert.Equal(SendResult.Unknown(1, DisconnectReason.Goodbye), await sending.Soon());
        AssertReleased();
    }

    [Fact]
    public async Task A_server_that_reads_no_further_than_BYE_is_waited_for_no_longer()
    {
        ChatClient client = await _server.WelcomeAsync(Options);
        Task stopping = client.StopAsync().AsTask();
        Assert.Equal(DisconnectReason.Goodbye, (await _server.NextAsync())!.Bye);
        await AdvanceUntilAsync(stopping, atLeast: TimeSpan.FromSeconds(1), atMost: TimeSpan.FromSeconds(2.5));

        AssertReleased();
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Cancelling_a_stop_makes_it_abrupt(bool before)
    {
        ChatClient client = await _server.WelcomeAsync(Options);
        using var cancel = new CancellationTokenSource();
        if (before)
        {
            await cancel.CancelAsync();
        }

        Task stopping = client.StopAsync(cancel.Token).AsTask();
        await cancel.CancelAsync();

        await stopping.Soon();
        Assert.Equal(DisconnectReason.Goodbye, await client.Completion);
        AssertReleased();
    }

    [Fact]
    public async Task Disposing_any_number_of_times_in_any_state_ends_once()
    {
        ChatClient client = await _server.WelcomeAsync(Options);
        Task[] disposals = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(async () => await client.DisposeAsync()))];
        Assert.Equal(DisconnectReason.Goodbye, (await _server.NextAsync())!.Bye);
        Assert.Null(await _server.NextAsync());
        _server.Cut();

        await Task.WhenAll(disposals).Soon();
        await client.DisposeAsync().Soon();
        await client.StopAsync().Soon();
        AssertReleased();
    }

    [Fact]
    public async Task Disposing_while_a_reader_is_full_reads_on_to_the_servers_end()
    {
        ChatClient client = await _server.WelcomeAsync(Options with { MaxBufferedEvents = 1 });
        ChatRoom room = await _server.JoinAsync(client);
        IAsyncEnumerable<RoomEvent> events = room.ReadAllAsync();
        _server.SendMessage(2, "bo", "too much");
        _server.SendMessage(3, "bo", "unread");
        Assert.True(_server.IsUnread);
        Task stopping = client.DisposeAsync().AsTask();
        Assert.Equal(DisconnectReason.Goodbye, (await _server.NextAsync())!.Bye);
        Assert.Null(await _server.NextAsync());
        await _server.ActedAsync();
        _server.Cut();

        await stopping.Soon();
        Assert.Equal(1, (await events.TakeAsync(1))[0].Sequence);
    }

    [Fact]
    public async Task A_BYE_that_was_not_read_yet_is_the_reason_though_writing_fails_first()
    {
        ChatClient client = await _server.WelcomeAsync(Options with { MaxBufferedEvents = 1 });
        ChatRoom room = await _server.JoinAsync(client);
        IAsyncEnumerable<RoomEvent> full = room.ReadAllAsync();
        _server.SendMessage(2, "bo", "too much");
        _server.SendBye(DisconnectReason.Banned);
        Assert.True(_server.IsUnread);
        _server.ClientStream.WriteError = new IOException("broken pipe");
        SendResult result = await client.SendDirectAsync("bo", "hi").Soon();

        Assert.Equal(SendResult.Unknown(1, DisconnectReason.Banned), result);
        Assert.Equal(DisconnectReason.Banned, await client.Completion.Soon());
        Assert.Single((await full.TakeAsync(9)).OfType<MemberJoined>());
    }

    [Fact]
    public async Task Writing_that_fails_ends_the_connection_when_nothing_else_does()
    {
        ChatClient client = await _server.WelcomeAsync(Options);
        _server.ClientStream.WriteError = new IOException("broken pipe");
        Task<SendResult> sending = client.SendDirectAsync("bo", "hi").AsTask();
        await AdvanceUntilAsync(client.Completion, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2.5));

        Assert.Equal(SendResult.Unknown(1, DisconnectReason.ConnectionReset), await sending.Soon());
        Assert.Contains("broken pipe", client.DisconnectText, StringComparison.Ordinal);
        AssertReleased();
    }

    [Fact]
    public async Task App_code_that_blocks_after_an_outcome_or_an_event_holds_nothing_up()
    {
        ChatClient client = await _server.WelcomeAsync(Options);
        ChatRoom room = await _server.JoinAsync(client);
        using var release = new ManualResetEventSlim();
        IAsyncEnumerator<RoomEvent> reader = room.ReadAllAsync().GetAsyncEnumerator();
        await reader.NextAsync();
        Task afterEvent = reader.MoveNextAsync().AsTask().ContinueWith(_ => release.Wait(), TaskContinuationOptions.ExecuteSynchronously);
        Task afterOutcome = room.SendAsync("one").AsTask().ContinueWith(_ => release.Wait(), TaskContinuationOptions.ExecuteSynchronously);
        await _server.NextAsync();
        _server.SendMessage(2, "ada", "one", 1);
        _server.Send(new PingFrame { Opaque = 9 });

        Assert.Equal(9ul, (await _server.NextAsync())!.Pong);
        release.Set();
        await Task.WhenAll(afterEvent, afterOutcome).Soon();
        _server.SendBye(DisconnectReason.ServerStopping);
        await client.Completion.Soon();
    }

    [Fact]
    public async Task No_answer_within_the_timeout_is_an_error_that_says_how_long()
    {
        Task<ChatClient> connecting = _server.ConnectAsync(Options with { ConnectTimeout = TimeSpan.FromSeconds(3) }).AsTask();
        await _server.NextAnyAsync();
        _time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.False(connecting.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.1));

        ChatException refusal = await Assert.ThrowsAsync<ChatException>(() => connecting.Soon());
        Assert.Equal("cannot connect to test:1: no answer within 3 s", refusal.Message);
        AssertReleased();
    }

    [Fact]
    public async Task Connecting_to_nothing_ends_by_the_timeout_too()
    {
        Task<ChatClient> connecting = LanChat.Connections.Client.ClientConnector.ConnectAsync(_server.Address, NeverAsync, Options, default).AsTask();
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Contains("no answer within 5 s", (await Assert.ThrowsAsync<ChatException>(() => connecting.Soon())).Message, StringComparison.Ordinal);

        static async ValueTask<LanChat.Connections.Client.ClientLink> NeverAsync(CancellationToken token)
        {
            await new TaskCompletionSource().Task.WaitAsync(token);
            throw new InvalidOperationException("It should have been cancelled.");
        }
    }

    private async Task AdvanceUntilAsync(Task done, TimeSpan atLeast, TimeSpan atMost)
    {
        // Time moves only while the farewell's timer is set: the heartbeat's is later, and one that has fired is due no more.
        long began = Stopwatch.GetTimestamp();
        TimeSpan passed = TimeSpan.Zero;
        while (!done.IsCompleted && Stopwatch.GetElapsedTime(began) < ScriptedServer.Patience)
        {
            if (_time.UntilNextTimer <= TimeSpan.FromSeconds(1))
            {
                _time.Advance(TimeSpan.FromMilliseconds(100));
                passed += TimeSpan.FromMilliseconds(100);
            }

            await Task.Yield();
        }

        await done.Soon();
        Assert.InRange(passed, atLeast, atMost);
    }

    private void AssertReleased()
    {
        Assert.True(_server.ClientStream.IsDisposed);
        Assert.Equal(0, _time.TimerCount);
    }
}
