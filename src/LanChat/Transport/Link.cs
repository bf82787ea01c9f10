using System.Net;

namespace LanChat.Transport;

/// <summary>What became of one receive or one send.</summary>
internal enum LinkStatus
{
    /// <summary>Bytes arrived, or all bytes were accepted.</summary>
    Ok,

    /// <summary>Nothing more now; the poller says when to try again.</summary>
    WouldBlock,

    /// <summary>The other side ended its direction cleanly: nothing more will arrive.</summary>
    Ended,

    /// <summary>The link failed in both directions: reset, timed out, unreachable.</summary>
    Broken,
}

/// <summary>One duplex stream of bytes to one caller, without waiting: every call does what can be done now and says how far it came.</summary>
/// <remarks>
/// A link is used by one thread at a time: whoever accepted it, then, from <see cref="EventLoop.Add"/> on, its loop, which hands it on to another (<see cref="EventLoop.Move"/>) or closes it.
/// Failures are values; nothing here throws because of what the other side did. A link owns no memory while all its bytes are with the kernel.
/// </remarks>
internal abstract class Link
{
    private readonly CallerAddress _caller;

    protected Link(IPEndPoint? remoteEndPoint)
        : this(new CallerAddress(remoteEndPoint))
    {
    }

    protected Link(in CallerAddress caller) => _caller = caller;

    /// <summary>Whom the loop calls for this link; set and cleared by the loop.</summary>
    internal LoopConnection? Connection { get; set; }

    /// <summary>Where the caller is, as an IPv4 address where it is one; null if the link has no address. For logs: made anew each time.</summary>
    internal IPEndPoint? RemoteEndPoint => _caller.ToEndPoint();

    /// <summary>Where the caller is, if that is another machine: what limits and bans by address go by, and loopback never counts for. Made anew each time.</summary>
    internal IPAddress? RemoteAddress => IsLoopback ? null : RemoteEndPoint?.Address;

    /// <summary>The link that the poller watches for this one: itself, unless it lies over another.</summary>
    internal virtual Link Watched => this;

    /// <summary>Whether the caller is on this machine. Says nothing about who it is.</summary>
    internal bool IsLoopback => _caller.IsLoopback;

    /// <summary>As whom limits per address count the caller; null: not at all.</summary>
    internal SourceAddress? Source => _caller.Source;

    /// <summary>The same for a link over this one.</summary>
    internal ref readonly CallerAddress Caller => ref _caller;

    /// <summary>Whether this is the caller's IP address: 4 or 16 bytes, as on the wire.</summary>
    internal bool IsFrom(ReadOnlySpan<byte> address) => _caller.IsHost(address);

    /// <summary>Takes what has arrived, at most <paramref name="into"/>. <see cref="LinkStatus.Ok"/> means <paramref name="received"/> &gt; 0.</summary>
    internal abstract LinkStatus Receive(Span<byte> into, out int received);

    /// <summary>Nothing will be received any more, whatever is still there or to come: it must not keep the loop awake.</summary>
    internal virtual void StopReceiving()
    {
    }

    /// <summary>Gives bytes away, in order. <see cref="LinkStatus.WouldBlock"/>: only the first <paramref name="sent"/> (0 or more) were accepted,
    /// and <see cref="LinkEvents.Writable"/> follows. Accepted bytes belong to the link; the pieces are not touched after the call.</summary>
    internal abstract LinkStatus Send(ReadOnlySpan<ArraySegment<byte>> pieces, out int sent);

    /// <summary>On <see cref="LinkEvents.Writable"/>, before anything else is sent: a link over another goes on with what it kept. False = the wire is full again.</summary>
    internal virtual bool TrySendKept() => true;

    /// <summary>Whether accepted bytes wait in the link because the kernel does not have them yet.</summary>
    internal abstract bool IsSending { get; }

    /// <summary>Ends our direction after the bytes accepted so far; the other side reads to a clean end. Receiving goes on.</summary>
    internal abstract void ShutdownSend();

    /// <summary>Releases the link. With <paramref name="reset"/>, and always while <see cref="IsSending"/>, the other side sees a reset:
    /// a stream cut short must not look like one that ended.</summary>
    internal abstract void Close(bool reset);
}
