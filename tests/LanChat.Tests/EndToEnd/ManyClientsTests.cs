using System.Net;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.EndToEnd;

/// <summary>Many of the library's clients at once, over real sockets and real threads.</summary>
public sealed class ManyClientsTests : IAsyncDisposable
{
    // So many handshakes at once take their time.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

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
        await StartAsync(new ChatServerOptions { Loops = 2, PublishRate = 0, HelloTimeout = Patience });
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

    private async Task StartAsync(ChatServerOptions options) =>
        _server = await ChatServer.StartAsync(options with { Announce = false, BindAddress = IPAddress.Loopback, Port = 0 }, Deadline);

    private async Task<ChatRoom> JoinAsync(string name)
    {
        ChatClientOptions options = TestClient.Options with { Name = name, MaxBufferedEvents = 10_000, ConnectTimeout = Patience };
        ChatClient client = await ChatClient.ConnectAsync(_server!.EndPoint, options, Deadline);
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
