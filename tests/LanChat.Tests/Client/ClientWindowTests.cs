using LanChat.Framing;
using Xunit;

namespace LanChat.Tests.Client;

public abstract class ClientWindowTests(bool isTls)
{
    private readonly ScriptedServer _server = new(isTls);

    [Fact]
    public async Task No_more_ids_are_open_than_the_window_has_and_sends_leave_in_order()
    {
        (_, ChatRoom room) = await JoinedAsync(window: 2);
        Task<SendResult>[] sends = [.. Enumerable.Range(1, 5).Select(i => room.SendAsync($"m{i}").AsTask())];

        Assert.Equal((1ul, "m1"), IdAndText((await _server.NextAsync())!));
        Assert.Equal((2ul, "m2"), IdAndText((await _server.NextAsync())!));
        for (ulong id = 1; id <= 5; id++)
        {
            // A ping is answered after what was queued before it: nothing else was.
            _server.Send(new PingFrame { Opaque = id });
            Assert.Equal(id, (await _server.NextAsync())!.Pong);
            _server.SendMessage(1 + id, "ada", $"m{id}", id);
            if (id <= 3)
            {
                Assert.Equal((id + 2, $"m{id + 2}"), IdAndText((await _server.NextAsync())!));
            }
        }

        Assert.Equal([2, 3, 4, 5, 6], (await Task.WhenAll(sends).Soon()).Select(r => r.Sequence));
    }

    [Fact]
    public async Task The_options_can_make_the_window_smaller()
    {
        (_, ChatRoom room) = await JoinedAsync(options: new ChatClientOptions { Name = "ada", MaxOpenSends = 1 });
        Task<SendResult> first = room.SendAsync("one").AsTask();
        Task<SendResult> second = room.SendAsync("two").AsTask();
        Assert.Equal(1ul, (await _server.NextAsync())!.Publish.Id);
        _server.Send(new PingFrame { Opaque = 7 });
        Assert.Equal(7ul, (await _server.NextAsync())!.Pong);
        _server.SendMessage(2, "ada", "one", 1);
        _server.SendMessage(3, "ada", "two", (await _server.NextAsync())!.Publish.Id);

        Assert.True((await first.Soon()).IsAccepted && (await second.Soon()).IsAccepted);
    }

    [Fact]
    public async Task Cancelling_takes_back_what_waits_for_its_turn_and_only_that()
    {
        (_, ChatRoom room) = await JoinedAsync(window: 1);
        using var cancel = new CancellationTokenSource();
        Task<SendResult> onItsWay = room.SendAsync("one", cancel.Token).AsTask();
        Task<SendResult> waits = room.SendAsync("two", cancel.Token).AsTask();
        Task<SendResult> stays = room.SendAsync("three").AsTask();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits.Soon());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => room.SendAsync("four", cancel.Token).Soon());
        Assert.False(onItsWay.IsCompleted);
        Assert.Equal((1ul, "one"), IdAndText((await _server.NextAsync())!));
        _server.SendMessage(2, "ada", "one", 1);
        Assert.True((await onItsWay.Soon()).IsAccepted);
        Assert.Equal((2ul, "three"), IdAndText((await _server.NextAsync())!));
        _server.SendMessage(3, "ada", "three", 2);
        Assert.Equal(SendResult.Accepted(2, 3), await stays.Soon());
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task The_end_of_the_connection_makes_what_was_sent_unknown_and_the_rest_rejected(bool hard)
    {
        (ChatClient client, ChatRoom room) = await JoinedAsync(window: 1);
        Task<SendResult> sent = room.SendAsync("one").AsTask();
        Task<SendResult> waits = room.SendAsync("two").AsTask();
        await _server.NextAsync();
        _server.Cut(hard);

        Assert.Equal(SendResult.Unknown(1, DisconnectReason.ConnectionReset), await sent.Soon());
        Assert.Equal((0, DisconnectReason.ConnectionReset), IdAndReason(await waits.Soon()));
        Assert.Equal((0, DisconnectReason.ConnectionReset), IdAndReason(await room.SendAsync("three").Soon()));
        Assert.Equal((0, DisconnectReason.ConnectionReset), IdAndReason(await client.SendDirectAsync("bo", "hi").Soon()));
        Assert.Equal(DisconnectReason.ConnectionReset, await client.Completion.Soon());
    }

    [Fact]
    public async Task A_server_that_does_not_read_makes_sends_wait_and_ends_nothing_by_itself()
    {
        var stalled = new ScriptedServer(isTls, stallBytes: 1);
        ChatClient client = await stalled.WelcomeAsync();
        ChatRoom room = await stalled.JoinAsync(client);
        Task<SendResult>[] sends = [.. Enumerable.Range(0, 500).Select(_ => room.SendAsync(new string('x', 4000)).AsTask())];
        using var cancel = new CancellationTokenSource();
        Task<SendResult> last = room.SendAsync("last", cancel.Token).AsTask();
        await cancel.CancelAsync();

        // Taken back: so it was still waiting for its turn, though the window of 1,024 was not full.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => last.Soon());
        for (ulong id = 1; id <= 500; id++)
        {
            Assert.Equal(id, (await stalled.NextAsync())!.Publish.Id);
            stalled.SendMessage(1 + id, "ada", "x", id);
        }

        Assert.All(await Task.WhenAll(sends).Soon(), r => Assert.True(r.IsAccepted));
    }

    private static (long, DisconnectReason) IdAndReason(SendResult result)
    {
        Assert.Equal(SendOutcome.Rejected, result.Outcome);
        return (result.Id, result.Reason);
    }

    private static (ulong, string) IdAndText(Received received) => (received.Publish.Id, received.Publish.Text);

    private async Task<(ChatClient Client, ChatRoom Room)> JoinedAsync(int window = 1024, ChatClientOptions? options = null)
    {
        ChatClient client = await _server.WelcomeAsync(options, window);
        return (client, await _server.JoinAsync(client));
    }
}
