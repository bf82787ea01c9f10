using System.Net;
using System.Net.Sockets;
using LanChat.Diagnostics;
using Microsoft.Extensions.Logging;

namespace LanChat.Discovery;

/// <summary>Waits for the next datagram and puts it into the buffer.</summary>
internal delegate ValueTask<SocketReceiveMessageFromResult> ReceiveDatagram(Memory<byte> buffer, CancellationToken cancellationToken);

/// <summary>Hands each datagram of a socket to a handler, one at a time, until it is stopped. Nothing else ends it: an error of the socket is waited out, a handler that throws has
/// lost that one datagram.</summary>
internal sealed class DatagramReceiver(ReceiveDatagram receive, DatagramHandler handler, TimeProvider time, ILogger logger)
{
    /// <summary>After an error that may last, so that the loop does not spin.</summary>
    private static readonly TimeSpan PauseAfterError = TimeSpan.FromMilliseconds(100);

    /// <summary>A stranger who found a datagram that makes the handler throw can send many; they do not fill the log.</summary>
    private static readonly TimeSpan MinLogInterval = TimeSpan.FromSeconds(1);

    private long? _failureLoggedAt;

    /// <summary>Receives until it is stopped, and then completes without an exception.</summary>
    internal async Task RunAsync(CancellationToken stopping)
    {
        // One byte more than a beacon has, to see that there was more.
        byte[] buffer = new byte[BeaconLayout.MaxBytes + 1];
        while (!stopping.IsCancellationRequested)
        {
            SocketReceiveMessageFromResult received;
            try
            {
                received = await receive(buffer, stopping).ConfigureAwait(false);
            }
            catch (Exception) when (stopping.IsCancellationRequested)
            {
                // Cancelled or closed, whichever the receive noticed first.
                return;
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionReset or SocketError.MessageSize)
            {
                // Windows: about a datagram we sent, or about one that is too long. Neither says anything about the next.
                continue;
            }
            catch (Exception exception)
            {
                LogReceiveError(exception);
                await Task.Delay(PauseAfterError, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            Handle(buffer.AsSpan(0, received.ReceivedBytes), received);
        }
    }

    private void Handle(ReadOnlySpan<byte> datagram, SocketReceiveMessageFromResult received)
    {
        try
        {
            handler(datagram, (IPEndPoint)received.RemoteEndPoint, received.PacketInformation.Interface);
        }
        catch (Exception exception)
        {
            LogFailure("the handling of a datagram", exception);
        }
    }

    private void LogReceiveError(Exception exception)
    {
        if (exception is SocketException { SocketErrorCode: var error })
        {
            Log.DatagramNotReceived(logger, error);
        }
        else
        {
            LogFailure("receiving", exception);
        }
    }

    private void LogFailure(string what, Exception exception)
    {
        if (_failureLoggedAt is { } at && time.GetElapsedTime(at) < MinLogInterval)
        {
            return;
        }

        _failureLoggedAt = time.GetTimestamp();
        Log.DiscoveryFailed(logger, what, exception);
    }
}
