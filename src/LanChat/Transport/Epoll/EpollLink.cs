using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace LanChat.Transport.Epoll;

/// <summary>A link over a raw, non-blocking descriptor: no socket object, no buffer, no task; an idle one costs this object and what the kernel holds.</summary>
/// <remarks>
/// The descriptor belongs to the loop and is closed by it alone, at the end of an iteration: no call of another thread can meet its number again in another file.
/// Readiness is edge-triggered: it is reported when something new arrives, so a receive that may have left something behind asks to be reported again
/// (<see cref="EpollPoller.Again"/>): one that filled its buffer, and any after an event that came once and may lie behind the bytes, the other side's end or urgent data,
/// before which a receive stops short.
/// </remarks>
[SupportedOSPlatform("linux")]
internal sealed unsafe class EpollLink : Link
{
    private readonly int _descriptor;
    private EpollPoller _poller = null!;
    private bool _isBroken;
    private bool _wantsWritable;
    private bool _mayStopShort;

    private EpollLink(int descriptor, in CallerAddress caller)
        : base(caller) => _descriptor = descriptor;

    /// <summary>Place among the poller's links; -1 outside.</summary>
    internal int Slot { get; set; } = -1;

    /// <summary>In the poller's list of those to report again.</summary>
    internal bool IsAgain { get; set; }

    // What the kernel does not take stays with the caller.
    internal override bool IsSending => false;

    /// <summary>Takes the descriptor out of a connected, non-blocking socket, which is disposed.</summary>
    /// <exception cref="SocketException">There is no descriptor left; the socket stays the caller's.</exception>
    internal static EpollLink Over(Socket socket, CallerAddress caller)
    {
        // .NET does not part with a descriptor: a second one is made for the same connection, and the first is closed with its object.
        int descriptor = Libc.Control(socket.SafeHandle, Libc.DuplicateCloseOnExec, 0);
        if (descriptor < 0)
        {
            throw new SocketException((int)SocketError.TooManyOpenSockets, new Win32Exception(Marshal.GetLastPInvokeError()).Message);
        }

        socket.Dispose();
        return new EpollLink(descriptor, caller);
    }

    internal override LinkStatus Receive(Span<byte> into, out int received)
    {
        while (true)
        {
            nint count;
            fixed (byte* buffer = into)
            {
                count = Libc.Receive(_descriptor, buffer, into.Length, 0);
            }

            received = (int)Math.Max(count, 0);
            switch (count)
            {
                case > 0:
                    if (count == into.Length || _mayStopShort)
                    {
                        _poller.Again(this);
                    }

                    return LinkStatus.Ok;
                case 0:
                    return LinkStatus.Ended;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Libc.Interrupted:
                    continue;
                case Libc.WouldBlock:
                    return LinkStatus.WouldBlock;
                default:
                    _isBroken = true;
                    return LinkStatus.Broken;
            }
        }
    }

    internal override LinkStatus Send(ReadOnlySpan<ArraySegment<byte>> pieces, out int sent)
    {
        sent = 0;
        if (_isBroken)
        {
            return LinkStatus.Broken;
        }

        while (true)
        {
            nint count = pieces.Length == 1 ? SendOne(pieces[0], out int offered) : _poller.Gather.Write(_descriptor, pieces, out offered);
            if (count >= 0)
            {
                sent += (int)count;
                _wantsWritable = count < offered;
                if (_wantsWritable || pieces.Length <= GatherWriter.MaxPieces)
                {
                    return _wantsWritable ? LinkStatus.WouldBlock : LinkStatus.Ok;
                }

                // Not before the kernel is full: it reports room only to who found none.
                pieces = pieces[GatherWriter.MaxPieces..];
                continue;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Libc.Interrupted:
                    continue;
                case Libc.WouldBlock:
                    _wantsWritable = true;
                    return LinkStatus.WouldBlock;
                default:
                    _isBroken = true;
                    return LinkStatus.Broken;
            }
        }
    }

    internal override void ShutdownSend() => _ = Libc.Shutdown(_descriptor, Libc.ShutSend);

    internal override void Close(bool reset)
    {
        if (reset)
        {
            Libc.ResetOnClose(_descriptor);
        }

        // Not tried again when interrupted: Linux has released the number all the same.
        _ = Libc.Close(_descriptor);
    }

    internal void Watch(EpollPoller poller)
    {
        _poller = poller;
        poller.Register(this, _descriptor);
    }

    internal void Unwatch() => _poller.Forget(this, _descriptor);

    /// <summary>What the kernel's event means for whoever waits for this link.</summary>
    internal LinkEvents Take(uint events)
    {
        LinkEvents taken = LinkEvents.None;
        if ((events & (Libc.EpollPeerEnded | Libc.EpollUrgent | Libc.EpollHangUp | Libc.EpollError)) != 0)
        {
            _mayStopShort = true;
            taken = LinkEvents.Readable;
        }

        if ((events & Libc.EpollIn) != 0)
        {
            taken = LinkEvents.Readable;
        }

        // The kernel says "writable" with every event; it is news only for one that was full.
        if ((events & (Libc.EpollOut | Libc.EpollHangUp | Libc.EpollError)) != 0 && _wantsWritable)
        {
            _wantsWritable = false;
            taken |= LinkEvents.Writable;
        }

        return taken;
    }

    private nint SendOne(ArraySegment<byte> piece, out int offered)
    {
        offered = piece.Count;
        fixed (byte* bytes = piece.AsSpan())
        {
            return Libc.Send(_descriptor, bytes, piece.Count, Libc.NoSignal);
        }
    }
}
