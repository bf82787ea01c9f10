using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using LanChat.Datagrams;

namespace LanChat.Connections.Client;

/// <summary>The bytes of one connection, both ways, and how to end only our direction of them.</summary>
/// <remarks>The one seam between the client and what carries it: TCP here, TLS over it, a pair of pipes in tests.</remarks>
internal sealed class ClientLink : IAsyncDisposable
{
    private readonly Action _shutdownSend;

    internal ClientLink(Stream stream, Action shutdownSend)
    {
        Stream = stream;
        _shutdownSend = shutdownSend;
    }

    internal Stream Stream { get; }

    /// <summary>Gets the server's IP address, to which datagrams go as well; null where the link is none of TCP.</summary>
    internal IPAddress? Server { get; init; }

    /// <summary>Gets what opens an end for datagrams instead of a socket; null: nothing does.</summary>
    internal Func<IDatagramEnd>? OpenDatagrams { get; init; }

    /// <summary>Connects to the first address of <paramref name="endPoint"/> that answers.</summary>
    internal static async ValueTask<ClientLink> ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken)
    {
        // Without an address family it is a dual-mode socket where there is IPv6, and tries every address of a name.
        Socket socket = endPoint is DnsEndPoint
            ? new Socket(SocketType.Stream, ProtocolType.Tcp)
            : new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // Frames are gathered here already; holding them back in the kernel only delays them.
            socket.NoDelay = true;
            await socket.ConnectAsync(endPoint, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        return new ClientLink(new NetworkStream(socket, ownsSocket: true), () => socket.Shutdown(SocketShutdown.Send)) { Server = AddressOf(socket) };
    }

    /// <summary>The same link with TLS over it.</summary>
    /// <remarks>Our direction is ended by the transport alone, without TLS' close_notify: <see cref="SslStream.ShutdownAsync"/> uses the native TLS state without the lock that reads and writes
    /// hold, and the read loop goes on meanwhile; on Linux that damaged the heap in about one of a thousand endings. Nothing is lost by it: BYE, inside TLS, is what tells a clean end.</remarks>
    internal ClientLink Over(SslStream tls) => new(tls, _shutdownSend) { Server = Server, OpenDatagrams = OpenDatagrams };

    /// <summary>Ends our direction; the other one stays open, so that our last words are not destroyed by a reset. False when there is nobody left to hear them.</summary>
    internal bool TryShutdownSend()
    {
        try
        {
            _shutdownSend();
            return true;
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
        {
            // The other side was faster.
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Stream.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // A stream may fail to flush what nobody will read any more. Its socket is released all the same.
        }
    }

    private static IPAddress? AddressOf(Socket socket)
    {
        IPAddress? address = (socket.RemoteEndPoint as IPEndPoint)?.Address;
        return address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
    }
}
