using System.Net;
using LanChat.Connections.Client;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Client;

/// <summary>Real servers on loopback that go and come back: a client follows the one with the right key, and tells nobody else its secrets.</summary>
public sealed class ClientFollowTests : IDisposable
{
    private readonly int _discoveryPort = FreePort.Udp();
    private readonly ServerIdentity _identity = ServerIdentity.Create();

    // The names of the network cards: only loopback, which is always among them.
    private ChatClientOptions Options => new()
    {
        Name = "ada",
        KnownServers = KnownServers.InMemory(),
        DiscoveryPort = _discoveryPort,
        DiscoveryInterfaces = [SampleServer.Loopback],
        MaxReconnectDelay = TimeSpan.FromMilliseconds(100),
    };

    public void Dispose() => _identity.Dispose();

    [Fact]
    public async Task A_server_that_comes_back_on_another_port_is_found_by_its_key()
    {
        ChatServer first = await StartAsync();
        await using ChatClient client = await ChatClient.ConnectAsync(first.EndPoint, Options).Soon();
        ChatRoom lobby = await client.JoinAsync("lobby").Soon();
        Assert.True((await lobby.SendAsync("before").Soon()).IsAccepted);
        await using IAsyncEnumerator<RoomEvent> reader = lobby.ReadAllAsync().GetAsyncEnumerator();
        await first.DisposeAsync().Soon();
        await client.UntilAsync(ChatState.Reconnecting);
        Task<SendResult> waits = lobby.SendAsync("sent while nobody was there").AsTask();
        await using ChatServer second = await StartElsewhereAsync(first.EndPoint);

        Assert.Equal(new { Id = 1L, IsAccepted = true }, await waits.Soon() is var result ? new { result.Id, result.IsAccepted } : null);
        while (await reader.NextAsync() is not Reset)
        {
        }

        Assert.Equal("ada", Assert.IsType<MemberJoined>(await reader.NextAsync()).Name);
        Assert.Equal("sent while nobody was there", Assert.IsType<MessageReceived>(await reader.NextAsync()).Text);
        Assert.Equal((ChatState.Connected, _identity.Id), (client.State, client.ServerId));
    }

    [Fact]
    public async Task Another_server_at_the_address_gets_nothing_and_the_right_one_is_waited_for()
    {
        ChatServer first = await StartAsync();
        await using ChatClient client = await ChatClient.ConnectAsync(first.EndPoint, Options).Soon();
        int port = first.EndPoint.Port;
        Task back = ConnectedAsync(client);
        await first.DisposeAsync().Soon();
        using ServerIdentity stranger = ServerIdentity.Create();
        await using (ChatServer other = await StartAsync(stranger, port))
        {
            await client.UntilAsync(change => change is { Attempt: > 1, Reason: DisconnectReason.NotProved });
            Assert.Equal(0, other.MemberCount);
        }

        await using ChatServer again = await StartAsync(_identity, port);
        await back.Soon();
        Assert.True((await (await client.JoinAsync("lobby").Soon()).SendAsync("here").Soon()).IsAccepted);
    }

    [Fact]
    public async Task Without_leave_to_ask_the_network_it_goes_on_at_the_old_address_alone()
    {
        ChatServer first = await StartAsync();
        await using ChatClient client = await ChatClient.ConnectAsync(first.EndPoint, Options with { Rediscover = false, ReconnectTimeout = TimeSpan.FromSeconds(1) }).Soon();
        await first.DisposeAsync().Soon();
        await using ChatServer second = await StartElsewhereAsync(first.EndPoint);

        Assert.Equal(DisconnectReason.ConnectionReset, await client.Completion.Soon());
    }

    [Fact]
    public async Task One_that_was_discovered_is_come_back_to_where_it_answered()
    {
        await using var dead = new TestPort((_, _) => Task.CompletedTask);
        ChatServer first = await StartAsync();
        IPEndPoint endPoint = first.EndPoint;
        await using ChatClient client = await ClientConnector.ConnectAsync("Den", _identity.Id, [dead.EndPoint, endPoint], Options with { Rediscover = false }, default).Soon();
        Task back = ConnectedAsync(client);
        await first.DisposeAsync().Soon();
        await using ChatServer second = await StartAsync(_identity, endPoint.Port);
        await back.Soon();

        // While nobody was there the other one may have been asked; but not before this one.
        Assert.Equal(ChatState.Connected, client.State);
    }

    private static async Task ConnectedAsync(ChatClient client)
    {
        bool wasAway = false;
        await client.UntilAsync(change => (wasAway |= change.State == ChatState.Reconnecting) && change.State == ChatState.Connected);
    }

    /// <summary>Starts a server on another port: the system may give the same one again.</summary>
    private async Task<ChatServer> StartElsewhereAsync(IPEndPoint before)
    {
        ChatServer server = await StartAsync();
        for (int tries = 0; server.EndPoint.Equals(before); tries++)
        {
            Assert.True(tries < 10, "There is no other port.");
            await server.DisposeAsync().Soon();
            server = await StartAsync();
        }

        return server;
    }

    private Task<ChatServer> StartAsync() => StartAsync(_identity, port: 0);

    private async Task<ChatServer> StartAsync(ServerIdentity identity, int port) => await ChatServer.StartAsync(new ChatServerOptions
    {
        BindAddress = IPAddress.Loopback,
        Port = port,
        Identity = identity,
        DiscoveryPort = _discoveryPort,
    }).Soon();
}
