using System.Net;
using System.Net.Sockets;
using LanChat.Connections.Client;
using LanChat.Datagrams;
using LanChat.Framing;
using LanChat.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace LanChat.Tests.Datagrams;

/// <summary>The UDP twin over real sockets: both families, the library's own client, ports that are taken, and errors that the network reports.</summary>
public sealed class DatagramSocketTests : IAsyncDisposable
{
    // How often a port may turn out to be somebody else's.
    private const int Tries = 20;

    private readonly CancellationTokenSource _deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly RecordingLoggerFactory _logs = new();
    private ChatServer? _server;

    public DatagramSocketTests() => _deadline.CancelAfter(TimeSpan.FromSeconds(60));

    private CancellationToken Deadline => _deadline.Token;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _deadline.Dispose();
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task A_server_on_all_addresses_answers_either_family(string host)
    {
        Assert.SkipWhen(!Socket.OSSupportsIPv6, "This machine has no IPv6.");
        await StartAsync(new ChatServerOptions());
        using var member = await Member.JoinAsync(new IPEndPoint(IPAddress.Parse(host), _server!.EndPoint.Port), Deadline);
        member.Send(WireFrame.Publish(1, 1, "hello"));
        Assert.Equal((1UL, 2UL), AckOf(await member.ReceiveAsync(Deadline)));
    }

    /// <summary>Hostile input 33.</summary>
    [Fact]
    [HostileInput(33, "ICMP errors on the sockets of messages")]
    public async Task Answers_to_ports_that_are_closed_by_then_stop_nobody()
    {
        await StartAsync(new ChatServerOptions { BindAddress = IPAddress.Loopback });
        using var member = await Member.JoinAsync(_server!.EndPoint, Deadline);

        // Fewer than may wait for the loop together: none is dropped.
        for (ulong opaque = 0; opaque < 20; opaque++)
        {
            member.SendAndClose(WireFrame.Bytes(new PingFrame { Opaque = opaque }));
        }

        member.Send(WireFrame.Publish(1, 1, "still here"));
        Assert.Equal((1UL, 2UL), AckOf(await member.ReceiveAsync(Deadline)));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    public async Task The_librarys_client_talks_by_UDP(string host)
    {
        await StartAsync(new ChatServerOptions { BindAddress = host == "localhost" ? null : IPAddress.Loopback });
        var port = new CountingEnd();
        EndPoint endPoint = IPAddress.TryParse(host, out IPAddress? address)
            ? new IPEndPoint(address, _server!.EndPoint.Port)
            : new DnsEndPoint(host, _server!.EndPoint.Port);
        await using ChatClient ada = await ClientConnector.ConnectAsync(
            new ServerAddress(host, _server.EndPoint.Port),
            async token =>
            {
                ClientLink link = await ClientLink.ConnectAsync(endPoint, token);
                return new ClientLink(link.Stream, () => link.TryShutdownSend()) { Server = link.Server, OpenDatagrams = () => port.Open(link.Server!) };
            },
            TestClient.Options with { Name = "ada" },
            Deadline);
        ChatRoom room = await ada.JoinAsync("lobby", Deadline);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(i + 2, (await room.SendAsync($"{i}", MessageTransport.Udp, Deadline)).Sequence);
        }

        Assert.True((await ada.SendDirectAsync("ada", "to myself", MessageTransport.Udp, Deadline)).IsAccepted);
        Assert.True(port.Sent >= 21, $"{port.Sent} datagrams were sent.");
        Assert.True(port.Received > 0, "No answer came by UDP.");
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said_and_everything_goes_by_TCP()
    {
        (Socket taken, int port) = TakeUdpPort();
        using Socket held = taken;
        await StartAsync(new ChatServerOptions { BindAddress = IPAddress.Loopback }, port);
        Assert.Contains(_logs.Logger.Lines, line => line.Text.StartsWith($"UDP port {port} is not to be had", StringComparison.Ordinal));

        await using ChatClient ada = await ChatClient.ConnectAsync(_server!.EndPoint, TestClient.Options with { Name = "ada" }, Deadline);
        ChatRoom room = await ada.JoinAsync("lobby", Deadline);
        Assert.True((await room.SendAsync("hello", MessageTransport.Udp, Deadline)).IsAccepted);
    }

    [Fact]
    public async Task A_server_that_was_told_so_takes_no_port()
    {
        using var free = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ExclusiveAddressUse = true };
        for (int tries = 1; !free.IsBound; tries++)
        {
            await StartAsync(new ChatServerOptions { BindAddress = IPAddress.Loopback, Udp = false });
            if (!TryBind(free, _server!.EndPoint.Port))
            {
                // Somebody else's, if it is not every time.
                Assert.True(tries < Tries, "The server took its UDP port.");
                await _server.DisposeAsync();
            }
        }

        (WireClient client, _) = await WireClient.JoinAsync(_server!.EndPoint, "ada", tls: true);
        client.Dispose();
    }

    [Fact]
    public async Task The_port_is_free_again_when_the_server_has_stopped()
    {
        await StartAsync(new ChatServerOptions { BindAddress = IPAddress.Loopback });
        int port = _server!.EndPoint.Port;
        using (var other = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ExclusiveAddressUse = true })
        {
            Assert.Throws<SocketException>(() => other.Bind(new IPEndPoint(IPAddress.Loopback, port)));
        }

