using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Client;

public abstract class ClientHeartbeatTests(bool isTls)
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedServer _server = new(isTls);

    [Fact]
    public async Task A_client_that_says_nothing_for_a_heartbeat_give_or_take_a_tenth_pings()
    {
        ChatClient client = await WelcomeAsync();
        for (ulong i = 0; i < 30; i++)
        {
            // Something said now; and 0.9 heartbeats later the answer to the server is the next thing said: so there was no ping before.
            await AskAsync(i);
            _time.Advance((0.9 * Heartbeat) - TimeSpan.FromMilliseconds(1));
            await AskAsync(i);

            _time.Advance((1.1 * Heartbeat) + TimeSpan.FromMilliseconds(1));
            Assert.Equal(FrameType.Ping, (await _server.NextAnyAsync())!.Type);
        }

        Assert.Equal(ChatState.Connected, client.State);
    }

    [Fact]
    public async Task No_byte_for_two_heartbeats_ends_the_connection_with_code_7()
    {
        ChatClient client = await WelcomeAsync();
        _time.Advance((2 * Heartbeat) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(ChatState.Connected, client.State);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(ChatState.Ended, client.State);
        Assert.Equal(DisconnectReason.HeartbeatLost, (await _server.NextAsync())!.Bye);
        _server.Cut();

        Assert.Equal(DisconnectReason.HeartbeatLost, await client.Completion.Soon());
        Assert.Contains("30 s", client.DisconnectText, StringComparison.Ordinal);
        Assert.Equal(0, _time.TimerCount);
    }

    [Fact]
    public async Task Half_a_frame_is_a_sign_of_life()
    {
        ChatClient client = await WelcomeAsync();
        _time.Advance(2 * Heartbeat - TimeSpan.FromSeconds(1));
        _server.SendBytes([0]);
        await _server.ActedAsync();
        _time.Advance(2 * Heartbeat - TimeSpan.FromSeconds(1));

        Assert.Equal(ChatState.Connected, client.State);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(ChatState.Ended, client.State);
    }

    [Fact]
    public async Task While_the_client_itself_does_not_read_it_pings_on_and_blames_nobody()
    {
        ChatClient client = await WelcomeAsync(new ChatClientOptions { Name = "ada", TimeProvider = _time, MaxBufferedEvents = 1 });
        ChatRoom room = await _server.JoinAsync(client);
        await using IAsyncEnumerator<RoomEvent> reader = room.ReadAllAsync().GetAsyncEnumerator();
        _server.SendMessage(2, "bo", "one");
        _server.SendMessage(3, "bo", "two");
        Assert.True(_server.IsUnread);
        for (int i = 0; i < 10; i++)
        {
            _time.Advance(1.2 * Heartbeat);
            Assert.Equal(FrameType.Ping, (await _server.NextAnyAsync())!.Type);
        }

        Assert.Equal(ChatState.Connected, client.State);
        Assert.Equal(1, (await reader.NextAsync()).Sequence);
        Assert.Equal(2, (await reader.NextAsync()).Sequence);
        Assert.Equal(3, (await reader.NextAsync()).Sequence);
        _server.Send(new PingFrame { Opaque = 5 });
        Assert.Equal(5ul, (await _server.NextAsync())!.Pong);

        // It reads again, and the silence counts from here on.
        _time.Advance((2 * Heartbeat) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(ChatState.Connected, client.State);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(ChatState.Ended, client.State);
    }

    private Task<ChatClient> WelcomeAsync(ChatClientOptions? options = null) =>
        _server.WelcomeAsync(options ?? new ChatClientOptions { Name = "ada", TimeProvider = _time });

    private async Task AskAsync(ulong opaque)
    {
        _server.Send(new PingFrame { Opaque = opaque });
        Assert.Equal(opaque, (await _server.NextAnyAsync())!.Pong);
    }
}
