using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace LanChat.Connections.Client;

/// <summary>The bytes of one connection, both ways, and how to end only our direction of them.</summary>
/// <remarks>The one seam between the client and what carries it: TCP here, TLS over it, a pair of pipes in tests.</remarks>
internal sealed class ClientLink : IAsyncDisposable
{
    private readonly Func<Task> _shutdownSend;

    internal ClientLink(Stream stream, Action shutdownSend)
        : this(stream, () =>
        {
            shutdownSend();
            return Task.CompletedTask;
        })
    {
    }

    private ClientLink(Stream stream, Func<Task> shutdownSend)
    {
        Stream = stream;
        _shutdownSend = shutdownSend;
    }

    internal Stream Stream { get; }

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

        return new ClientLink(new NetworkStream(socket, ownsSocket: true), () => socket.Shutdown(SocketShutdown.Send));
    }

    /// <summary>The same link with TLS over it: its end is said inside (close_notify), so that nobody in between can say it, and then by the transport.</summary>
    internal ClientLink Over(SslStream tls)
    {
        return new ClientLink(tls, ShutdownBothAsync);

        async Task ShutdownBothAsync()
        {
            await tls.ShutdownAsync().ConfigureAwait(false);
            await _shutdownSend().ConfigureAwait(false);
        }
    }

    /// <summary>Ends our direction; the other one stays open, so that our last words are not destroyed by a reset. It may wait for the network; disposing ends the wait.</summary>
    internal Task ShutdownSendAsync() => _shutdownSend();

    public ValueTask DisposeAsync() => Stream.DisposeAsync();
}
