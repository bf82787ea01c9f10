using LanChat.Framing;
using Xunit;

namespace LanChat.Tests.Client;

public abstract class ClientSendTests(bool isTls)
{
    private readonly ScriptedServer _server = new(isTls);

    [Fact]
    public async Task The_own_message_coming_back_is_its_confirmation()
    {
        (_, ChatRoom room) = await JoinedAsync();

        Task<SendResult> sending = room.SendAsync("hello").AsTask();
        Assert.Equal((ScriptedServer.Lobby, 1ul, (byte)0, "hello"), (await _server.NextAsync())!.Publish);
        Assert.False(sending.IsCompleted);
        _server.SendMessage(2, "ada", "hello", id: 1);

        Assert.Equal(SendResult.Accepted(1, 2), await sending.Soon());
    }

    [Fact]
    public async Task Only_the_entry_of_that_id_name_room_and_time_confirms()
    {
        (ChatClient client, ChatRoom room) = await JoinedAsync(newest: 5);
        await _server.JoinAsync(client, "den", number: 9);
        Task<SendResult> sending = room.SendAsync("hello").AsTask();
        await _server.NextAsync();

        _server.SendMessage(6, "bo", "hello", id: 1);
        _server.SendMessage(7, "ada", "hello", id: 2);
        _server.SendMessage(2, "ada", "hello", id: 1, room: 9);
        _server.SendEntry(EntryKind.Notice, 8, "ada", "hello"u8.ToArray(), id: 1);
        Assert.False(sending.IsCompleted);

        _server.SendMessage(9, "ada", "hello", id: 1);
        Assert.Equal(SendResult.Accepted(1, 9), await sending.Soon());
    }

    [Fact]
    public async Task A_replayed_message_of_an_earlier_session_of_that_name_confirms_nothing()
    {
        ChatClient client = await _server.WelcomeAsync();
        ValueTask<ChatRoom> joining = client.JoinAsync("lobby");
        await _server.NextAsync();
        _server.SendJoined("lobby", 1, first: 1, newest: 3, members: 1);
        _server.SendRoster(1, 3, "ada");
        ChatRoom room = await joining.Soon();
        Task<SendResult> sending = room.SendAsync("hello").AsTask();
        await _server.NextAsync();
        _server.SendMessage(1, "ada", "hello", id: 1);
        _server.SendMessage(2, "ada", "hello", id: 1);
        _server.SendEntry(EntryKind.Joined, 3, "ada", ScriptedServer.Members(1));

        Assert.False(sending.IsCompleted);
        List<RoomEvent> replay = await room.ReadAllAsync().TakeAsync(3);
        Assert.All(replay, e => Assert.True(e.IsReplay));
        Assert.False(((MessageReceived)replay[0]).IsOwn);
        _server.SendMessage(4, "ada", "hello", id: 1);
        Assert.Equal(SendResult.Accepted(1, 4), await sending.Soon());
    }

    [Fact]
    public async Task The_first_newest_of_a_room_and_epoch_counts_also_after_joining_it_again()
    {
        (ChatClient client, ChatRoom room) = await JoinedAsync();
        ValueTask leaving = room.LeaveAsync();
        Assert.Equal(1u, (await _server.NextAsync())!.Leave);
        Part(1, DisconnectReason.Goodbye);
        await leaving.Soon();
        ValueTask<ChatRoom> joining = client.JoinAsync("lobby");
        await _server.NextAsync();
        _server.SendJoined("lobby", 1, first: 2, newest: 4, members: 1);
        _server.SendRoster(1, 4, "ada");
        room = await joining.Soon();
        Task<SendResult> sending = room.SendAsync("hello").AsTask();
        await _server.NextAsync();
        _server.SendMessage(2, "ada", "hello", id: 1);

        Assert.Equal(SendResult.Accepted(1, 2), await sending.Soon());
    }

    [Theory, InlineData(0), InlineData(17)]
    public async Task ACK_is_a_confirmation_too(int sequence)
    {
        (_, ChatRoom room) = await JoinedAsync();
        Task<SendResult> sending = room.SendAsync("hello").AsTask();
        await _server.NextAsync();
        _server.Send(new AckFrame { Id = 1, Sequence = (ulong)sequence });

        Assert.Equal(SendResult.Accepted(1, sequence), await sending.Soon());
    }

    [Fact]
    public async Task A_rejection_has_its_reason_and_text()
    {
        (_, ChatRoom room) = await JoinedAsync();
        Task<SendResult> sending = room.SendAsync("hello").AsTask();
        await _server.NextAsync();
        _server.Send(new RejectedFrame { Id = 1, Code = 14, Text = "slow\u001b down"u8 });

        Assert.Equal(SendResult.Rejected(1, DisconnectReason.TooFast, "slow\uFFFD down"), await sending.Soon());
    }

    [Fact]
    public async Task An_outcome_that_comes_twice_changes_nothing()
    {
        (_, ChatRoom room) = await JoinedAsync();
        Task<SendResult> first = room.SendAsync("hello").AsTask();
        await _server.NextAsync();
        _server.SendMessage(2, "ada", "hello", id: 1);
        _server.Send(new AckFrame { Id = 1, Sequence = 2 });
        _server.Send(new RejectedFrame { Id = 1, Code = 14 });
        Task<SendResult> second = room.SendAsync("again").AsTask();
        Assert.Equal(2ul, (await _server.NextAsync())!.Publish.Id);
        _server.SendMessage(3, "ada", "again", id: 2);

        Assert.Equal((2, 3), ((await first.Soon()).Sequence, (await second.Soon()).Sequence));
    }

