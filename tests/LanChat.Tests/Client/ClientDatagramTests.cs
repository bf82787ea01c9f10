using LanChat.Datagrams;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Client;

/// <summary>When a client's message goes by UDP, how often, and when by TCP after all: fake time, a scripted server, a network in memory.</summary>
public sealed partial class ClientDatagramTests
{
    private const ulong Connection = 0x1122334455667788;

    private static readonly byte[] Secret = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly TimeSpan FirstTimeout = TimeSpan.FromMilliseconds(250);

    private readonly FakeTimeProvider _time = new();
    private readonly DatagramNetwork _network;
    private readonly DatagramNetworkEnd _port;
    private readonly DatagramKeys _keys = DatagramKeys.OfServer(Secret);
    private readonly DatagramWriter _writer = new();
    private readonly ScriptedServer _server;
    private readonly List<DatagramNetworkEnd> _ends = [];

    public ClientDatagramTests()
    {
        _network = new DatagramNetwork(_time);
        _port = _network.OpenServer();
        _server = new ScriptedServer(isTls: true) { Udp = (9090, Connection, Secret), OpenDatagrams = OpenEnd };
    }

    [Fact]
    public async Task A_message_goes_by_UDP_alone_and_the_ACK_is_its_outcome()
    {
        ChatRoom room = await JoinedAsync();
        Task<SendResult> sending = room.SendAsync("hello", MessageTransport.Udp).AsTask();
        Assert.Equal((1u, 1UL, "hello"), PublishOf(Assert.Single(Sent())));
        Assert.False(sending.IsCompleted);

        Answer(new AckFrame { Id = 1, Sequence = 2 });
        Assert.Equal(SendResult.Accepted(1, 2), await sending.Soon());
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Empty(Sent());

        // Nothing had gone by TCP: this is the next frame there.
        _ = room.SendAsync("by TCP").AsTask();
        Assert.Equal((1u, 2UL, (byte)0, "by TCP"), (await _server.NextAsync())!.Publish);
    }

    [Fact]
    public async Task The_own_entry_by_TCP_confirms_as_well()
    {
        ChatRoom room = await JoinedAsync();
        Task<SendResult> sending = room.SendAsync("hello", MessageTransport.Udp).AsTask();
        Assert.Single(Sent());
        _server.SendMessage(2, "ada", "hello", id: 1);
        Assert.Equal(SendResult.Accepted(1, 2), await sending.Soon());
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Empty(Sent());
        Answer(new AckFrame { Id = 1, Sequence = 2 });
    }

    [Fact]
    public async Task A_rejection_by_UDP_is_the_outcome_and_safe_to_print()
    {
        ChatRoom room = await JoinedAsync();
        Task<SendResult> sending = room.SendAsync("hello", MessageTransport.Udp).AsTask();
        Answer(new RejectedFrame { Id = 1, Code = (ushort)DisconnectReason.TooFast, Text = "slow\u001b[31m down"u8 });
        SendResult result = await sending.Soon();
        Assert.Equal((SendOutcome.Rejected, DisconnectReason.TooFast, "slow\uFFFD[31m down"), (result.Outcome, result.Reason, result.Text));
    }

    [Fact]
    public async Task What_is_not_answered_is_sent_three_times_and_then_by_TCP_under_the_same_id()
    {
        ChatRoom room = await JoinedAsync();
        Task<SendResult> sending = room.SendAsync("hello", MessageTransport.Udp).AsTask();
        Assert.Single(Sent());
        for (int i = 0; i < 2; i++)
        {
            _time.Advance(FirstTimeout - TimeSpan.FromMilliseconds(1));
            Assert.Empty(Sent());
            _time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.Equal((1u, 1UL, "hello"), PublishOf(Assert.Single(Sent())));
        }

        _time.Advance(FirstTimeout);
        Assert.Empty(Sent());
        Assert.Equal((1u, 1UL, (byte)0, "hello"), (await _server.NextAsync())!.Publish);
        Assert.False(sending.IsCompleted);
        _server.SendMessage(2, "ada", "hello", id: 1);
        Assert.Equal(SendResult.Accepted(1, 2), await sending.Soon());
    }

