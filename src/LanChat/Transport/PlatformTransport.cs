using System.Net;
using System.Net.Sockets;
using LanChat.Transport.Epoll;

namespace LanChat.Transport;

/// <summary>Which pollers and links a server's loops use: epoll on raw descriptors where there is Linux, sockets with completions everywhere.</summary>
/// <remarks>Both have the same seam and pass the same tests; a loop's links and its poller are of one kind.</remarks>
internal sealed class PlatformTransport
{
    /// <summary>The environment variable that chooses: <c>epoll</c> or <c>sockets</c>. For tests, measurements, and whoever doubts the choice.</summary>
    internal const string Switch = "LANCHAT_TRANSPORT";

    private readonly bool _usesEpoll;

    private PlatformTransport(bool usesEpoll) => _usesEpoll = usesEpoll;

    internal static PlatformTransport Sockets { get; } = new(usesEpoll: false);

    /// <summary>Raw descriptors, on 64-bit Linux; elsewhere sockets.</summary>
    internal static PlatformTransport Epoll { get; } = new(usesEpoll: OperatingSystem.IsLinux() && Environment.Is64BitProcess);

    /// <summary>What the variable says, else the best there is.</summary>
    internal static PlatformTransport Default { get; } =
        string.Equals(Environment.GetEnvironmentVariable(Switch), "sockets", StringComparison.OrdinalIgnoreCase) ? Sockets : Epoll;

    public override string ToString() => _usesEpoll ? "epoll" : "sockets";

    internal Poller MakePoller() => _usesEpoll && OperatingSystem.IsLinux() ? new EpollPoller() : new SocketPoller();

    /// <summary>Makes the link of a connected socket.</summary>
    /// <exception cref="SocketException">The connection is gone already, or there is no descriptor left; the socket stays the caller's.</exception>
    internal Link Over(Socket socket)
    {
        socket.Blocking = false;
        socket.NoDelay = true;
        KeepAlive(socket);
        var remote = socket.RemoteEndPoint as IPEndPoint;
        if (remote is { Address.IsIPv4MappedToIPv6: true })
        {
            remote = new IPEndPoint(remote.Address.MapToIPv4(), remote.Port);
        }

        return _usesEpoll && OperatingSystem.IsLinux() ? EpollLink.Over(socket, remote) : SocketLink.Over(socket, remote);
    }

    /// <summary>A caller that vanished without a word is noticed after about two minutes even where nobody speaks by itself (lines of text have no heartbeat).</summary>
    private static void KeepAlive(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 60);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 15);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 4);
    }
}
