using System.Net;
using System.Net.Sockets;
using LanChat.Datagrams;
using LanChat.Diagnostics;
using LanChat.Security;
using LanChat.Transport;
using Microsoft.Extensions.Logging;

namespace LanChat.Connections;

/// <content>The start on real sockets: what carries the connections, the port and its UDP twin, the key, and the announcement last.</content>
internal sealed partial class ServerHost
{
    /// <summary>Starts a host on real sockets.</summary>
    /// <exception cref="ChatException">The address or port cannot be had, or the key not be kept.</exception>
    internal static async Task<ServerHost> ListenAsync(ChatServerOptions options)
    {
        PlatformTransport transport = Transport(options);

        // The port before the key: whoever starts a server twice is told so in these words, and no key is made for nothing.
        Socket socket = Bind(options);
        ServerIdentity? own = null;
        DatagramSocket? datagrams = null;
        ServerHost? host = null;
        try
        {
            datagrams = BindDatagrams(options, (IPEndPoint)socket.LocalEndPoint!);
            own = options.Identity is null ? LoadIdentity(options) : null;
            host = new ServerHost(
                options with { Identity = options.Identity ?? own },
                transport.MakePoller,
                (accept, logger) => SocketListener.Start(socket, transport, accept, options.TimeProvider, logger),
                runOnPool: null,
                own,
                datagrams);
            foreach (ServerLoop loop in host._loops)
            {
                loop.Loop.Start();
            }

            Log.Listening(host.Context.Logger, host.EndPoint, options.Loops);

            // Last: whoever finds the server can connect to it.
            host._announcement = options.Announce ? new Announcement(host.Context, host.EndPoint) : null;
            return host;
        }
        catch
        {
            if (host is not null)
            {
                await host.StopAsync(TimeSpan.Zero).ConfigureAwait(false);
            }
            else if (datagrams is not null)
            {
                await datagrams.DisposeAsync().ConfigureAwait(false);
            }

            own?.Dispose();
            socket.Dispose();
            throw;
        }
    }

    private static PlatformTransport Transport(ChatServerOptions options)
    {
        PlatformTransport? chosen = options.Transport switch
        {
            ServerTransport.Epoll => PlatformTransport.Epoll,
            ServerTransport.Sockets => PlatformTransport.Sockets,
            _ => PlatformTransport.Automatic,
        };
        return chosen ?? throw new ChatException(
            DisconnectReason.Aborted,
            options.Transport == ServerTransport.Automatic
                ? $"the environment variable {PlatformTransport.Switch} names a transport that is not there; set it to sockets, or to epoll on 64-bit Linux, or not at all"
                : "epoll needs 64-bit Linux; leave the transport to be chosen automatically");
    }

    private static Socket Bind(ChatServerOptions options)
    {
        IPAddress address = options.BindAddress ?? (Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any);
        var endPoint = new IPEndPoint(address, options.Port);
        try
        {
            return SocketListener.Bind(endPoint);
        }
        catch (SocketException e)
        {
            throw new ChatException(
                DisconnectReason.Aborted,
                e.SocketErrorCode == SocketError.AddressAlreadyInUse
                    ? $"port {options.Port} on {address} is in use by another program; choose another port, or 0 for any that is free"
                    : $"cannot listen on {endPoint}: {e.Message}",
                e);
        }
    }

    // The same number as the listener's, so that a firewall needs one rule and a reader one number. Without it the server works: all goes by TCP.
    private static DatagramSocket? BindDatagrams(ChatServerOptions options, IPEndPoint listener)
    {
        if (!options.Udp)
        {
            return null;
        }

        ILogger logger = AppLog.Create(options.LoggerFactory, ServerContext.LogCategory);
        try
        {
            return DatagramSocket.Bind(listener, options.TimeProvider, logger);
        }
        catch (SocketException e)
        {
            Log.NoDatagrams(logger, listener.Port, e.SocketErrorCode);
            return null;
        }
    }

    private static ServerIdentity LoadIdentity(ChatServerOptions options)
    {
        if (OwnIdentities.TryTake(OwnIdentities.DefaultRoot, options.Port) is { } kept)
        {
            return kept;
        }

        Log.IdentityNotKept(AppLog.Create(options.LoggerFactory, ServerContext.LogCategory), OwnIdentities.MaxCount);
        return ServerIdentity.Create();
    }
}
