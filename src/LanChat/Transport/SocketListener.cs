using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace LanChat.Transport;

/// <summary>A bound port: accepts connections and hands each to a callback as a <see cref="Link"/>.</summary>
/// <remarks>
/// Accepting ends only by <see cref="DisposeAsync"/>. A caller that is gone before it was accepted is skipped; a lack of descriptors or memory is waited out in short
/// pauses, while callers queue in the backlog, and is logged once when it begins and once when it is over. One that was accepted with the last descriptor waits too. The callback runs on a pool thread, one call at a time, and must not wait.
/// </remarks>
internal sealed class SocketListener : IAsyncDisposable
{
    /// <summary>Enough for a few hundred clients that come back at the same moment; the kernel may cap it.</summary>
    private const int Backlog = 1024;

    private static readonly TimeSpan PauseAfterError = TimeSpan.FromMilliseconds(50);

    private readonly Socket _socket;
    private readonly PlatformTransport _transport;
    private readonly Action<Link> _accepted;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;

    private SocketListener(Socket socket, PlatformTransport transport, Action<Link> accepted, TimeProvider time, ILogger logger)
    {
        _socket = socket;
        _transport = transport;
        _accepted = accepted;
        _time = time;
        _logger = logger;
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
        _accepting = Task.Run(AcceptAllAsync);
    }

    /// <summary>Where it listens, with the real port.</summary>
    internal IPEndPoint LocalEndPoint { get; }

    /// <summary>Binds and begins to accept: <see cref="Bind"/>, then <see cref="Start(Socket, PlatformTransport, Action{Link}, TimeProvider, ILogger)"/>.</summary>
    /// <exception cref="SocketException">The endpoint cannot be had, such as a port that is taken.</exception>
    internal static SocketListener Start(IPEndPoint endPoint, PlatformTransport transport, Action<Link> accepted, TimeProvider time, ILogger logger) =>
        Start(Bind(endPoint), transport, accepted, time, logger);

    /// <summary>Begins to accept on a bound socket, which belongs to the listener from now on.</summary>
    internal static SocketListener Start(Socket socket, PlatformTransport transport, Action<Link> accepted, TimeProvider time, ILogger logger) =>
        new(socket, transport, accepted, time, logger);

    /// <summary>Takes the endpoint; callers wait in the backlog. <see cref="IPAddress.IPv6Any"/> takes IPv4 as well; port 0 lets the system choose.</summary>
    /// <exception cref="SocketException">The endpoint cannot be had, such as a port that is taken.</exception>
    internal static Socket Bind(IPEndPoint endPoint)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endPoint.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(endPoint);
            socket.Listen(Backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _socket.Dispose();
        await _accepting.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task AcceptAllAsync()
    {
        bool isFailing = false;
        Socket? caller = null;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                caller ??= await _socket.AcceptAsync(_stopping.Token).ConfigureAwait(false);
                HandOver(caller);
                caller = null;
                if (isFailing)
                {
                    isFailing = false;
                    _logger.AcceptWorksAgain(LocalEndPoint);
                }
            }
            catch (Exception) when (_stopping.IsCancellationRequested)
            {
                // Cancelled or closed by DisposeAsync, whichever the accept noticed first.
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
            {
                // A caller that left while it was queued; the next one may be there already.
            }
            catch (Exception e)
            {
                // Whatever it is: a server that does not accept any more, and says nothing, would be worse.
                if (!isFailing)
                {
                    isFailing = true;
                    _logger.AcceptFails(LocalEndPoint, e.Message);
                }

                await Task.Delay(PauseAfterError, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        caller?.Dispose();
    }

    private void HandOver(Socket socket)
    {
        Link link;
        try
        {
            link = _transport.Over(socket);
        }
        catch (Exception e) when (e is not SocketException { SocketErrorCode: SocketError.TooManyOpenSockets })
        {
            // Gone between accept and now. Tried again, it could keep all that come after it waiting.
            socket.Dispose();
            return;
        }

        try
        {
            _accepted(link);
        }
        catch (Exception e)
        {
            _logger.AcceptHandlerFailed(LocalEndPoint, e);
            link.Close(reset: true);
        }
    }
}
