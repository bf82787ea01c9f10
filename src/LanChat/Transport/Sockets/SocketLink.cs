using System.Net.Sockets;

namespace LanChat.Transport.Sockets;

/// <summary>A link over a non-blocking <see cref="Socket"/>: plain calls on the loop's thread, no asynchronous operation, and no buffer.</summary>
/// <remarks>Its poller looks at it in each wait, so what is left behind is reported again. What cannot be acted on must not be looked at: an end that was received, bytes that nobody
/// will receive, and a wire that is not full, are ready all the time.</remarks>
internal sealed class SocketLink : Link
{
    /// <summary>.NET gathers up to eight pieces on the stack and allocates arrays for more.</summary>
    private const int MaxGather = 8;

    private readonly Socket _socket;
    private SocketPoller _poller = null!;
    private bool _isBroken;
    private bool _hasStoppedReceiving;
    private bool _wantsWritable;

    private SocketLink(Socket socket, in CallerAddress caller)
        : base(caller) => _socket = socket;

    /// <summary>Place among the poller's links; -1 outside. Kept by the poller.</summary>
    internal int Slot { get; set; } = -1;

    internal Socket Socket => _socket;

    // What the kernel does not take stays with the caller.
    internal override bool IsSending => false;

    /// <summary>What there is to wait for.</summary>
    internal LinkEvents Interest => (_hasStoppedReceiving ? LinkEvents.None : LinkEvents.Readable) | (_wantsWritable ? LinkEvents.Writable : LinkEvents.None);

    /// <summary>Takes over a connected socket that is set up (<see cref="PlatformTransport.Prepare"/>).</summary>
    internal static SocketLink Over(Socket socket, CallerAddress caller) => new(socket, caller);

    internal override LinkStatus Receive(Span<byte> into, out int received)
    {
        received = _socket.Receive(into, SocketFlags.None, out SocketError error);
        switch (error)
        {
            case SocketError.Success when received > 0:
                return LinkStatus.Ok;
            case SocketError.WouldBlock:
                received = 0;
                return LinkStatus.WouldBlock;
            default:
                received = 0;
                _isBroken |= error != SocketError.Success;
                StopReceiving();
                return _isBroken ? LinkStatus.Broken : LinkStatus.Ended;
        }
    }

    internal override void StopReceiving()
    {
        _hasStoppedReceiving = true;
        _poller.InterestChanged(this);
    }

    internal override LinkStatus Send(ReadOnlySpan<ArraySegment<byte>> pieces, out int sent)
    {
        sent = 0;
        if (_isBroken)
        {
            return LinkStatus.Broken;
        }

        while (!pieces.IsEmpty)
        {
            ReadOnlySpan<ArraySegment<byte>> group = pieces[..Math.Min(pieces.Length, MaxGather)];
            int taken = SendNow(group, out int offered, out SocketError error);
            sent += taken;
            if (error is not (SocketError.Success or SocketError.WouldBlock))
            {
                _isBroken = true;
                return LinkStatus.Broken;
            }

            if (taken < offered)
            {
                _wantsWritable = true;
                _poller.InterestChanged(this);
                return LinkStatus.WouldBlock;
            }

            pieces = pieces[group.Length..];
        }

        return LinkStatus.Ok;
    }

    internal override void ShutdownSend()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The connection is gone; the next receive says so.
        }
    }

    internal override void Close(bool reset)
    {
        if (reset)
        {
            try
            {
                _socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
            catch (SocketException)
            {
                // The other side was faster: the connection is gone, and closing is all that is left.
            }
        }

        _socket.Dispose();
    }

    /// <summary>Reports to <paramref name="poller"/> from now on.</summary>
    internal void Watch(SocketPoller poller)
    {
        _poller = poller;
        poller.Register(this);
    }

    /// <summary>What the poller found, as an event: that the wire has room is one only for who found it full.</summary>
    internal LinkEvents Take(LinkEvents found)
    {
        if ((found & LinkEvents.Writable) != 0)
        {
            _wantsWritable = false;
            _poller.InterestChanged(this);
        }

        return found;
    }

    private int SendNow(ReadOnlySpan<ArraySegment<byte>> group, out int offered, out SocketError error)
    {
        if (group.Length == 1)
        {
            offered = group[0].Count;
            return _socket.Send(group[0].AsSpan(), SocketFlags.None, out error);
        }

        offered = 0;
        List<ArraySegment<byte>> gather = _poller.Gather;
        foreach (ArraySegment<byte> piece in group)
        {
            offered += piece.Count;
            gather.Add(piece);
        }

        int taken = _socket.Send(gather, SocketFlags.None, out error);
        // Not kept: the pieces belong to whoever sent them.
        gather.Clear();
        return taken;
    }
}
