using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace LanChat.Transport;

/// <summary>A link over a non-blocking <see cref="Socket"/>.</summary>
/// <remarks>
/// Readiness is a zero-byte receive: it completes when there is something to receive, so an idle connection holds no buffer. Bytes are then received and sent by
/// plain non-blocking calls on the loop's thread. Only what the kernel does not take at once goes through an asynchronous send (<see cref="DeferredSend"/>), one at a
/// time; while it is under way nothing is sent directly, or bytes would overtake each other. Completions, on pool threads, do nothing but push the link to its
/// poller; they may come after the link was closed, and then find <see cref="_poller"/> still there and nobody listening.
/// </remarks>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Close releases them; a link has one way to end.")]
internal sealed class SocketLink : Link, IStackNode<SocketLink>
{
    /// <summary>.NET gathers up to eight pieces on the stack and allocates arrays for more.</summary>
    internal const int MaxGather = 8;

    private readonly Socket _socket;
    private readonly Readiness _readiness;
    private DeferredSend? _deferred;

    /// <summary>Set once, before the first asynchronous operation; read by completions, which the operation's start orders after it.</summary>
    private SocketPoller _poller = null!;

    /// <summary>The zero-byte receive is under way or its event not yet taken. Loop thread only.</summary>
    private bool _isArmed;

    private bool _isUnwatched;
    private bool _isBroken;
    private bool _endsWhenSent;

    /// <summary><see cref="LinkEvents"/> that came since the loop took them last; not 0 = the link is in the poller's stack. Or-ed by completions, taken by the loop.</summary>
    private int _events;

    private SocketLink(Socket socket, IPEndPoint? remoteEndPoint)
        : base(remoteEndPoint)
    {
        _socket = socket;
        _readiness = new Readiness(this);
    }

    public SocketLink? Next { get; set; }

    internal override bool IsSending => _deferred is { IsPending: true };

    /// <summary>Takes over a connected socket that is set up (<see cref="PlatformTransport.Over"/>).</summary>
    internal static SocketLink Over(Socket socket, IPEndPoint? remoteEndPoint) => new(socket, remoteEndPoint);

    internal override LinkStatus Receive(Span<byte> into, out int received)
    {
        received = _socket.Receive(into, SocketFlags.None, out SocketError error);
        if (error == SocketError.Success && received > 0)
        {
            Arm();
            return LinkStatus.Ok;
        }

        received = 0;
        if (error == SocketError.WouldBlock)
        {
            Arm();
            return LinkStatus.WouldBlock;
        }

        _isBroken |= error != SocketError.Success;
        return _isBroken ? LinkStatus.Broken : LinkStatus.Ended;
    }

    internal override LinkStatus Send(ReadOnlySpan<ArraySegment<byte>> pieces, out int sent)
    {
        sent = 0;
        if (_isBroken)
        {
            return LinkStatus.Broken;
        }

        if (IsSending)
        {
            return LinkStatus.WouldBlock;
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
                return Defer(pieces, taken, ref sent);
            }

            pieces = pieces[group.Length..];
        }

        return LinkStatus.Ok;
    }

    internal override void ShutdownSend()
    {
        _endsWhenSent = true;
        EndIfSent();
    }

    internal override void Close(bool reset)
    {
        try
        {
            if (reset || IsSending)
            {
                _socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
            else
            {
                // Closing a socket whose asynchronous receive is pending resets the connection, unless its direction was ended before.
                _socket.Shutdown(SocketShutdown.Send);
            }
        }
        catch (SocketException)
        {
            // The other side was faster: the connection is gone, and closing is all that is left.
        }

        _socket.Dispose();
        _readiness.Dispose();
        _deferred?.Abandon();
    }

    /// <summary>Loop thread: reports to <paramref name="poller"/> from now on.</summary>
    internal void Watch(SocketPoller poller)
    {
        _poller = poller;
        Arm();
    }

    /// <summary>Loop thread: nothing is reported any more.</summary>
    internal void Unwatch() => _isUnwatched = true;

    /// <summary>Loop thread: what is new. The exchange is the partner of the or in <see cref="Notify"/>: a completion after it finds 0 and pushes the link again; one before it
    /// has its event taken here.</summary>
    internal LinkEvents TakeEvents()
    {
        var events = (LinkEvents)Interlocked.Exchange(ref _events, 0);
        if (_isUnwatched)
        {
            return LinkEvents.None;
        }

        if ((events & LinkEvents.Readable) != 0)
        {
            _isArmed = false;
        }

        if ((events & LinkEvents.Writable) != 0 && !FinishDeferred())
        {
            events &= ~LinkEvents.Writable;
        }

        return events;
    }

    /// <summary>Any thread. The or (full fence) pushes the link only when it is not in the stack yet.</summary>
    private void Notify(LinkEvents events)
    {
        if (Interlocked.Or(ref _events, (int)events) == 0)
        {
            _poller.Push(this);
        }
    }

    private void Arm()
    {
        if (_isArmed || _isUnwatched)
        {
            return;
        }

        _isArmed = true;
        if (!_socket.ReceiveAsync(_readiness))
        {
            Notify(LinkEvents.Readable);
        }
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

    /// <summary>Cold: the kernel is full. As much of the rest as fits is accepted into a buffer of our own and sent as soon as there is room.</summary>
    private LinkStatus Defer(ReadOnlySpan<ArraySegment<byte>> pieces, int skip, ref int sent)
    {
        _deferred ??= new DeferredSend(() => Notify(LinkEvents.Writable));
        sent += _deferred.Fill(pieces, skip);
        if (_deferred.TryStart(_socket))
        {
            return LinkStatus.WouldBlock;
        }

        // There was room after all. The event is reported nevertheless, and the rest of the bytes goes out in the next iteration.
        Notify(LinkEvents.Writable);
        return LinkStatus.WouldBlock;
    }

    /// <summary>True = the deferred bytes are gone, or never will be, and a send may be tried.</summary>
    private bool FinishDeferred()
    {
        switch (_deferred!.TryFinish(_socket))
        {
            case SocketError.WouldBlock:
                return false;
            case SocketError.Success:
                EndIfSent();
                return true;
            default:
                _isBroken = true;
                return true;
        }
    }

    private void EndIfSent()
    {
        if (!_endsWhenSent || IsSending)
        {
            return;
        }

        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The connection is gone; the next receive says so.
        }
    }

    /// <summary>The zero-byte receive. A subclass, so that it needs no delegate per connection.</summary>
    private sealed class Readiness(SocketLink link) : SocketAsyncEventArgs(unsafeSuppressExecutionContextFlow: true)
    {
        protected override void OnCompleted(SocketAsyncEventArgs e) => link.Notify(LinkEvents.Readable);
    }
}
