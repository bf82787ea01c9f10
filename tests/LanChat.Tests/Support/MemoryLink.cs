using System.Net;
using LanChat.Transport;

namespace LanChat.Tests.Support;

/// <summary>The server's end of a connection in memory: a <see cref="Link"/> for an <see cref="EventLoop"/> with a <see cref="MemoryPoller"/>.</summary>
internal sealed class MemoryLink : Link
{
    private readonly MemoryDirection _incoming;
    private readonly MemoryDirection _outgoing;
    private readonly byte[] _deferred;
    private int _deferredCount;
    private bool _endsWhenSent;
    private bool _reportedReadable;
    private bool _wantsWritable;

    /// <param name="incoming">What the client writes.</param>
    /// <param name="outgoing">What the client reads.</param>
    /// <param name="remoteEndPoint">Where the client says it is.</param>
    /// <param name="deferBytes">How many bytes of a partial send the link accepts beyond the capacity of the wire, as a socket's asynchronous send does.</param>
    internal MemoryLink(MemoryDirection incoming, MemoryDirection outgoing, IPEndPoint remoteEndPoint, int deferBytes)
        : base(remoteEndPoint)
    {
        _incoming = incoming;
        _outgoing = outgoing;
        _deferred = new byte[deferBytes];
    }

    internal override bool IsSending => _deferredCount > 0;

    internal bool IsClosed { get; private set; }

    /// <summary>Whether the close was a reset.</summary>
    internal bool WasReset { get; private set; }

    /// <summary>Sends made by the loop, partial ones included.</summary>
    internal int SendCount { get; private set; }

    /// <summary>Receives made by the loop.</summary>
    internal int ReceiveCount { get; private set; }

    internal override LinkStatus Receive(Span<byte> into, out int received)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        ReceiveCount++;
        LinkStatus status = _incoming.Read(into, out received);
        _reportedReadable = status is LinkStatus.Ended or LinkStatus.Broken;
        return status;
    }

    internal override LinkStatus Send(ReadOnlySpan<ArraySegment<byte>> pieces, out int sent)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        sent = 0;
        if (IsSending)
        {
            return LinkStatus.WouldBlock;
        }

        SendCount++;
        foreach (ArraySegment<byte> piece in pieces)
        {
            if (!_outgoing.TryWrite(piece, out int taken))
            {
                return LinkStatus.Broken;
            }

            sent += taken;
            if (taken < piece.Count || IsSending)
            {
                ReadOnlySpan<byte> rest = piece.AsSpan(taken);
                int kept = Math.Min(rest.Length, _deferred.Length);
                rest[..kept].CopyTo(_deferred);
                _deferredCount = kept;
                sent += kept;
                _wantsWritable = true;
                return LinkStatus.WouldBlock;
            }
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
        ObjectDisposedException.ThrowIf(IsClosed, this);
        IsClosed = true;
        WasReset = reset || IsSending;
        if (WasReset)
        {
            _outgoing.Reset();
        }
        else
        {
            _outgoing.End();
        }
    }

    /// <summary>What the poller reports, each event once until it was acted on, like a socket's completions.</summary>
    internal LinkEvents TakeEvents()
    {
        LinkEvents events = LinkEvents.None;
        if (!_reportedReadable && _incoming.IsReadable)
        {
            _reportedReadable = true;
            events |= LinkEvents.Readable;
        }

        if (_wantsWritable && _outgoing.IsWritable && TrySendDeferred())
        {
            _wantsWritable = false;
            events |= LinkEvents.Writable;
        }

        return events;
    }

    internal void Watch(Action changed)
    {
        _incoming.Changed += changed;
        _outgoing.Changed += changed;
    }

    internal void Unwatch(Action changed)
    {
        _incoming.Changed -= changed;
        _outgoing.Changed -= changed;
    }

    private bool TrySendDeferred()
    {
        if (_deferredCount > 0)
        {
            int taken = _outgoing.TryWrite(_deferred.AsSpan(0, _deferredCount), out int written) ? written : _deferredCount;
            _deferred.AsSpan(taken, _deferredCount - taken).CopyTo(_deferred);
            _deferredCount -= taken;
            EndIfSent();
        }

        return _deferredCount == 0;
    }

    private void EndIfSent()
    {
        if (_endsWhenSent && !IsSending)
        {
            _outgoing.End();
        }
    }
}
