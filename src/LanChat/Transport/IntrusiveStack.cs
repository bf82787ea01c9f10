using System.Runtime.CompilerServices;

namespace LanChat.Transport;

/// <summary>A thing that carries the link to the next one itself, so that pushing it allocates nothing.</summary>
internal interface IStackNode<T>
    where T : class
{
    /// <summary>Written by the pusher before it publishes the node, then by the one thread that took the stack.</summary>
    T? Next { get; set; }
}

/// <summary>How things reach a loop from other threads: any thread pushes, one thread takes everything at once, in the order of the pushes.</summary>
/// <remarks>
/// A node may be in one stack once; the caller sees to that, usually by a flag in the node that is cleared after <see cref="IStackNode{T}.Next"/> was read.
/// Nodes are only ever taken all together, so a push that compares the head with a node that left and came back still links what is really below it
/// (no ABA problem). After <see cref="Close"/> every push is refused: whoever got true knows that the taker will see its node.
/// </remarks>
internal sealed class IntrusiveStack<T>
    where T : class, IStackNode<T>
{
    private static readonly object Closed = new();

    /// <summary>The newest node, null when empty, <see cref="Closed"/> at the end. Written by pushers and by the taker, always by Interlocked.</summary>
    private object? _head;

    /// <summary>Acquire, partner of the exchange in <see cref="TryPush"/>. A taker that is about to sleep needs a full fence before it, see <see cref="EventLoop"/>.</summary>
    internal bool IsEmpty
    {
        get
        {
            Interleave.Point(Access.Read, this);
            return Volatile.Read(ref _head) is null;
        }
    }

    /// <summary>Whether every push is refused. Any thread.</summary>
    internal bool IsClosed
    {
        get
        {
            Interleave.Point(Access.Read, this);
            return ReferenceEquals(Volatile.Read(ref _head), Closed);
        }
    }

    /// <summary>Full fence: what the pusher wrote before is seen by the taker, and what the pusher reads next (is the taker asleep?) is read after.</summary>
    internal bool TryPush(T node)
    {
        Interleave.Point(Access.Read, this);
        object? head = Volatile.Read(ref _head);
        while (!ReferenceEquals(head, Closed))
        {
            Interleave.Point(Access.Change, node);
            node.Next = Unsafe.As<T?>(head);
            Interleave.Point(Access.Change, this);
            object? seen = Interlocked.CompareExchange(ref _head, node, head);
            if (ReferenceEquals(seen, head))
            {
                return true;
            }

            head = seen;
        }

        return false;
    }

    /// <summary>Takes all nodes, oldest first. One thread only, not after <see cref="Close"/>.</summary>
    internal T? TakeAll()
    {
        if (IsEmpty)
        {
            return null;
        }

        Interleave.Point(Access.Change, this);
        return OldestFirst(Interlocked.Exchange(ref _head, null));
    }

    /// <summary>Takes all nodes and refuses every later push.</summary>
    internal T? Close()
    {
        Interleave.Point(Access.Change, this);
        object? head = Interlocked.Exchange(ref _head, Closed);
        return ReferenceEquals(head, Closed) ? null : OldestFirst(head);
    }

    private static T? OldestFirst(object? head)
    {
        T? reversed = null;
        T? node = Unsafe.As<T?>(head);
        while (node is not null)
        {
            T? next = node.Next;
            node.Next = reversed;
            reversed = node;
            node = next;
        }

        return reversed;
    }
}
