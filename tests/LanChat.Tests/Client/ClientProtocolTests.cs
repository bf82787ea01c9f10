using LanChat.Framing;
using Xunit;

namespace LanChat.Tests.Client;

public abstract class ClientProtocolTests(bool isTls)
{
    private readonly ScriptedServer _server = new(isTls);

    public static TheoryData<string, byte[]> Violations => new()
    {
        { "length 0", [0, 0, 0, 0] },
        { "unknown type", Frame(0xB0) },
        { "a client's type", Frame((byte)FrameType.Publish, 0, 0, 0, 1) },
        { "a second WELCOME", Frame((byte)FrameType.Welcome) },
        { "CHALLENGE after WELCOME", Frame((byte)FrameType.Challenge) },
        { "RESULT of no command", Frame((byte)FrameType.Result, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0) },
        { "short RESULT", Frame((byte)FrameType.Result, 0) },
        { "short PING", Frame((byte)FrameType.Ping, 1) },
        { "short PONG", Frame((byte)FrameType.Pong) },
        { "short BYE", Frame((byte)FrameType.Bye, 0) },
        { "short ENTRY", Frame((byte)FrameType.Entry, 1) },
        { "short ACK", Frame((byte)FrameType.Ack, 1) },
        { "short REJECTED", Frame((byte)FrameType.Rejected, 1) },
        { "short JOINED", Frame((byte)FrameType.Joined, 1) },
        { "short PARTED", Frame((byte)FrameType.Parted, 1) },
        { "short ROSTER", Frame((byte)FrameType.Roster, 1) },
        { "short GAP", Frame((byte)FrameType.Gap, 1) },
        { "ACK of an id that was not sent", Frame((byte)FrameType.Ack, [.. U64(1), .. U64(1)]) },
        { "ACK of id 0", Frame((byte)FrameType.Ack, [.. U64(0), .. U64(1)]) },
        { "REJECTED of an id that was not sent", Frame((byte)FrameType.Rejected, [.. U64(9), 0, 14, 0, 0]) },
        { "GAP of another room", Frame((byte)FrameType.Gap, [0, 0, 0, 8, .. U64(2), .. U64(3)]) },
        { "GAP that begins too late", Frame((byte)FrameType.Gap, [0, 0, 0, 1, .. U64(3), .. U64(3)]) },
        { "GAP of nothing", Frame((byte)FrameType.Gap, [0, 0, 0, 1, .. U64(2), .. U64(1)]) },
        { "GAP to the end of time", Frame((byte)FrameType.Gap, [0, 0, 0, 1, .. U64(2), .. U64(long.MaxValue)]) },
        { "mailbox GAP that begins too late", Frame((byte)FrameType.Gap, [0, 0, 0, 0, .. U64(2), .. U64(3)]) },
        { "ROSTER of another room", Frame((byte)FrameType.Roster, [0, 0, 0, 8, .. U64(2), 0, 0, 0]) },
        { "PARTED from another room", Frame((byte)FrameType.Parted, 0, 0, 0, 8, 0, 8, 0, 0, 0) },
        { "refusal of a room that was not asked for", Frame((byte)FrameType.Parted, 0, 0, 0, 0, 0, 8, 1, (byte)'x', 0, 0) },
        { "refusal of a room that was joined", Frame((byte)FrameType.Parted, [0, 0, 0, 0, 0, 8, 5, .. "lobby"u8, 0, 0]) },
        { "JOINED that was not asked for", Joined(8, "x", 1, 1) },
        { "JOINED for a room that was joined", Joined(8, "lobby", 1, 1) },
    };