    [Fact]
    public async Task Nothing_later_is_sent_before_its_outcome_or_before_it_went_by_TCP()
    {
        ChatRoom room = await JoinedAsync();
        _ = room.SendAsync("one", MessageTransport.Udp).AsTask();
        Task<SendResult> second = room.SendAsync("two").AsTask();
        Task<SendResult> third = room.SendAsync("three", MessageTransport.Udp).AsTask();
        Assert.Equal((1u, 1UL, "one"), PublishOf(Assert.Single(Sent())));
        _time.Advance(3 * FirstTimeout);
        Sent();

        Assert.Equal(1UL, (await _server.NextAsync())!.Publish.Id);
        Assert.Equal(2UL, (await _server.NextAsync())!.Publish.Id);
        Assert.Empty(Sent());
        _server.SendMessage(2, "ada", "one", id: 1);
        Assert.Empty(Sent());
        _server.SendMessage(3, "ada", "two", id: 2);
        Assert.Equal(SendResult.Accepted(2, 3), await second.Soon());
        Assert.Equal((1u, 3UL, "three"), PublishOf(Assert.Single(Sent())));
        Answer(new AckFrame { Id = 3, Sequence = 4 });
        Assert.Equal(SendResult.Accepted(3, 4), await third.Soon());
    }

    [Theory]
    [InlineData(1151, true)]
    [InlineData(1152, false)]
    public async Task What_is_too_long_for_a_datagram_goes_by_TCP_at_once(int bytes, bool fits)
    {
        ChatRoom room = await JoinedAsync();
        _ = room.SendAsync(new string('x', bytes), MessageTransport.Udp).AsTask();
        Assert.Equal(fits ? 1 : 0, Sent().Count);
        if (!fits)
        {
            Assert.Equal(bytes, (await _server.NextAsync())!.Publish.Text.Length);
            Assert.Empty(_ends);
        }
    }

