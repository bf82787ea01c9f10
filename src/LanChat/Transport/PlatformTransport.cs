using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using LanChat.Transport.Epoll;
using LanChat.Transport.Sockets;

namespace LanChat.Transport;

/// <summary>Which pollers and links a server's loops use: epoll on raw descriptors where there is Linux, sockets everywhere.</summary>
/// <remarks>Both have the same seam and pass the same tests; a loop's links and its poller are of one kind.</remarks>
internal sealed class PlatformTransport
{
    /// <summary>The environment variable that chooses where the app does not: for tests, measurements, and whoever doubts the choice.</summary>
    internal const string Switch = "LANCHAT_TRANSPORT";

    private readonly Func<Poller> _makePoller;
    private readonly Func<Socket, CallerAddress, Link> _over;

    internal PlatformTransport(Func<Poller> makePoller, Func<Socket, CallerAddress, Link> over)
    {
        _makePoller = makePoller;
        _over = over;
    }

    /// <summary>.NET's sockets, everywhere.</summary>
    internal static PlatformTransport Sockets { get; } = new(static () => new SocketPoller(Readiness.OfThisSystem()), SocketLink.Over);

    /// <summary>Raw descriptors; null where there is no epoll.</summary>
    internal static PlatformTransport? Epoll { get; } =
        OperatingSystem.IsLinux() && Environment.Is64BitProcess ? OverEpoll() : null;

    /// <summary>What the variable says, else the best there is; null if it names what is not there.</summary>
    internal static PlatformTransport? Automatic { get; } = Environment.GetEnvironmentVariable(Switch) switch
    {
        null or "" => Epoll ?? Sockets,
        "epoll" => Epoll,
        "sockets" => Sockets,
        _ => null,
    };

    internal Poller MakePoller() => _makePoller();

    /// <summary>Makes the link of a connected socket.</summary>
    /// <exception cref="SocketException">The connection is gone already, or there is no descriptor left; the socket stays the caller's.</exception>
    internal Link Over(Socket socket) => _over(socket, Prepare(socket));

    /// <summary>Sets a connected socket up as every link needs it, and returns whose it is: an IPv4 address where it is one.</summary>
    internal static CallerAddress Prepare(Socket socket)
    {
        socket.Blocking = false;
        socket.NoDelay = true;

        // A caller that vanished without a word is noticed after about two minutes even where nobody speaks by itself (lines of text have no heartbeat).
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 60);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 15);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 4);
        var remote = socket.RemoteEndPoint as IPEndPoint;
        return remote is { Address.IsIPv4MappedToIPv6: true }
            ? new CallerAddress(new IPEndPoint(remote.Address.MapToIPv4(), remote.Port))
            : new CallerAddress(remote, (socket.LocalEndPoint as IPEndPoint)?.Address);
    }

    [SupportedOSPlatform("linux")]
    private static PlatformTransport OverEpoll() => new(static () => new EpollPoller(), EpollLink.Over);
}