    [Theory, MemberData(nameof(Violations))]
    public async Task A_violation_ends_the_connection_with_code_4(string what, byte[] frame)
    {
        ChatClient client = await _server.WelcomeAsync();
        ChatRoom room = await _server.JoinAsync(client);
        _server.SendBytes(frame);

        Assert.Equal((what, DisconnectReason.ProtocolViolation), (what, (await _server.NextAsync())!.Bye));
        Assert.Null(await _server.NextAsync());
        _server.SendMessage(2, "bo", "discarded");
        _server.Cut();
        Assert.Equal(DisconnectReason.ProtocolViolation, await client.Completion.Soon());
        Assert.Equal(DisconnectReason.ProtocolViolation, await room.Completion.Soon());
        Assert.Single(await room.ReadAllAsync().TakeAsync(9));
    }

    [Theory]
    [InlineData(0), InlineData(1), InlineData(3), InlineData(4)]
    public async Task An_entry_that_is_not_the_next_one_is_a_violation(int sequence)
    {
        ChatClient client = await _server.WelcomeAsync();
        await _server.JoinAsync(client, newest: 1);
        _server.SendMessage((ulong)sequence, "bo", "hi");
        await _server.ActedAsync();
        if (sequence == 1)
        {
            Assert.NotEqual(ChatState.Connected, client.State);
        }

        Assert.Equal(DisconnectReason.ProtocolViolation, (await _server.NextAsync())!.Bye);
        _server.Cut();
        await client.Completion.Soon();
    }

    [Theory]
    [InlineData(0ul, 1ul), InlineData(3ul, 1ul), InlineData(1ul, ulong.MaxValue)]
    public async Task A_JOINED_whose_numbers_cannot_be_is_a_violation(ulong first, ulong newest)
    {
        ChatClient client = await _server.WelcomeAsync();
        Task<ChatRoom> joining = client.JoinAsync("lobby").AsTask();
        await _server.NextAsync();
        _server.SendJoined("lobby", 1, first, newest, 1);

        Assert.Equal(DisconnectReason.ProtocolViolation, (await _server.NextAsync())!.Bye);
        Assert.Equal(DisconnectReason.ProtocolViolation, (await Assert.ThrowsAsync<ChatException>(() => joining.Soon())).Reason);
        _server.Cut();
        await client.Completion.Soon();
    }

    [Theory, InlineData(0u), InlineData(1u)]
    public async Task A_JOINED_with_a_number_that_is_taken_is_a_violation(uint number)
    {
        ChatClient client = await _server.WelcomeAsync();
        await _server.JoinAsync(client);
        _ = client.JoinAsync("den").AsTask();
        await _server.NextAsync();
        _server.SendJoined("den", number, 1, 1, 1);

        Assert.Equal(DisconnectReason.ProtocolViolation, (await _server.NextAsync())!.Bye);
        _server.Cut();
        await client.Completion.Soon();
    }

    [Theory]
    [InlineData((int)EntryKind.Joined, 3), InlineData((int)EntryKind.Left, 5), InlineData((int)EntryKind.Members, 0)]
    public async Task Presence_without_its_fields_is_a_violation(int kind, int bodyBytes)
    {
        ChatClient client = await _server.WelcomeAsync();
        await _server.JoinAsync(client);
        _server.SendEntry((EntryKind)kind, 2, "bo", new byte[bodyBytes]);

        Assert.Equal(DisconnectReason.ProtocolViolation, (await _server.NextAsync())!.Bye);
        _server.Cut();
        await client.Completion.Soon();
    }

    [Fact]
    public async Task A_roster_behind_the_entries_is_a_violation_only_while_it_is_needed()
    {
        ChatClient client = await _server.WelcomeAsync();
        ChatRoom room = await _server.JoinAsync(client);
        _server.SendEntry(EntryKind.Joined, 2, "bo", ScriptedServer.Members(2));
        _server.SendRoster(1, 1, "ada");
        await _server.ActedAsync();
        Assert.Equal(["ada", "bo"], room.Members);

        _server.Send(new GapFrame { Room = 1, From = 3, To = 5 });
        _server.SendRoster(1, 4, "ada");
        Assert.Equal(DisconnectReason.ProtocolViolation, (await _server.NextAsync())!.Bye);
        _server.Cut();
        await client.Completion.Soon();
    }

