namespace LanChat.Transport;

/// <summary>Something with news for several connections of one loop, such as the members of a room there. It takes part in the loop's next round after it was marked.</summary>
internal abstract class RoundSource : IStackNode<RoundSource>
{
    /// <summary>Loop thread: gives each connection that has news its turn (<see cref="EventLoop.FlushInRound"/>). One pass over the members, not two: in a large room they are no longer in the
    /// processor's cache when it comes to the second.</summary>
    internal abstract void CollectRound();

    /// <summary>Loop thread: once per batch in which the loop itself marked it (<see cref="EventLoop.Mark"/>), before anything is sent. The place to wake other loops.</summary>
    internal virtual void AfterBatch()
    {
    }

    /// <summary>In the list of this or the next round. Loop thread only.</summary>
    internal bool IsMarked;

    RoundSource? IStackNode<RoundSource>.Next { get; set; }

    /// <summary>1 while it is in the loop's stack of outside marks. Set by whoever marks it from outside, cleared by the loop.</summary>
    private int _isMarkedOutside;

    /// <summary>For <see cref="Interleave"/>: the mark, apart from the link that is the object's first word.</summary>
    private const int MarkWord = 1;

    /// <summary>Any thread: true = the caller pushes it. An exchange (full fence): if it finds 1, the loop's exchange in <see cref="ClearOutsideMark"/> comes later and
    /// sees everything written before this call. With a plain read the news could be written after the loop looked, and yet believed to be announced.</summary>
    internal bool TryMarkOutside()
    {
        Interleave.Point(Access.Change, this, MarkWord);
        return Interlocked.Exchange(ref _isMarkedOutside, 1) == 0;
    }

    /// <summary>Loop thread: the next source in the stack that was taken. Read before the mark is cleared; from then on this one may be pushed again.</summary>
    internal RoundSource? TakeNext()
    {
        Interleave.Point(Access.Change, this);
        RoundSource? next = ((IStackNode<RoundSource>)this).Next;
        ((IStackNode<RoundSource>)this).Next = null;
        return next;
    }

    /// <summary>Loop thread, after <see cref="TakeNext"/> and before it looks for news. Partner of <see cref="TryMarkOutside"/>: news written after this exchange mark it anew.</summary>
    internal void ClearOutsideMark()
    {
        Interleave.Point(Access.Change, this, MarkWord);
        Interlocked.Exchange(ref _isMarkedOutside, 0);
    }
}