    [Fact]
    public async Task Direct_messages_and_bytes_go_by_UDP_too()
    {
        ChatClient client = await _server.WelcomeAsync(Options);
        ChatRoom room = await _server.JoinAsync(client);
        Task<SendResult> direct = client.SendDirectAsync("bo", "psst", MessageTransport.Udp).AsTask();
        Assert.Equal(FrameType.Direct, Assert.Single(Sent()).Type);
        Answer(new AckFrame { Id = 1, Sequence = 1 });
        Assert.True((await direct.Soon()).IsAccepted);

        Task<SendResult> bytes = room.SendAsync(new byte[] { 0, 0xFF }, MessageTransport.Udp).AsTask();
        Assert.Equal(PublishFrame.OpaqueFlag, Assert.Single(Sent()).Decode<PublishFrame>().Flags);
        Answer(new AckFrame { Id = 2, Sequence = 2 });
        Assert.True((await bytes.Soon()).IsAccepted);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => room.SendAsync("x", (MessageTransport)7).AsTask());
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 9090)]
    public async Task Without_UDP_or_without_TLS_it_goes_by_TCP(bool isTls, ushort port)
    {
        var server = new ScriptedServer(isTls) { Udp = (port, Connection, Secret), OpenDatagrams = OpenEnd };
        ChatRoom room = await server.JoinAsync(await server.WelcomeAsync(Options));
        _ = room.SendAsync("hello", MessageTransport.Udp).AsTask();
        Assert.Equal((1u, 1UL, (byte)0, "hello"), (await server.NextAsync())!.Publish);
        Assert.Empty(_ends);
    }

    [Fact]
    public async Task After_three_that_were_not_answered_nothing_is_tried_for_30_seconds()
    {
        ChatRoom room = await JoinedAsync();
        for (ulong id = 1; id <= 3; id++)
        {
            await FailAsync(room, id);
        }

        await GoByTcpAsync(room, 4);
        _time.Advance(TimeSpan.FromSeconds(29));
        await GoByTcpAsync(room, 5);
        _time.Advance(TimeSpan.FromSeconds(1));

        // One probe, and the pause begins anew.
        await FailAsync(room, 6);
        await GoByTcpAsync(room, 7);
        _time.Advance(TimeSpan.FromSeconds(30));
        Task<SendResult> sending = room.SendAsync("8", MessageTransport.Udp).AsTask();
        Assert.Single(Sent());
        Answer(new AckFrame { Id = 8, Sequence = 9 });
        Assert.True((await sending.Soon()).IsAccepted);
        _server.SendMessage(9, "ada", "8", id: 8);

        // It works again: another three until the next pause.
        await FailAsync(room, 9, sequence: 10);
        Task<SendResult> next = room.SendAsync("10", MessageTransport.Udp).AsTask();
        Assert.Single(Sent());
        Answer(new AckFrame { Id = 10, Sequence = 11 });
        Assert.True((await next.Soon()).IsAccepted);
    }

    [Fact]
    public async Task The_wait_follows_what_answers_take()
    {
        ChatRoom room = await JoinedAsync();
        Task<SendResult> sending = room.SendAsync("one", MessageTransport.Udp).AsTask();
        _time.Advance(TimeSpan.FromMilliseconds(50));
        Answer(new AckFrame { Id = 1, Sequence = 2 });
        Assert.True((await sending.Soon()).IsAccepted);
        Sent();

        // 50 ms and four times 25 ms.
        _ = room.SendAsync("two", MessageTransport.Udp).AsTask();
        Assert.Single(Sent());
        _time.Advance(TimeSpan.FromMilliseconds(149));
        Assert.Empty(Sent());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Single(Sent());
    }

    [Fact]
    public async Task A_PING_is_echoed()
    {
        ChatRoom room = await JoinedAsync();
        _ = room.SendAsync("hello", MessageTransport.Udp).AsTask();
        Sent();
        Answer(new PingFrame { Opaque = 77 });
        Assert.Equal(77UL, Assert.Single(Sent()).Decode<PongFrame>().Opaque);
    }

    [Fact]
    public async Task What_is_under_way_at_goodbye_goes_by_TCP_before_it()
    {
        ChatClient client = await _server.WelcomeAsync(Options);
        ChatRoom room = await _server.JoinAsync(client);
        Task<SendResult> sending = room.SendAsync("a last word", MessageTransport.Udp).AsTask();
        ValueTask stopping = client.StopAsync();
        Assert.Equal((1u, 1UL, (byte)0, "a last word"), (await _server.NextAsync())!.Publish);
        Assert.Equal(FrameType.Bye, (await _server.NextAsync())!.Type);
        _server.SendMessage(2, "ada", "a last word", id: 1);
        Assert.Equal(SendResult.Accepted(1, 2), await sending.Soon());
        _server.Cut();
        await stopping.Soon();
        Assert.All(_ends, end => Assert.True(end.IsClosed));
        Assert.Equal(0, _time.TimerCount);
    }

    [Fact]
    public async Task What_is_under_way_to_a_room_goes_by_TCP_before_the_room_is_left()
    {
        ChatRoom room = await JoinedAsync();
        Task<SendResult> sending = room.SendAsync("a last word", MessageTransport.Udp).AsTask();
        Task leaving = room.LeaveAsync().AsTask();
        Assert.Equal((1u, 1UL, (byte)0, "a last word"), (await _server.NextAsync())!.Publish);
        Assert.Equal(ScriptedServer.Lobby, (await _server.NextAsync())!.Leave);
        _server.SendMessage(2, "ada", "a last word", id: 1);
        Assert.Equal(SendResult.Accepted(1, 2), await sending.Soon());
        Assert.False(leaving.IsCompleted);
    }

    [Fact]
    public async Task The_socket_is_made_by_the_first_message_and_closed_with_the_connection()
    {
        ChatClient client = await _server.WelcomeAsync(Options);
        ChatRoom room = await _server.JoinAsync(client);
        Task<SendResult> first = room.SendAsync("by TCP").AsTask();
        _server.SendMessage(2, "ada", "by TCP", id: 1);
        await first.Soon();
        Assert.Empty(_ends);
        Task<SendResult> sending = room.SendAsync("by UDP", MessageTransport.Udp).AsTask();
        Assert.Single(_ends);
        _server.Cut(hard: true);
        await client.Completion.Soon();
        Assert.Equal(SendOutcome.Unknown, (await sending.Soon()).Outcome);
        Assert.True(Assert.Single(_ends).IsClosed);
        Assert.Equal(0, _time.TimerCount);
    }
}