    [Fact]
    public async Task What_cannot_be_sent_is_rejected_here_and_uses_no_id()
    {
        (ChatClient client, ChatRoom room) = await JoinedAsync();

        Assert.Equal((0, DisconnectReason.BadText), IdAndReason(await room.SendAsync(new string('x', 4097)).Soon()));
        Assert.Equal((0, DisconnectReason.BadText), IdAndReason(await room.SendAsync("half \ud83d").Soon()));
        Assert.Equal((0, DisconnectReason.BadText), IdAndReason(await room.SendAsync(new byte[4097]).Soon()));
        Assert.Equal((0, DisconnectReason.NoSuchMember), IdAndReason(await client.SendDirectAsync(new string('x', 256), "hi").Soon()));
        await Assert.ThrowsAsync<ArgumentNullException>(() => room.SendAsync((string)null!).Soon());

        Task<SendResult> sending = room.SendAsync(new string('x', 4096)).AsTask();
        Assert.Equal(1ul, (await _server.NextAsync())!.Publish.Id);
        _server.SendMessage(2, "ada", "x", id: 1);
        Assert.True((await sending.Soon()).IsAccepted);
    }

    [Fact]
    public async Task Bytes_of_the_apps_own_are_marked_and_come_back_unchanged()
    {
        (_, ChatRoom room) = await JoinedAsync();
        byte[] data = [0, 0xFF, 0x1B, 0xC0];
        Task<SendResult> sending = room.SendAsync(data).AsTask();
        Assert.Equal((byte)128, (await _server.NextAsync())!.Publish.Flags);
        _server.SendEntry(EntryKind.Message, 2, "ada", data, id: 1, flags: EntryLayout.OpaqueFlag);
        await sending.Soon();

        var message = (MessageReceived)(await room.ReadAllAsync().TakeAsync(2))[1];
        Assert.Equal((true, "", true), (message.IsOpaque, message.Text, message.IsOwn));
        Assert.Equal(data, message.Data.ToArray());
    }

    [Fact]
    public async Task After_a_GAP_the_open_messages_of_that_room_are_sent_again_under_their_ids()
    {
        (ChatClient client, ChatRoom room) = await JoinedAsync();
        await _server.JoinAsync(client, "den", number: 9);
        Task<SendResult> one = room.SendAsync("one").AsTask();
        Task<SendResult> direct = client.SendDirectAsync("bo", "hi").AsTask();
        Task<SendResult> two = room.SendAsync("two").AsTask();
        for (int i = 0; i < 3; i++)
        {
            await _server.NextAsync();
        }

        _server.Send(new GapFrame { Room = 1, From = 2, To = 9 });
        Assert.Equal((1ul, "one"), IdAndText((await _server.NextAsync())!));
        Assert.Equal((3ul, "two"), IdAndText((await _server.NextAsync())!));
        _server.Send(new AckFrame { Id = 1, Sequence = 4 });
        _server.SendMessage(10, "ada", "two", 3);
        _server.Send(new AckFrame { Id = 3, Sequence = 10 });
        _server.Send(new AckFrame { Id = 2, Sequence = 1 });

        Assert.Equal([4, 10, 1], (await Task.WhenAll(one, two, direct).Soon()).Select(r => r.Sequence));
        Assert.Equal(ChatState.Connected, client.State);
    }

    [Fact]
    public async Task A_direct_message_is_confirmed_by_ACK()
    {
        ChatClient client = await _server.WelcomeAsync();
        Task<SendResult> sending = client.SendDirectAsync("bo", "hi").AsTask();
        Assert.Equal((1ul, "bo", "hi"), (await _server.NextAsync())!.Direct);
        _server.Send(new AckFrame { Id = 1, Sequence = 8 });

        Assert.Equal(SendResult.Accepted(1, 8), await sending.Soon());
    }

    [Fact]
    public async Task Sending_to_a_room_that_was_left_is_rejected_here()
    {
        (_, ChatRoom room) = await JoinedAsync(window: 1);
        Task<SendResult> open = room.SendAsync("one").AsTask();
        Task<SendResult> waits = room.SendAsync("two").AsTask();
        await _server.NextAsync();
        ValueTask leaving = room.LeaveAsync();
        await _server.NextAsync();
        _server.SendMessage(2, "ada", "one", 1);
        Part(1, DisconnectReason.Goodbye);
        await leaving.Soon();

        Assert.True((await open.Soon()).IsAccepted);
        Assert.Equal((0, DisconnectReason.NotAMember), IdAndReason(await waits.Soon()));
        Assert.Equal((0, DisconnectReason.NotAMember), IdAndReason(await room.SendAsync("three").Soon()));
    }

    private static (long, DisconnectReason) IdAndReason(SendResult result)
    {
        Assert.Equal(SendOutcome.Rejected, result.Outcome);
        return (result.Id, result.Reason);
    }

    private static (ulong, string) IdAndText(Received received) => (received.Publish.Id, received.Publish.Text);

    private void Part(uint room, DisconnectReason reason) =>
        _server.Send(new PartedFrame { Room = room, Code = (ushort)reason, Name = "lobby"u8 });

    private async Task<(ChatClient Client, ChatRoom Room)> JoinedAsync(int window = 1024, ulong newest = 1)
    {
        ChatClient client = await _server.WelcomeAsync(window: window);
        return (client, await _server.JoinAsync(client, newest: newest));
    }
}
