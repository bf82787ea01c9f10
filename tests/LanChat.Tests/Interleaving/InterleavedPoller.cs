using LanChat.Tests.Support;
using LanChat.Transport;

namespace LanChat.Tests.Interleaving;

/// <summary>Thrown out of the wait of a loop that nobody will ever wake: the end of its thread in a case.</summary>
internal sealed class LoopAtRestException : Exception;

/// <summary>A poller whose blocking wait is a wait of the scheduler, and whose wake is a step of it. Links in memory may be watched, if what they bring lies there before
/// the case begins.</summary>
internal sealed class InterleavedPoller(InterleavingScheduler scheduler) : Poller
{
    private readonly MemoryPoller _links = new();

    /// <summary>Wakes asked for.</summary>
    internal int WakeCount { get; private set; }

    internal override void Add(Link link) => _links.Add(link);

    internal override void Remove(Link link) => _links.Remove(link);

    internal override int Wait(Span<ReadyLink> ready, bool block)
    {
        int count = _links.Wait(ready, block: false);
        if (count > 0 || !block)
        {
            return count;
        }

        // Before the case's threads run there is nobody to wait for: the loop is left as it sleeps.
        if (!InterleavingScheduler.IsOnCaseThread || !scheduler.AwaitRing(this))
        {
            throw new LoopAtRestException();
        }

        return _links.Wait(ready, block: false);
    }

    internal override void Wake()
    {
        scheduler.Ring(this);
        WakeCount++;
    }

    protected override void Dispose(bool disposing)
    {
    }
}
