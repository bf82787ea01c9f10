using System.Net;
using LanChat.Tests.Endurance;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.EndToEnd;

/// <summary>The library's own client against its own server, over real sockets, as an application uses them.</summary>
public sealed class ClientAndServerTests : IAsyncLifetime
{
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(30));
    private ChatServer _server = null!;

    private CancellationToken Deadline => _deadline.Token;

    public async ValueTask InitializeAsync() =>
        _server = await ChatServer.StartAsync(new ChatServerOptions { Name = "Den", Announce = false, BindAddress = IPAddress.Loopback, Port = 0, Loops = 2 }, Deadline);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _deadline.Dispose();
    }

    [Fact]
    public async Task Two_people_talk_and_each_confirmation_is_the_entry_itself()
    {
        await using ChatClient ada = await ConnectAsync("ada");
        await using ChatClient bo = await ConnectAsync("bo");
        Assert.Equal(("Den", "ada", "Welcome to Den"), (ada.ServerName, ada.Name, ada.Welcome));

        ChatRoom atAda = await ada.JoinAsync("lobby", Deadline);
        ChatRoom atBo = await bo.JoinAsync("lobby", Deadline);
        IAsyncEnumerable<RoomEvent> heard = atAda.ReadAllAsync(Deadline);

        SendResult sent = await atBo.SendAsync("hello", Deadline);
        Assert.True(sent.IsAccepted);
        MessageReceived message = await FirstAsync<MessageReceived>(heard);
        Assert.Equal(("bo", "hello", sent.Sequence, sent.Id, false, false), (message.Name, message.Text, message.Sequence, message.Id, message.IsOwn, message.IsReplay));
        Assert.Equal(["ada", "bo"], atBo.Members);
        Assert.Equal(2, _server.MemberCount);
    }

    [Fact]
    public async Task History_is_replayed_and_marked_so()
    {
        await using ChatClient ada = await ConnectAsync("ada");
        ChatRoom atAda = await ada.JoinAsync("lobby", Deadline);
        await atAda.SendAsync("before", Deadline);

        await using ChatClient bo = await ConnectAsync("bo");
        ChatRoom atBo = await bo.JoinAsync("lobby", Deadline);
        await atAda.SendAsync("after", Deadline);

        List<RoomEvent> events = await TakeAsync(atBo.ReadAllAsync(Deadline), e => e is MessageReceived { Text: "after" });
        Assert.Equal([("before", true), ("after", false)], events.OfType<MessageReceived>().Select(e => (e.Text, e.IsReplay)));
        Assert.Equal(atBo.JoinedSequence, events.OfType<MemberJoined>().Single(e => e.Name == "bo").Sequence);
    }

    [Fact]
    public async Task Direct_messages_reach_one_member_alone()
    {
        await using ChatClient ada = await ConnectAsync("ada");
        await using ChatClient bo = await ConnectAsync("bo");
        IAsyncEnumerable<RoomEvent> mail = bo.ReadDirectAsync(Deadline);

        Assert.True((await ada.SendDirectAsync("bo", "psst", Deadline)).IsAccepted);
        DirectReceived direct = await FirstAsync<DirectReceived>(mail);
        Assert.Equal(("ada", "psst"), (direct.Name, direct.Text));

        SendResult lost = await ada.SendDirectAsync("nobody", "hello?", Deadline);
        Assert.Equal((SendOutcome.Rejected, DisconnectReason.NoSuchMember), (lost.Outcome, lost.Reason));
    }

    [Fact]
    public async Task A_taken_name_is_refused_and_free_again_when_its_owner_has_left()
    {
        ChatClient ada = await ConnectAsync("ada");
        ChatRoom room = await ada.JoinAsync("lobby", Deadline);
        ChatException taken = await Assert.ThrowsAsync<ChatException>(async () => await ConnectAsync("ADA"));
        Assert.Equal(DisconnectReason.NameInUse, taken.Reason);

        await ada.StopAsync(Deadline);
        Assert.Equal(DisconnectReason.Goodbye, await ada.Completion);
        Assert.Equal(DisconnectReason.Goodbye, await room.Completion);

        // A client waits a second for the server to take its goodbye, and no longer.
        Den.Until(() => _server.MemberCount == 0, "ada has left");
        await using ChatClient again = await ConnectAsync("ada");
        Assert.Equal("ada", again.Name);
    }

    [Fact]
    public async Task Kicked_stopped_and_left_are_told_with_their_reason()
    {
        await using ChatClient ada = await ConnectAsync("ada");
        await using ChatClient bo = await ConnectAsync("bo");
        ChatRoom atAda = await ada.JoinAsync("lobby", Deadline);
        await bo.JoinAsync("lobby", Deadline);
        IAsyncEnumerable<RoomEvent> heard = atAda.ReadAllAsync(Deadline);

        Assert.True(await _server.KickAsync("bo", "enough", Deadline));
        Assert.Equal(DisconnectReason.Kicked, await bo.Completion.WaitAsync(Deadline));
        Assert.Equal("enough", bo.DisconnectText);
        MemberLeft left = await FirstAsync<MemberLeft>(heard);
        Assert.Equal(("bo", 1, DisconnectReason.Kicked), (left.Name, left.Members, left.Reason));
        Assert.False(await _server.KickAsync("bo", "", Deadline));

        IAsyncEnumerable<ChatStateChange> states = ada.ReadStatesAsync(Deadline);
        await _server.StopAsync();
        ChatStateChange lost = await states.FirstAsync(change => change.State != ChatState.Connected, Deadline);
        Assert.Equal((ChatState.Reconnecting, DisconnectReason.ServerStopping), (lost.State, lost.Reason));
    }

    [Fact]
    public async Task The_server_follows_its_rooms_and_speaks_to_them()
    {
        IAsyncEnumerable<RoomEvent> console = _server.ReadAllAsync(Deadline);
        await using ChatClient ada = await ConnectAsync("ada");
        ChatRoom games = await ada.JoinAsync("games", Deadline);
        IAsyncEnumerable<RoomEvent> heard = games.ReadAllAsync(Deadline);
        await games.SendAsync("checkmate", Deadline);
        Assert.True(await _server.NoticeAsync(null, "dinner \u001b[31mat eight", Deadline));

        Assert.Equal("dinner \uFFFD[31mat eight", (await FirstAsync<Notice>(heard)).Text);
        List<RoomEvent> seen = await TakeAsync(console, e => e is Notice { Room: "games" });
        Assert.Equal(["ada joined", "checkmate"], seen.Where(e => e.Room == "games").Select(e => e switch
        {
            MemberJoined joined => $"{joined.Name} joined",
            MessageReceived message => message.Text,
            _ => null,
        }).OfType<string>());
        Assert.Equal(["ada"], _server.GetMembers("Games"));
        Assert.False(await _server.NoticeAsync("no-such-room", "hello", Deadline));
    }

    [Fact]
    public async Task Many_senders_at_once_end_in_one_order_for_all()
    {
        const int Clients = 20;
        const int Each = 50;
        var clients = new List<ChatClient>();
        var rooms = new List<ChatRoom>();
        for (int i = 0; i < Clients; i++)
        {
            clients.Add(await ConnectAsync($"member-{i}"));
            rooms.Add(await clients[i].JoinAsync("lobby", Deadline));
        }

        Task<List<RoomEvent>>[] heard = [.. rooms.Select(room => TakeAsync(room.ReadAllAsync(Deadline), MessageCount(Clients * Each)))];
        await Task.WhenAll(rooms.Select(async (room, n) =>
        {
            for (int i = 0; i < Each; i++)
            {
                Assert.True((await room.SendAsync($"{n}:{i}", Deadline)).IsAccepted);
            }
        }));

        string[][] orders = [.. (await Task.WhenAll(heard)).Select(events => events.OfType<MessageReceived>().Select(e => e.Text).ToArray())];
        Assert.All(orders, order => Assert.Equal(orders[0], order));
        for (int n = 0; n < Clients; n++)
        {
            Assert.Equal(Enumerable.Range(0, Each).Select(i => $"{n}:{i}"), orders[0].Where(text => text.StartsWith($"{n}:", StringComparison.Ordinal)));
        }

        foreach (ChatClient client in clients)
        {
            await client.DisposeAsync();
        }

        static Func<RoomEvent, bool> MessageCount(int count)
        {
            int left = count;
            return e => e is MessageReceived && --left == 0;
        }
    }

    private ValueTask<ChatClient> ConnectAsync(string name) =>
        ChatClient.ConnectAsync("127.0.0.1", _server.EndPoint.Port, TestClient.Options with { Name = name }, Deadline);

    private static async Task<TEvent> FirstAsync<TEvent>(IAsyncEnumerable<RoomEvent> events)
        where TEvent : RoomEvent
    {
        List<RoomEvent> taken = await TakeAsync(events, e => e is TEvent && !e.IsReplay);
        return (TEvent)taken[^1];
    }

    private static async Task<List<RoomEvent>> TakeAsync(IAsyncEnumerable<RoomEvent> events, Func<RoomEvent, bool> isLast)
    {
        var taken = new List<RoomEvent>();
        await foreach (RoomEvent roomEvent in events)
        {
            taken.Add(roomEvent);
            if (isLast(roomEvent))
            {
                return taken;
            }
        }

        throw new EndOfStreamException("The stream ended before the event that was waited for.");
    }
}
