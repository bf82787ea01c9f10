using System.Buffers;

namespace LanChat.Transport;

/// <summary>A link and the code that acts on its bytes.</summary>
/// <remarks>
/// Every member is called on the loop's thread only, one at a time, so a connection needs no lock. From <see cref="EventLoop.Close"/> on nothing is called
/// but <see cref="OnClosed"/>, once. An exception out of any member is logged and resets this connection; the others of the loop do not notice.
/// </remarks>
internal abstract class LoopConnection(Link link)
{
    /// <summary>Its link. It may put another one over it, once (<see cref="TlsLink"/>).</summary>
    internal Link Link { get; private protected set; } = link;

    /// <summary>The loop it was added to, or moved to; set before <see cref="OnAdded"/> and <see cref="OnMoved"/>.</summary>
    internal EventLoop Loop { get; set; } = null!;

    /// <summary>Whether <see cref="EventLoop.Close"/> was called.</summary>
    internal bool IsClosing { get; set; }

    /// <summary>The loop watches the link from now on.</summary>
    internal virtual void OnAdded()
    {
    }

    /// <summary>It has come from another loop (<see cref="EventLoop.Move"/>), and this one watches the link from now on. What it left unconsumed comes next.</summary>
    internal virtual void OnMoved()
    {
    }

    /// <summary>The handshake of its <see cref="TlsLink"/> went well: from here on it may send, and gets what the caller says.</summary>
    internal virtual void OnSecured()
    {
    }

    /// <summary>Acts on the whole frames in <paramref name="bytes"/> (one contiguous segment, valid during the call) and returns how far it came.
    /// The rest, at most <see cref="ReceivePipe.MaxHeldBytes"/>, is kept and comes again in front of the next bytes.</summary>
    internal abstract SequencePosition OnReceived(in ReadOnlySequence<byte> bytes);

    /// <summary>Nothing more will be received: <see cref="LinkStatus.Ended"/> or <see cref="LinkStatus.Broken"/>; <paramref name="insideFrame"/> = unconsumed bytes are left.
    /// The loop no longer looks at the link's receiving side; the connection closes it, at once or when it has sent what it wants to send.</summary>
    internal abstract void OnLinkEnded(LinkStatus status, bool insideFrame);

    /// <summary>Its part of the round: one gather send of everything it has.</summary>
    internal abstract void Flush();

    /// <summary>A send that would have blocked may go on.</summary>
    internal virtual void OnWritable() => Loop.Queue(this);

    /// <summary>The time given to <see cref="EventLoop.Schedule"/> has come. At most once per schedule; what is wanted again is scheduled again.</summary>
    internal abstract void OnDeadline();

    /// <summary>The link is closed and the loop has forgotten the connection, also when the loop stops: the place to release what it holds.</summary>
    internal virtual void OnClosed()
    {
    }

    // From here on: what the loop keeps per connection. Loop thread only.

    /// <summary>The half frame between two receives.</summary>
    internal HeldBytes Held;

    /// <summary>Place in the loop's list; -1 outside.</summary>
    internal int LoopIndex = -1;

    /// <summary>Place in the loop's <see cref="DeadlineHeap"/>; -1 = nothing scheduled.</summary>
    internal int DeadlineIndex = -1;

    /// <summary>In the chain of this or the next round, and who comes after it there; kept by <see cref="Round"/>.</summary>
    internal bool IsQueued;

    /// <inheritdoc cref="IsQueued"/>
    internal LoopConnection? NextQueued;

    /// <summary>The number of the last round in which it had its turn.</summary>
    internal int FlushedIn;

    /// <summary>The end was received; the receiving side is never looked at again.</summary>
    internal bool HasLinkEnded;
}
