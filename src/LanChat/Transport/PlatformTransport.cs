using System.Net;
using System.Net.Sockets;
using LanChat.Transport.Epoll;

namespace LanChat.Transport;

/// <summary>Which pollers and links a server's loops use: epoll on raw descriptors where there is Linux, sockets with completions everywhere.</summary>
/// <remarks>Both have the same seam and pass the same tests; a loop's links and its poller are of one kind.</remarks>
internal sealed class PlatformTransport
{
    /// <summary>The environment variable that chooses where the app does not: for tests, measurements, and whoever doubts the choice.</summary>
    internal const string Switch = "LANCHAT_TRANSPORT";

    private readonly bool _usesEpoll;

    private PlatformTransport(bool usesEpoll) => _usesEpoll = usesEpoll;

    /// <summary>.NET's sockets, everywhere.</summary>
    internal static PlatformTransport Sockets { get; } = new(usesEpoll: false);

    /// <summary>Raw descriptors; null where there is no epoll.</summary>
    internal static PlatformTransport? Epoll { get; } = OperatingSystem.IsLinux() && Environment.Is64BitProcess ? new(usesEpoll: true) : null;

    /// <summary>What the variable says, else the best there is; null if it names what is not there.</summary>
    internal static PlatformTransport? Automatic { get; } = Environment.GetEnvironmentVariable(Switch) switch
    {
        null or "" => Epoll ?? Sockets,
        "epoll" => Epoll,
        "sockets" => Sockets,
        _ => null,
    };

    public override string ToString() => _usesEpoll ? "epoll" : "sockets";

    internal Poller MakePoller() => _usesEpoll && OperatingSystem.IsLinux() ? new EpollPoller() : new SocketPoller();

    /// <summary>Makes the link of a connected socket.</summary>
    /// <exception cref="SocketException">The connection is gone already, or there is no descriptor left; the socket stays the caller's.</exception>
    internal Link Over(Socket socket)
    {
        IPEndPoint? remote = Prepare(socket);
        return _usesEpoll && OperatingSystem.IsLinux() ? EpollLink.Over(socket, remote) : SocketLink.Over(socket, remote);
    }

    /// <summary>Sets a connected socket up as every link needs it, and returns whose it is: an IPv4 address where it is one.</summary>
    internal static IPEndPoint? Prepare(Socket socket)
    {
        socket.Blocking = false;
        socket.NoDelay = true;

        // A caller that vanished without a word is noticed after about two minutes even where nobody speaks by itself (lines of text have no heartbeat).
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 60);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 15);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 4);
        var remote = socket.RemoteEndPoint as IPEndPoint;
        return remote is { Address.IsIPv4MappedToIPv6: true } ? new IPEndPoint(remote.Address.MapToIPv4(), remote.Port) : remote;
    }
}