        await _server.DisposeAsync();
        using var again = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ExclusiveAddressUse = true };
        again.Bind(new IPEndPoint(IPAddress.Loopback, port));
    }

    /// <summary>Starts a server; where the port does not matter, on one that is free for UDP too.</summary>
    private async Task StartAsync(ChatServerOptions options, int port = 0)
    {
        for (int tries = 1; ; tries++)
        {
            _server = await ChatServer.StartAsync(
                options with { Port = port, Announce = false, Identity = TestIdentity.Shared, Loops = 2, LoggerFactory = _logs, StopTimeout = TimeSpan.Zero }, Deadline);
            if (port != 0 || !_logs.Logger.Lines.Any(line => line.Text.StartsWith($"UDP port {_server.EndPoint.Port} is not to be had", StringComparison.Ordinal)))
            {
                return;
            }

            Assert.True(tries < Tries, "No port is free for UDP.");
            await _server.DisposeAsync();
        }
    }

    /// <summary>Takes a UDP port whose number is free for TCP.</summary>
    private static (Socket Taken, int Port) TakeUdpPort()
    {
        for (int tries = 1; ; tries++)
        {
            using var number = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            number.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            int port = ((IPEndPoint)number.LocalEndPoint!).Port;
            var taken = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ExclusiveAddressUse = true };
            if (TryBind(taken, port))
            {
                return (taken, port);
            }

            taken.Dispose();
            Assert.True(tries < Tries, "No port is free for both.");
        }
    }

    private static bool TryBind(Socket socket, int port)
    {
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return false;
        }
    }

    private static (ulong Id, ulong Sequence) AckOf(WireFrame frame) => (frame.Ack.Id, frame.Ack.Sequence);

    // A member with keys of its own making, so that each datagram is the test's.
    private sealed class Member : IDisposable
    {
        private readonly WireClient _tcp;
        private readonly IPEndPoint _server;
        private readonly ulong _connection;
        private readonly DatagramKeys _keys;
        private readonly DatagramWriter _writer = new();
        private readonly Socket _socket;

        private Member(WireClient tcp, IPEndPoint server, WireFrame welcome)
        {
            _tcp = tcp;
            _server = new IPEndPoint(server.Address, welcome.Welcome.UdpPort);
            _connection = welcome.Welcome.UdpConnection;
            _keys = DatagramKeys.OfClient(welcome.Welcome.UdpSecret);
            _socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            _socket.Bind(new IPEndPoint(server.Address, 0));
        }

        internal static async Task<Member> JoinAsync(IPEndPoint server, CancellationToken cancellationToken)
        {
            WireClient tcp = await WireClient.ConnectAsync(server, tls: true);
            await tcp.SendAsync([.. WireFrame.Hello("ada"), .. WireFrame.Join("lobby")]);
            cancellationToken.ThrowIfCancellationRequested();
            WireFrame welcome = await tcp.ExpectAsync(FrameType.Welcome);
            await tcp.ExpectAsync(FrameType.Joined);
            return new Member(tcp, server, welcome);
        }

        internal void Send(byte[] frame) => _socket.SendTo(Seal(frame), _server);

        internal void SendAndClose(byte[] frame)
        {
            using var socket = new Socket(_server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.SendTo(Seal(frame), _server);
        }

        internal async Task<WireFrame> ReceiveAsync(CancellationToken cancellationToken)
        {
            byte[] datagram = new byte[DatagramLayout.MaxBytes];
            SocketReceiveFromResult received = await _socket.ReceiveFromAsync(datagram, _server, cancellationToken);
            datagram = datagram[..received.ReceivedBytes];
            byte[] frame = new byte[DatagramLayout.FrameBytes(datagram.Length)];
            Assert.True(DatagramLayout.TryRead(datagram, out _, out ulong counter));
            Assert.Equal(DatagramDefect.None, _keys.Open(datagram, counter, frame));
            return new WireFrame(frame[0], frame[1..]);
        }

        public void Dispose()
        {
            _socket.Dispose();
            _keys.Dispose();
            _tcp.Dispose();
        }

        private byte[] Seal(byte[] frame)
        {
            frame.CopyTo(_writer.GetSpan(frame.Length));
            _writer.Advance(frame.Length);
            return _keys.Seal(_writer, _connection).ToArray();
        }
    }

    // A real socket whose datagrams are counted.
    private sealed class CountingEnd : IDatagramEnd
    {
        private DatagramSocket? _socket;

        internal int Sent { get; private set; }

        internal int Received { get; private set; }

        public int Port => _socket!.Port;

        internal CountingEnd Open(IPAddress server)
        {
            IPAddress any = server.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;
            _socket = DatagramSocket.Bind(new IPEndPoint(any, 0), TimeProvider.System, NullLogger.Instance);
            return this;
        }

        public void Start(DatagramArrived arrived) => _socket!.Start((datagram, source) =>
        {
            Received++;
            arrived(datagram, source);
        });

        public void Send(ReadOnlySpan<byte> datagram, SocketAddress destination)
        {
            Sent++;
            _socket!.Send(datagram, destination);
        }

        public ValueTask DisposeAsync() => _socket!.DisposeAsync();
    }
}
