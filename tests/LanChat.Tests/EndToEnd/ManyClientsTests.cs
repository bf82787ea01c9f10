using System.Net;
using System.Net.Sockets;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.EndToEnd;

/// <summary>Many clients at once, over real sockets and real threads.</summary>
public sealed class ManyClientsTests : IAsyncDisposable
{
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(TestLength.IsLong ? 300 : 90));
    private readonly List<ChatClient> _clients = [];
    private ChatServer? _server;

    private CancellationToken Deadline => _deadline.Token;

    public async ValueTask DisposeAsync()
    {
        foreach (ChatClient client in _clients)
        {
            await client.DisposeAsync();
        }

        await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
        _deadline.Dispose();
    }

    [Fact]
    public async Task Two_hundred_clients_that_all_talk_see_one_order_and_lose_nothing()
    {
        const int Count = 200;
        int each = TestLength.IsLong ? 50 : 10;
        await StartAsync(new ChatServerOptions { Loops = 2, PublishRate = 0 });
        ChatRoom[] rooms = await Task.WhenAll(Enumerable.Range(0, Count).Select(i => JoinAsync($"member-{i}")));
        Assert.Equal(Count, _server!.MemberCount);

        Task<ulong>[] heard = [.. rooms.Select(room => HearAsync(room, Count * each))];
        await Task.WhenAll(rooms.Select(async (room, n) =>
        {
            for (int i = 0; i < each; i++)
            {
                SendResult sent = await room.SendAsync($"{n}:{i}", Deadline);
                Assert.True(sent.IsAccepted, $"{sent.Outcome} {sent.Reason} {sent.Text}");
            }
        }));

        ulong[] orders = await Task.WhenAll(heard);
        Assert.Single(orders.Distinct());
        Assert.All(rooms, room => Assert.Equal(Count, room.MemberCount));
    }

    [Fact]
    public async Task A_client_that_stops_reading_is_ended_at_the_lag_limit_and_the_others_do_not_notice()
    {
        await StartAsync(new ChatServerOptions { Loops = 2, PublishRate = 0, MaxLagBytes = 256 << 10 });
        ChatRoom ada = await JoinAsync("ada");
        ChatRoom bo = await JoinAsync("bo");
        using var frozen = new TcpClient();
        frozen.ReceiveBufferSize = 4096;
        await frozen.ConnectAsync(IPAddress.Loopback, _server!.EndPoint.Port, Deadline);
        await frozen.GetStream().WriteAsync((byte[])[.. WireFrame.Hello("frozen"), .. WireFrame.Join("lobby")], Deadline);

        string text = new('x', 4_000);
        var heard = new List<long>();
        Task<MemberLeft> left = Task.Run(async () =>
        {
            await foreach (RoomEvent roomEvent in bo.ReadAllAsync(Deadline))
            {
                Assert.IsNotType<Gap>(roomEvent);
                if (roomEvent is MessageReceived)
                {
                    heard.Add(roomEvent.Sequence);
                }

                if (roomEvent is MemberLeft gone)
                {
                    return gone;
                }
            }

            throw new EndOfStreamException();
        });
        var sent = new List<long>();
        for (int i = 0; i < 20_000 && !left.IsCompleted; i++)
        {
            sent.Add((await ada.SendAsync(text, Deadline)).Sequence);
        }

        MemberLeft slow = await left.WaitAsync(Deadline);
        Assert.Equal(("frozen", DisconnectReason.TooSlow), (slow.Name, slow.Reason));
        Assert.Equal(heard, sent.Take(heard.Count));
        Assert.Equal(["ada", "bo"], _server.GetMembers("lobby"));
    }

    [Fact]
    public async Task A_storm_of_connections_leaves_nothing_behind()
    {
        await StartAsync(new ChatServerOptions { Loops = 2, MaxHistoryEntries = 100 });
        ChatRoom ada = await JoinAsync("ada");
        int rounds = TestLength.IsLong ? 100 : 10;
        for (int round = 0; round < rounds; round++)
        {
            WireClient[] callers = await Task.WhenAll(Enumerable.Range(0, 40).Select(async i =>
                (await WireClient.JoinAsync(_server!.EndPoint, $"caller-{i}")).Client));
            for (int i = 0; i < callers.Length; i++)
            {
                // Some say goodbye, some end, some are cut off.
                if (i % 3 == 0)
                {
                    await callers[i].SendAsync(WireFrame.Goodbye());
                }
                else if (i % 3 == 1)
                {
                    callers[i].Socket.LingerState = new LingerOption(enable: true, seconds: 0);
                }

                callers[i].Dispose();
            }

            // Names are free only when the server has seen the ends: ada hears of each.
            await foreach (RoomEvent roomEvent in ada.ReadAllAsync(Deadline))
            {
                if (roomEvent is MemberLeft { Members: 1 } && _server!.MemberCount == 1)
                {
                    break;
                }
            }
        }

        Assert.Equal(["ada"], _server!.GetMembers("lobby"));
        Assert.Equal(["ada"], ada.Members);
    }

    private async Task StartAsync(ChatServerOptions options) =>
        _server = await ChatServer.StartAsync(options with { BindAddress = IPAddress.Loopback, Port = 0 }, Deadline);

    private async Task<ChatRoom> JoinAsync(string name)
    {
        ChatClient client = await ChatClient.ConnectAsync(_server!.EndPoint, new ChatClientOptions { Name = name, MaxBufferedEvents = 10_000 }, Deadline);
        lock (_clients)
        {
            _clients.Add(client);
        }

        return await client.JoinAsync("lobby", Deadline);
    }

    // Hashes the order in which messages are heard; a hole, a repeat or another order gives another hash.
    private async Task<ulong> HearAsync(ChatRoom room, int messages)
    {
        ulong hash = 14695981039346656037;
        await foreach (RoomEvent roomEvent in room.ReadAllAsync(Deadline))
        {
            Assert.IsNotType<Gap>(roomEvent);
            if (roomEvent is MessageReceived message)
            {
                foreach (char letter in message.Text)
                {
                    hash = (hash ^ letter) * 1099511628211;
                }

                hash = (hash ^ (ulong)message.Sequence) * 1099511628211;
                if (--messages == 0)
                {
                    return hash;
                }
            }
        }

        throw new EndOfStreamException("The room ended too early.");
    }
}
