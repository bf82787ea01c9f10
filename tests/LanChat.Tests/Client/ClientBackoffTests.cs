using System.Diagnostics;
using System.Threading.Channels;
using LanChat.Connections.Client;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Client;

/// <summary>When a client tries again, for how long, and how it tells.</summary>
public sealed class ClientBackoffTests
{
    private readonly ScriptedServers _servers = new(isTls: false);

    [Fact]
    public void The_first_wait_is_short_and_each_further_one_twice_as_long_give_or_take_a_quarter()
    {
        for (int run = 0; run < 200; run++)
        {
            var delays = new ReconnectDelays(TimeSpan.FromSeconds(30), Random.Shared);
            Assert.InRange(delays.Next().TotalMilliseconds, 0, 250);
            foreach (double middle in new[] { 0.5, 1, 2, 4, 8, 16, 24, 24, 24 })
            {
                Assert.InRange(delays.Next().TotalSeconds, 0.75 * middle, 1.25 * middle);
            }
        }
    }

    [Fact]
    public void No_wait_is_longer_than_allowed_however_many_there_were()
    {
        var delays = new ReconnectDelays(TimeSpan.FromMilliseconds(100), Random.Shared);
        for (int i = 0; i < 200; i++)
        {
            Assert.InRange(delays.Next().TotalMilliseconds, 0, 100);
        }
    }

    [Fact]
    public void A_connection_that_lasted_longer_than_it_was_waited_for_makes_the_waits_start_over()
    {
        var delays = new ReconnectDelays(TimeSpan.FromSeconds(30), Random.Shared);
        delays.Next();
        TimeSpan second = delays.Next();
        delays.Note(second);
        Assert.InRange(delays.Next().TotalSeconds, 0.75, 1.25);
        delays.Note(TimeSpan.FromSeconds(2));
        Assert.InRange(delays.Next().TotalMilliseconds, 0, 250);
    }

    [Fact]
    public void A_wait_that_has_a_least_length_is_not_shorter_whatever_is_the_longest()
    {
        for (int run = 0; run < 200; run++)
        {
            Assert.InRange(new ReconnectDelays(TimeSpan.FromSeconds(30), Random.Shared).Next(TimeSpan.FromSeconds(5)).TotalSeconds, 5, 6.25);
            Assert.InRange(new ReconnectDelays(TimeSpan.FromSeconds(2), Random.Shared).Next(TimeSpan.FromSeconds(5)).TotalSeconds, 5, 6.25);
        }
    }

    [Fact]
    public async Task A_client_that_was_too_fast_gives_the_server_some_seconds_each_time()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        first.SendBye(DisconnectReason.TooFast, "too many control frames");
        first.Cut();
        (ScriptedServer second, ScriptedServers.Hello hello) = await TimedReturnAsync();
        Assert.Equal(5ul, hello.Session);
        second.SendBye(DisconnectReason.TooFast, "still");
        second.Cut();
        await TimedReturnAsync();
        await client.StopAsync(new CancellationToken(true)).Soon();

