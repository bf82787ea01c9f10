using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using LanChat.Connections;
using LanChat.Connections.Client;
using LanChat.Tests.Support;
using Xunit;

[assembly: SuppressMessage(
    "Usage",
    "xUnit1051",
    Justification = "Every wait in these tests has an end of its own.",
    Scope = "namespaceanddescendants",
    Target = "~N:LanChat.Tests.Endurance")]

namespace LanChat.Tests.Endurance;

/// <summary>A server on a free port of loopback whose insides a test may look at, and how guests of all kinds get to it.</summary>
internal sealed class Den : IAsyncDisposable
{
    /// <summary>Far more than anything takes, also on a machine that is busy with other things: it only makes a hang a failure.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // As small as the kernel takes: what is not read is soon the server's to hold.
    private const int FrozenReceiveBytes = 4096;

    private Den(ServerHost host)
    {
        Host = host;
        Server = new ChatServer(host);
    }

    internal ServerHost Host { get; }

    internal ChatServer Server { get; }

    internal IPEndPoint EndPoint => Host.EndPoint;

    internal static ChatServerOptions Options => new()
    {
        Name = "Den",
        Announce = false,
        BindAddress = IPAddress.Loopback,
        Port = 0,
        Loops = 2,
        Identity = TestIdentity.Shared,
        MaxMembers = 10_000,
        MaxConnections = 10_000,
        PublishRate = 0,
    };

    internal static async Task<Den> OpenAsync(ChatServerOptions options) => new(await ServerHost.ListenAsync(options));

    /// <summary>Connects one of the library's own clients, straight or through something else.</summary>
    internal ValueTask<ChatClient> ConnectAsync(ChatClientOptions options, IPEndPoint? through = null) => ChatClient.ConnectAsync(through ?? EndPoint, options);

    /// <summary>Connects a client whose connection the test can break: by closing the socket that it gets.</summary>
    internal async ValueTask<(ChatClient Client, Socket Socket)> ConnectBreakableAsync(ChatClientOptions options)
    {
        Socket? socket = null;
        ChatClient client = await ClientConnector.ConnectAsync(
            new ServerAddress(EndPoint.Address.ToString(), EndPoint.Port),
            async token =>
            {
                socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(EndPoint, token);
                return new ClientLink(new NetworkStream(socket, ownsSocket: true), () => socket.Shutdown(SocketShutdown.Send));
            },
            options,
            CancellationToken.None);
        return (client, socket!);
    }

    /// <summary>Joins rooms over plain frames on a socket that is never read again, with as little room for what arrives as there can be.</summary>
    internal static async Task<Socket> JoinFrozenAsync(IPEndPoint server, string name, params string[] rooms)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = FrozenReceiveBytes };
        await socket.ConnectAsync(server);
        await socket.SendAsync((byte[])[.. WireFrame.Hello(name), .. rooms.SelectMany(room => WireFrame.Join(room))]);
        return socket;
    }

    /// <summary>Waits until it is so: for what nothing tells of, such as the server's noticing that somebody has gone.</summary>
    internal static void Until(Func<bool> isSo, string what) => Assert.True(SpinWait.SpinUntil(isSo, Patience), $"It did not come to that in time: {what}.");

    internal static void Print(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