    [Fact]
    public async Task A_frame_above_the_limit_of_WELCOME_ends_with_code_5_and_one_at_the_limit_is_taken()
    {
        ChatClient client = await _server.WelcomeAsync();
        ChatRoom room = await _server.JoinAsync(client);
        byte[] skippable = new byte[4 + 65_536];
        (skippable[1], skippable[4]) = (1, 0xC9);
        _server.SendBytes(skippable);
        _server.SendMessage(2, "bo", "still here");
        Assert.Equal(2, (await room.ReadAllAsync().TakeAsync(2))[1].Sequence);

        _server.SendBytes([0, 1, 0, 1]);
        Assert.Equal(DisconnectReason.FrameTooLarge, (await _server.NextAsync())!.Bye);
        _server.Cut();
        Assert.Equal(DisconnectReason.FrameTooLarge, await client.Completion.Soon());
    }

    [Theory, InlineData(0x48), InlineData(0x40), InlineData(0xC9), InlineData(0xFF)]
    public async Task Unknown_types_with_bit_40_are_skipped_also_before_WELCOME(int type)
    {
        ValueTask<ChatClient> connecting = _server.ConnectAsync();
        await _server.NextAnyAsync();
        _server.SendBytes(Frame((byte)type, 1, 2, 3));
        _server.SendWelcome();
        await using ChatClient client = await connecting.Soon();
        _server.SendBytes(Frame((byte)type));

        Assert.Equal(ChatState.Connected, client.State);
        _server.Cut();
    }

    [Theory, InlineData((int)FrameType.Joined), InlineData((int)FrameType.Entry), InlineData((int)FrameType.Ack), InlineData((int)FrameType.Hello)]
    public async Task Nothing_but_the_handshake_comes_before_WELCOME(int type)
    {
        ValueTask<ChatClient> connecting = _server.ConnectAsync();
        await _server.NextAnyAsync();
        _server.SendBytes(Frame((byte)type, new byte[64]));

        Assert.Equal(DisconnectReason.ProtocolViolation, (await _server.NextAsync())!.Bye);
        _server.Cut();
        await Assert.ThrowsAsync<ChatException>(() => connecting.Soon());
    }

    [Fact]
    public async Task PING_is_answered_with_its_PONG()
    {
        ChatClient client = await _server.WelcomeAsync();
        _server.Send(new PingFrame { Opaque = 0x0102030405060708 });
        _server.Send(new PongFrame { Opaque = 1 });

        Assert.Equal(0x0102030405060708ul, (await _server.NextAsync())!.Pong);
        Assert.Equal(ChatState.Connected, client.State);
    }

    [Fact]
    public async Task More_fields_at_the_end_of_a_frame_are_ignored()
    {
        ChatClient client = await _server.WelcomeAsync();
        ChatRoom room = await _server.JoinAsync(client);
        Task<SendResult> sending = room.SendAsync("hello").AsTask();
        await _server.NextAsync();
        _server.SendBytes(Frame((byte)FrameType.Ack, [.. U64(1), .. U64(7), 1, 2, 3]));

        Assert.Equal(7, (await sending.Soon()).Sequence);
    }

    private static byte[] Frame(byte type, params byte[] body) => [0, 0, (byte)((body.Length + 1) >> 8), (byte)(body.Length + 1), type, .. body];

    private static byte[] U64(ulong value) => [.. BitConverter.GetBytes(value).Reverse()];

    private static byte[] Joined(byte number, string name, byte first, byte newest) => Frame(
        (byte)FrameType.Joined,
        [0, 0, 0, number, 0, .. U64(ScriptedServer.Epoch), 0, .. U64(first), .. U64(newest), 0, 0, 0, 1, (byte)name.Length, .. ScriptedServer.Utf8(name)]);
}
