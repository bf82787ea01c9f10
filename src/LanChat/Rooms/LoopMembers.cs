using LanChat.Transport;

namespace LanChat.Rooms;

/// <summary>The members of one room whose connections one loop owns: what a round goes through. Touched only on that loop, but for
/// <see cref="Count"/>.</summary>
internal sealed class LoopMembers(Room room, EventLoop loop) : RoundSource
{
    private readonly List<Membership> _members = [];

    private int _count;

    /// <summary>For <see cref="Interleave"/>: the count, apart from the words of a <see cref="RoundSource"/>.</summary>
    private const int CountWord = 2;

    internal Room Room => room;

    internal EventLoop Loop => loop;

    /// <summary>Gets how many members there are. Any thread: a publisher on another loop that reads 0 here did so before the member subscribed,
    /// and the one who subscribes looks at the log itself afterwards.</summary>
    internal int Count
    {
        get
        {
            Interleave.Point(Access.Read, this, CountWord);
            return Volatile.Read(ref _count);
        }
    }

    internal void Add(Membership membership)
    {
        membership.Index = _members.Count;
        _members.Add(membership);

        // Full fence, partner: the fence in Room.WakeOthers. The member is counted before its cursor looks at the tail; a publisher commits
        // before it looks at the count. One of the two sees the other, else an entry could wait for the next one to be sent.
        Interleave.Point(Access.Change, this, CountWord);
        Interlocked.Exchange(ref _count, _members.Count);
    }

    internal void Remove(Membership membership)
    {
        Membership last = _members[^1];
        _members[membership.Index] = last;
        last.Index = membership.Index;
        _members.RemoveAt(_members.Count - 1);
        Interleave.Point(Access.Change, this, CountWord);
        Volatile.Write(ref _count, _members.Count);
    }

    internal override void AfterBatch() => room.AfterBatch(this);

    internal override void CollectRound()
    {
        // From the end: a connection that is ended here takes its own membership off the list, and the last one takes that place. Whoever is on it has a connection.
        for (int i = _members.Count - 1; i >= 0; i--)
        {
            BringNear(i);
            Membership membership = _members[i];
            membership.Session.Connection!.OnNews(membership.Cursor, membership.LagFrom);
        }
    }

    // Of a thousand members nothing is left in the processor's cache from the last round, and a send costs several objects. So while the kernel works on one member's send, what the
    // next ones need is brought near: a reference further at each step, for only what is near already can be looked into.
    private void BringNear(int index)
    {
        if (index >= 4)
        {
            Prefetch.Of(_members[index - 4]);
            Membership next = _members[index - 3];
            Prefetch.Of(next.Session);
            Prefetch.Of(next.Cursor);
            Prefetch.Of(_members[index - 2].Session.Connection!);
            Prefetch.Of(_members[index - 1].Session.Connection!.Link);
        }
    }
}
