using LanChat.Transport;

namespace LanChat.Tests.Support;

/// <summary>Watches <see cref="MemoryLink"/>s: in the order in which they were added, so that a loop stepped by hand does the same each time. Also works under a loop with a thread.</summary>
internal sealed class MemoryPoller : Poller
{
    private readonly object _gate = new();
    private readonly List<MemoryLink> _links = [];
    private readonly Action _changed;
    private int _next;
    private bool _isChanged;

    internal MemoryPoller() => _changed = Wake;

    /// <summary>Wakes asked for, whether or not anybody waited.</summary>
    internal int WakeCount { get; private set; }

    internal bool IsDisposed { get; private set; }

    internal override void Add(Link link)
    {
        var memory = (MemoryLink)link;
        _links.Add(memory);
        memory.Watch(_changed);
    }

    internal override void Remove(Link link)
    {
        var memory = (MemoryLink)link;
        memory.Unwatch(_changed);
        _links.Remove(memory);
    }

    internal override int Wait(Span<ReadyLink> ready, bool block)
    {
        int count = Collect(ready);
        if (count > 0 || !block)
        {
            return count;
        }

        // Cleared only by the wait that it ends: a wake may come before the loop is here, and must not be lost.
        lock (_gate)
        {
            while (!_isChanged)
            {
                Monitor.Wait(_gate);
            }

            _isChanged = false;
        }

        // A wake ends the wait also without a ready link; a change of a link that made nothing ready does so needlessly, which is allowed.
        return Collect(ready);
    }

    internal override void Wake()
    {
        lock (_gate)
        {
            WakeCount++;
            _isChanged = true;
            Monitor.Pulse(_gate);
        }
    }

    protected override void Dispose(bool disposing) => IsDisposed = true;

    private int Collect(Span<ReadyLink> ready)
    {
        int count = 0;
        // Goes on where the last full batch stopped, so that nobody starves.
        for (int left = _links.Count; left > 0 && count < ready.Length; left--, _next++)
        {
            _next = _next >= _links.Count ? 0 : _next;
            MemoryLink link = _links[_next];
            LinkEvents events = link.TakeEvents();
            if (events != LinkEvents.None)
            {
                ready[count++] = new ReadyLink(link, events);
            }
        }

        _next = count < ready.Length ? 0 : _next;
        return count;
    }
}
