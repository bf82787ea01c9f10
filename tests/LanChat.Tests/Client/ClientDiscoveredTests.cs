using System.Net;
using System.Net.Sockets;
using LanChat.Connections.Client;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Client;

/// <summary>Connecting to a server that was discovered: anybody can announce anything, so only the key counts.</summary>
public sealed class ClientDiscoveredTests
{
    private readonly KnownServers _known = KnownServers.InMemory();

    private ChatClientOptions Options => new() { Name = "ada", KnownServers = _known };

    [Fact]
    public async Task It_is_new_at_first_then_known_and_no_address_is_kept_for_it()
    {
        await using var server = new TlsServer();

        Assert.Equal(ServerTrust.New, await ConnectAsync(server.Identity.Id, server.EndPoint));
        Assert.Equal(ServerTrust.Known, await ConnectAsync(server.Identity.Id, server.EndPoint));
        Assert.Empty(Assert.Single(_known.All).Addresses);
    }

    [Fact]
    public async Task End_points_that_are_dead_strange_or_another_servers_are_passed_over()
    {
        using var dead = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        dead.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var strange = new TestPort((stream, token) => stream.WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), token).AsTask());
        await using var another = new TlsServer();
        await using var server = new TlsServer();

        ServerTrust trust = await ConnectAsync(server.Identity.Id, (IPEndPoint)dead.LocalEndPoint!, strange.EndPoint, another.EndPoint, server.EndPoint);

        Assert.Equal(ServerTrust.New, trust);
        Assert.Equal((1, 1, server.Identity.Id), (strange.Callers, another.Callers, Assert.Single(_known.All).Id));
        Assert.Empty(await another.Heard.Soon());
    }

    [Fact]
    public async Task An_end_point_that_hangs_costs_its_share_of_the_time()
    {
        var time = new FakeTimeProvider();
        var begun = new TaskCompletionSource();
        await using var hanging = new TestPort(async (stream, token) =>
        {
            await stream.ReadAtLeastAsync(new byte[1], 1, cancellationToken: token);
            begun.SetResult();
            await stream.CopyToAsync(Stream.Null, token);
        });
        await using var server = new TlsServer();
        ChatClientOptions options = Options with { TimeProvider = time, ConnectTimeout = TimeSpan.FromSeconds(4) };
        Task<ChatClient> connecting = ClientConnector.ConnectAsync("Den", server.Identity.Id, [hanging.EndPoint, server.EndPoint], options, default).AsTask();
        await begun.Task.Soon();
        time.Advance(TimeSpan.FromSeconds(2));

        ChatClient client = await connecting.Soon();
        Assert.Equal(server.Identity.Id, client.ServerId);
        await client.DisposeAsync().Soon();
        Assert.Equal(0, time.TimerCount);
    }

    [Fact]
    public async Task If_none_has_the_key_that_is_said()
    {
        await using var one = new TlsServer();
        await using var other = new TlsServer();
        using var absent = ServerIdentity.Create();

        ChatException refused = await Assert.ThrowsAsync<ChatException>(() => ConnectAsync(absent.Id, one.EndPoint, other.EndPoint));

        Assert.Equal(DisconnectReason.NotProved, refused.Reason);
        Assert.All(["De\uFFFDn", absent.Id.Fingerprint, other.Identity.Id.Fingerprint, "search again"], words => Assert.Contains(words, refused.Message, StringComparison.Ordinal));
        Assert.Empty(_known.All);
    }

    [Fact]
    public async Task Without_any_end_point_there_is_nothing_to_connect_to() =>
        Assert.Equal(DisconnectReason.ConnectionReset, (await Assert.ThrowsAsync<ChatException>(() => ConnectAsync(default))).Reason);

    private async Task<ServerTrust> ConnectAsync(ServerId id, params IPEndPoint[] endPoints)
    {
        ChatClient client = await ClientConnector.ConnectAsync("De\u001bn", id, endPoints, Options, default).Soon();
        await client.StopAsync().Soon();
        return client.Trust;
    }
}
