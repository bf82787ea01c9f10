using System.Net;
using System.Net.Sockets;
using LanChat.Diagnostics;
using Microsoft.Extensions.Logging;

namespace LanChat.Datagrams;

/// <summary>A UDP socket for messages: never connected, so that it hears answers from whatever address they come.</summary>
/// <remarks>On a machine with several addresses the system chooses from which one it answers: .NET sets none. Whose a datagram is says its key. Receiving ends only by <see cref="DisposeAsync"/>. An error of the socket is waited out, a handler that throws has lost that one datagram.</remarks>
internal sealed class DatagramSocket : IDatagramEnd
{
    /// <summary>A burst of about a thousand datagrams waits in the kernel, rather than get lost, while the receiving is busy; the system may give less.</summary>
    private const int ReceiveBufferBytes = 1 << 20;

    /// <summary>After an error that may last, so that the loop does not spin.</summary>
    private static readonly TimeSpan PauseAfterError = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private Task _receiving = Task.CompletedTask;
    private bool _hasFailed;

    private DatagramSocket(Socket socket, TimeProvider time, ILogger logger)
    {
        _socket = socket;
        _time = time;
        _logger = logger;
        Port = ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    public int Port { get; }

    /// <summary>Takes an endpoint for itself alone; <see cref="IPAddress.IPv6Any"/> takes IPv4 as well, as the listener's does.</summary>
    /// <exception cref="SocketException">The endpoint cannot be had, such as a port that is taken.</exception>
    internal static DatagramSocket Bind(IPEndPoint endPoint, TimeProvider time, ILogger logger)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            Configure(socket, isDual: endPoint.Address.Equals(IPAddress.IPv6Any));
            socket.Bind(endPoint);
            return new DatagramSocket(socket, time, logger);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Start(DatagramArrived arrived) => _receiving = Task.Run(() => ReceiveAllAsync(arrived));

    public void Send(ReadOnlySpan<byte> datagram, SocketAddress destination)
    {
        try
        {
            _socket.SendTo(datagram, SocketFlags.None, destination);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Lost on the way, as far as anybody can tell: no route, a full buffer, an address of another family.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _socket.Dispose();
        await _receiving.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private static void Configure(Socket socket, bool isDual)
    {
        const int SioUdpConnReset = -1744830452;
        if (OperatingSystem.IsWindows())
        {
            // Otherwise an answer to a client that is gone makes the next receive fail.
            socket.IOControl(SioUdpConnReset, [0, 0, 0, 0], null);
        }

        if (socket.AddressFamily == AddressFamily.InterNetworkV6)
        {
            socket.DualMode = isDual;
        }
        else
        {
            // Both ends keep below what any path carries; what does not fit all the same is lost, not cut in pieces.
            socket.DontFragment = true;
        }

        socket.ExclusiveAddressUse = true;
        socket.ReceiveBufferSize = ReceiveBufferBytes;
        socket.Blocking = false;
    }

    private async Task ReceiveAllAsync(DatagramArrived arrived)
    {
        // One byte more than a datagram has, to see that there was more.
        byte[] buffer = new byte[DatagramLayout.MaxBytes + 1];
        var source = new SocketAddress(_socket.AddressFamily);
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                source.Size = source.Buffer.Length;
                int count = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, source, _stopping.Token).ConfigureAwait(false);
                Hand(arrived, buffer.AsSpan(0, count), source);
            }
            catch (Exception) when (_stopping.IsCancellationRequested)
            {
                // Cancelled or closed, whichever the receive noticed first.
                return;
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionReset or SocketError.MessageSize)
            {
                // Windows: about a datagram that we sent, or one that is too long. Neither says anything about the next.
            }
            catch (Exception exception)
            {
                LogFailure(exception);
                await Task.Delay(PauseAfterError, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Hand(DatagramArrived arrived, ReadOnlySpan<byte> datagram, SocketAddress source)
    {
        try
        {
            arrived(datagram, source);
        }
        catch (Exception exception)
        {
            LogFailure(exception);
        }
    }

    // Once: who found a datagram that makes the handler throw can send many, and they do not fill the log.
    private void LogFailure(Exception exception)
    {
        if (!_hasFailed)
        {
            _hasFailed = true;
            Log.DatagramsFail(_logger, Port, exception);
        }
    }
}
