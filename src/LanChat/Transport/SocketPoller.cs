namespace LanChat.Transport;

/// <summary>Readiness by completions, wherever .NET has sockets: the pool's completions push their link, and the loop's thread takes them all at once.</summary>
/// <remarks>
/// The loop waits on a monitor, without spinning. The argument against a lost wake is that of <see cref="EventLoop"/>, one level down: a completion pushes (full fence),
/// then reads <see cref="_isWaiting"/>; the waiter sets <see cref="_isWaiting"/> by an exchange (full fence), then looks at the stack. Who clears the flag pulses under
/// the gate, and the waiter holds the gate from its look until it waits, so the pulse cannot fall between the two.
/// </remarks>
internal sealed class SocketPoller : Poller
{
    private readonly object _gate = new();

    /// <summary>Links with news. Pushed by completions on any thread and by the loop itself; taken by the loop.</summary>
    private IntrusiveStack<SocketLink> _stack;

    /// <summary>Taken but not reported yet, because the last batch was full. Loop thread only.</summary>
    private SocketLink? _taken;

    /// <summary>1 while the loop waits or is about to. Set by the loop; cleared by the loop, or by the one who then pulses.</summary>
    private int _isWaiting;

    /// <summary>Somebody asked for an end of the wait. Set by any thread with an exchange, cleared by the loop when it has awoken.</summary>
    private bool _wasWoken;

    /// <summary>In which a link lists the pieces of one send, as .NET wants them; empty between sends. Loop thread only.</summary>
    internal List<ArraySegment<byte>> Gather { get; } = new(SocketLink.MaxGather);

    internal override void Add(Link link) => ((SocketLink)link).Watch(this);

    internal override void Remove(Link link) => ((SocketLink)link).Unwatch();

    internal override int Wait(Span<ReadyLink> ready, bool block)
    {
        _taken ??= _stack.TakeAll();
        if (_taken is null && block)
        {
            Sleep();
            _taken = _stack.TakeAll();
        }

        int count = 0;
        while (_taken is not null && count < ready.Length)
        {
            SocketLink link = _taken;
            // Next before the events are taken: from then on a completion may push the link again. And it forgets it, or closed links would keep each other alive.
            _taken = link.Next;
            link.Next = null;
            LinkEvents events = link.TakeEvents();
            if (events != LinkEvents.None)
            {
                ready[count++] = new ReadyLink(link, events);
            }
        }

        return count;
    }

    internal override void Wake()
    {
        Interlocked.Exchange(ref _wasWoken, true);
        Signal();
    }

    /// <summary>Any thread: the link has news. After the loop has ended nobody looks any more, and the stack is garbage with the poller.</summary>
    internal void Push(SocketLink link)
    {
        _stack.TryPush(link);
        Signal();
    }

    protected override void Dispose(bool disposing)
    {
    }

    private void Signal()
    {
        if (Volatile.Read(ref _isWaiting) == 1 && Interlocked.Exchange(ref _isWaiting, 0) == 1)
        {
            lock (_gate)
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    private void Sleep()
    {
        lock (_gate)
        {
            while (true)
            {
                Interlocked.Exchange(ref _isWaiting, 1);
                if (!_stack.IsEmpty || Volatile.Read(ref _wasWoken))
                {
                    break;
                }

                Monitor.Wait(_gate);
            }

            // Plain order suffices: the loop looks at the stack before it sleeps again, and at its own stacks after this wait.
            Volatile.Write(ref _isWaiting, 0);
            Volatile.Write(ref _wasWoken, false);
        }
    }
}