        async Task<(ScriptedServer Server, ScriptedServers.Hello Hello)> TimedReturnAsync()
        {
            long began = _servers.Time.GetTimestamp();
            (ScriptedServer Server, ScriptedServers.Hello Hello) returned = await _servers.ReturnAsync();
            Assert.InRange(_servers.Time.GetElapsedTime(began).TotalSeconds, 5, 7);
            return returned;
        }
    }

    [Fact]
    public async Task A_client_that_was_too_fast_and_has_fewer_seconds_left_does_not_come_again()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync(_servers.Options with { ReconnectTimeout = TimeSpan.FromSeconds(4) });
        first.SendBye(DisconnectReason.TooFast, "too many control frames");
        first.Cut();

        Assert.Equal(DisconnectReason.TooFast, await client.Completion.Soon());
        Assert.Equal((0, 1), (_servers.Time.TimerCount, _servers.Links));
    }

    [Fact]
    public async Task Nothing_is_tried_before_its_time_and_the_states_tell_when_that_is()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        await using IAsyncEnumerator<ChatStateChange> states = client.ReadStatesAsync().GetAsyncEnumerator();
        Assert.Equal(new ChatStateChange { State = ChatState.Connected }, await NextAsync(states));
        int refusals = 3;
        _servers.BeforeLink = _ => refusals-- > 0 ? Task.FromException(new IOException("nobody there")) : Task.CompletedTask;
        first.SendBye(DisconnectReason.TooSlow, "catch up");
        first.Cut();

        Assert.Equal(
            new ChatStateChange { State = ChatState.Reconnecting, Reason = DisconnectReason.TooSlow, Text = "catch up" },
            await NextAsync(states));
        for (int attempt = 1; attempt <= 4; attempt++)
        {
            ChatStateChange change = await NextAsync(states);
            (DisconnectReason reason, string text) = attempt == 1 ? (DisconnectReason.TooSlow, "catch up") : (DisconnectReason.ConnectionReset, "nobody there");
            Assert.Equal((ChatState.Reconnecting, attempt, reason, text), (change.State, change.Attempt, change.Reason, change.Text));
            Assert.Equal(4 - attempt, refusals);
            await PassAsync(change.Delay);
        }

        ScriptedServer second = await _servers.NextAsync();
        await second.NextAnyAsync();
        second.SendWelcome(resumed: true, mailbox: (9, JoinOutcome.Recovered, 1, 0));
        Assert.Equal(ChatState.Connected, (await NextAsync(states)).State);
        Task stopping = client.StopAsync(new CancellationToken(true)).AsTask();
        Assert.Equal((ChatState.Stopping, DisconnectReason.Goodbye), await NextAsync(states) is var stop ? (stop.State, stop.Reason) : default);
        Assert.Equal((ChatState.Ended, DisconnectReason.Goodbye), await NextAsync(states) is var end ? (end.State, end.Reason) : default);
        Assert.False(await states.MoveNextAsync().Soon());
        await stopping.Soon();
        Assert.Equal(ChatState.Ended, Assert.Single(await client.ReadStatesAsync().ToListAsync()).State);
    }

    [Fact]
    public async Task A_reader_of_states_that_sleeps_gets_the_newest()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        IAsyncEnumerable<ChatStateChange> slow = client.ReadStatesAsync();
        _servers.BeforeLink = _ => Task.FromException(new IOException("nobody there"));
        first.Cut();
        await using IAsyncEnumerator<ChatStateChange> states = client.ReadStatesAsync().GetAsyncEnumerator();
        while (await NextAsync(states) is { Attempt: <= 40 } change)
        {
            if (change.Attempt > 0)
            {
                await PassAsync(change.Delay);
            }
        }

        await client.StopAsync().Soon();
        List<ChatStateChange> told = await slow.ToListAsync();
        Assert.Equal(16, told.Count);
        Assert.Equal(ChatState.Ended, told[^1].State);
        Assert.Equal(40, told[^3].Attempt);
    }

    [Fact]
    public async Task After_the_time_for_it_the_client_gives_up_and_says_what_the_last_attempt_came_to()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync(_servers.Options with { ReconnectTimeout = TimeSpan.FromSeconds(10) });
        long began = _servers.Time.GetTimestamp();
        _servers.BeforeLink = _ => Task.FromException(new IOException("nobody there"));
        first.Cut();
        await _servers.PassUntilAsync(client.Completion);

        Assert.Equal(DisconnectReason.ConnectionReset, await client.Completion);
        Assert.Contains("nobody there", client.DisconnectText, StringComparison.Ordinal);
        Assert.InRange(_servers.Time.GetElapsedTime(began).TotalSeconds, 10, 11);
        Assert.Equal(0, _servers.Time.TimerCount);
    }

    [Theory, InlineData(DisconnectReason.ServerFull), InlineData(DisconnectReason.TooFast), InlineData(DisconnectReason.TooManyConnections), InlineData(DisconnectReason.ServerStopping)]
    public async Task A_server_that_has_no_place_is_asked_again(DisconnectReason reason)
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        first.Cut();
        for (int i = 0; i < 5; i++)
        {
            (ScriptedServer refusing, _) = await _servers.ReturnAsync();
            refusing.SendBye(reason);
            refusing.Cut();
        }

        await _servers.ResumeAsync();
        Assert.Equal(ChatState.Connected, client.State);
        await client.StopAsync(new CancellationToken(true)).Soon();
    }

    [Theory]
    [InlineData(DisconnectReason.Banned), InlineData(DisconnectReason.NotProved), InlineData(DisconnectReason.Replaced), InlineData(DisconnectReason.Version), InlineData(DisconnectReason.BadName)]
    public async Task A_server_that_says_no_is_not_asked_again(DisconnectReason reason)
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        ChatRoom lobby = await first.JoinAsync(client);
        Task<SendResult> open = lobby.SendAsync("open").AsTask();
        first.Cut();
        (ScriptedServer refusing, _) = await _servers.ReturnAsync();
        refusing.SendBye(reason, "no");
        refusing.Cut();

        Assert.Equal(reason, await client.Completion.Soon());
        Assert.Equal("no", client.DisconnectText);
        Assert.Equal(SendResult.Unknown(1, reason), await open.Soon());
    }

    [Fact]
    [HostileInput(17, "a ghost's name reclaimed")]
    public async Task A_name_in_use_is_asked_for_again_for_two_heartbeats()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        first.Cut();
        long? began = null;
        while (true)
        {
            ScriptedServer refusing;
            try
            {
                (refusing, _) = await _servers.ReturnAsync();
            }
            catch (ChannelClosedException)
            {
                break;
            }

            began ??= _servers.Time.GetTimestamp();
            refusing.SendBye(DisconnectReason.NameInUse);
            refusing.Cut();
        }

        Assert.Equal(DisconnectReason.NameInUse, await client.Completion.Soon());
        Assert.InRange(_servers.Time.GetElapsedTime(began!.Value).TotalSeconds, 30, 62);
    }

    [Fact]
    public async Task A_name_that_the_server_gave_is_given_up_when_somebody_else_has_it_meanwhile()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync(_servers.Options with { Name = "" });
        first.Cut();
        (ScriptedServer refusing, ScriptedServers.Hello wanted) = await _servers.ReturnAsync();
        refusing.SendBye(DisconnectReason.NameInUse);
        refusing.Cut();
        (ScriptedServer second, ScriptedServers.Hello hello) = await _servers.ReturnAsync();
        Assert.Equal(("ada", ""), (wanted.Name, hello.Name));
        second.SendWelcome(name: "guest-7", session: 6);
        (await second.NextAnyAsync())!.Decode<PingFrame>();
        Assert.Equal((ChatState.Connected, "guest-7"), (client.State, client.Name));
        await client.StopAsync(new CancellationToken(true)).Soon();
    }

    [Fact]
    public async Task An_apps_log_that_throws_keeps_nobody_from_coming_back()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync(_servers.Options with { LoggerFactory = new ThrowingLoggerFactory() });
        first.Cut();
        (ScriptedServer refusing, _) = await _servers.ReturnAsync();
        refusing.Cut();
        await _servers.ResumeAsync();
        Assert.Equal(ChatState.Connected, client.State);
        await client.StopAsync(new CancellationToken(true)).Soon();
        Assert.Equal(DisconnectReason.Goodbye, await client.Completion.Soon());
    }

    [Fact]
    public async Task A_server_that_does_not_answer_HELLO_in_time_is_tried_again()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        first.Cut();
        (ScriptedServer silent, _) = await _servers.ReturnAsync();
        _servers.Time.Advance(TimeSpan.FromSeconds(5));
        (ScriptedServer second, ScriptedServers.Hello hello) = await _servers.ReturnAsync();

        Assert.True(silent.ClientStream.IsDisposed);
        Assert.Equal(3u, hello.Attempt);
        second.SendWelcome(resumed: true, mailbox: (9, JoinOutcome.Recovered, 1, 0));
        (await second.NextAnyAsync())!.Decode<PingFrame>();
        Assert.Equal(ChatState.Connected, client.State);
        await client.StopAsync(new CancellationToken(true)).Soon();
    }

    private static async Task<ChatStateChange> NextAsync(IAsyncEnumerator<ChatStateChange> states) =>
        await states.MoveNextAsync().Soon() ? states.Current : throw new InvalidOperationException("The states came to an end.");

    /// <summary>Lets a wait pass that was announced: not a tick too little is enough, and all of it is.</summary>
    private async Task PassAsync(TimeSpan delay)
    {
        // A timer counts whole milliseconds: of less there is none.
        long began = Stopwatch.GetTimestamp();
        while (delay >= TimeSpan.FromMilliseconds(1) && _servers.Time.TimerCount == 0)
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < ScriptedServer.Patience, "The wait does not begin.");
            await Task.Yield();
        }

        if (delay >= TimeSpan.FromMilliseconds(2))
        {
            _servers.Time.Advance(delay - TimeSpan.FromMilliseconds(1));
            Assert.Equal(1, _servers.Time.TimerCount);
        }

        _servers.Time.Advance(TimeSpan.FromMilliseconds(2));
    }
}
