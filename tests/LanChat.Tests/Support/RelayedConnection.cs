using System.Net.Sockets;

namespace LanChat.Tests.Support;

/// <summary>A direction of a <see cref="RelayedConnection"/>.</summary>
internal enum RelayDirection
{
    ToServer,
    ToClient,
}

/// <summary>One connection through a <see cref="FaultyRelay"/>. What it passes on it passes on unchanged and in order, up to the place where it is cut.</summary>
internal sealed class RelayedConnection
{
    private readonly Socket _caller;
    private readonly Socket _target;
    private readonly Lock _gate = new();

    // Under the gate. A cut is set once and carried out by the next piece in its direction.
    private (RelayDirection Direction, bool Reset, double Keep)? _cut;
    private TaskCompletionSource? _thaw;
    private bool _hasEnded;
    private bool _wasForced;

    internal RelayedConnection(Socket caller, Socket target)
    {
        _caller = caller;
        _target = target;
        _caller.NoDelay = _target.NoDelay = true;
    }

    /// <summary>Gets whether the test ended it, or held it up, before its own sides ended it.</summary>
    internal bool WasForced
    {
        get
        {
            lock (_gate)
            {
                return _wasForced;
            }
        }
    }

    /// <summary>Gets whether it is held up, or ends at the next piece that passes.</summary>
    internal bool IsDoomed
    {
        get
        {
            lock (_gate)
            {
                return _wasForced || _cut is not null;
            }
        }
    }

    /// <summary>Passes on what comes until both sides have ended or the test cut it.</summary>
    internal async Task RunAsync()
    {
        await Task.WhenAll(PassAsync(_caller, _target, RelayDirection.ToServer), PassAsync(_target, _caller, RelayDirection.ToClient));
        End(reset: false, isForced: false);
        _caller.Dispose();
        _target.Dispose();
    }

    /// <summary>Cuts it inside the next piece that passes in a direction: of that piece only the first part arrives.</summary>
    /// <param name="direction">Which way.</param>
    /// <param name="reset">Whether both sides see a reset; else an end of the stream where it should not be.</param>
    /// <param name="keep">How much of the piece still arrives, 0 to less than 1.</param>
    /// <returns>False when it is over, held up, or to be cut already.</returns>
    internal bool TryCut(RelayDirection direction, bool reset, double keep)
    {
        lock (_gate)
        {
            if (_hasEnded || _cut is not null || _thaw is not null)
            {
                return false;
            }

            _cut = (direction, reset, keep);
            return true;
        }
    }

    /// <summary>Resets it on both sides, now.</summary>
    internal void Reset() => End(reset: true, isForced: true);

    /// <summary>Passes nothing on any more, both ways, and ends nothing: a cable that was pulled out. False when it is over, held up, or to be cut already.</summary>
    internal bool TryFreeze()
    {
        lock (_gate)
        {
            if (_hasEnded || _cut is not null || _thaw is not null)
            {
                return false;
            }

            _thaw = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _wasForced = true;
            return true;
        }
    }

    /// <summary>Goes on where it was held up.</summary>
    internal void Thaw()
    {
        TaskCompletionSource? thaw;
        lock (_gate)
        {
            (thaw, _thaw) = (_thaw, null);
        }

        thaw?.SetResult();
    }

    private async Task PassAsync(Socket from, Socket to, RelayDirection direction)
    {
        byte[] piece = new byte[16 * 1024];
        try
        {
            while (true)
            {
                int received = await from.ReceiveAsync(piece);
                Task thawed;
                (RelayDirection Direction, bool Reset, double Keep)? cut;
                lock (_gate)
                {
                    thawed = _thaw?.Task ?? Task.CompletedTask;
                    cut = _cut?.Direction == direction ? _cut : null;
                }

                await thawed;
                if (received == 0)
                {
                    to.Shutdown(SocketShutdown.Send);
                    return;
                }

                int passed = cut is { } place ? (int)(received * place.Keep) : received;
                for (int sent = 0; sent < passed;)
                {
                    sent += await to.SendAsync(piece.AsMemory(sent, passed - sent));
                }

                if (cut is not null)
                {
                    End(cut.Value.Reset, isForced: true);
                    return;
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // One side reset it, or the test did: the other side sees the same.
            End(reset: true, isForced: false);
        }
    }

    private void End(bool reset, bool isForced)
    {
        lock (_gate)
        {
            if (_hasEnded)
            {
                return;
            }

            _hasEnded = true;
            _wasForced |= isForced;
        }

        foreach (Socket socket in new[] { _caller, _target })
        {
            End(socket, reset);
        }

        Thaw();
    }

    private static void End(Socket socket, bool reset)
    {
        try
        {
            if (reset)
            {
                // No time to linger: the kernel says it with a reset.
                socket.Close(0);
            }
            else
            {
                // Not closed yet: that would be a reset while the other direction still receives.
                socket.Shutdown(SocketShutdown.Both);
            }
        }
        catch (SocketException)
        {
            // It has ended already.
        }
    }
}
