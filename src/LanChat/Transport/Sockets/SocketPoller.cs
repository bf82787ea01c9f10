using System.Net;
using System.Net.Sockets;

namespace LanChat.Transport.Sockets;

/// <summary>Readiness of sockets on every platform, asked for on the loop's own thread: nothing goes through the thread pool, whose hops and spinning cost more than looking at every socket does.</summary>
/// <remarks>A wait looks at all links (<see cref="Readiness"/>), so its cost grows with their number; so does that of the round of sends which mostly follows.</remarks>
internal sealed class SocketPoller : Poller
{
    private readonly Readiness _readiness;
    private readonly List<SocketLink?> _links = [];

    // A datagram to itself ends a wait. Connected to its own address, so nobody else's datagram gets in.
    private readonly Socket _wake = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

    // Where the next answer begins: if more are ready than fit into one, those that did not come first the next time.
    private int _next = 1;

    internal SocketPoller(Readiness readiness)
    {
        _readiness = readiness;
        _wake.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _wake.Connect(_wake.LocalEndPoint!);
        _wake.Blocking = false;
        _readiness.Add(_wake);
        _links.Add(null);
    }

    /// <summary>Where a link's send lists its pieces; empty between two sends.</summary>
    internal List<ArraySegment<byte>> Gather { get; } = [];

    internal override void Add(Link link) => ((SocketLink)link).Watch(this);

    internal override void Remove(Link link)
    {
        var gone = (SocketLink)link;
        if (gone.Slot < 0)
        {
            return;
        }

        SocketLink last = _links[^1]!;
        _readiness.RemoveAt(gone.Slot);
        _links[gone.Slot] = last;
        last.Slot = gone.Slot;
        _links.RemoveAt(_links.Count - 1);
        gone.Slot = -1;
    }

    internal override int Wait(Span<ReadyLink> ready, bool block)
    {
        int found = _readiness.Wait(block);
        if (found > 0 && _readiness[0] != LinkEvents.None)
        {
            found--;
            TakeWakes();
        }

        int count = 0;
        int slots = _links.Count - 1;
        int slot = _next;
        for (int left = slots; left > 0 && found > 0 && count < ready.Length; left--, slot++)
        {
            if (slot > slots)
            {
                slot = 1;
            }

            LinkEvents events = _readiness[slot];
            if (events != LinkEvents.None)
            {
                found--;
                SocketLink link = _links[slot]!;
                ready[count++] = new ReadyLink(link, link.Take(events));
            }
        }

        _next = found > 0 && slot <= slots ? slot : 1;
        return count;
    }

    internal override void Wake()
    {
        try
        {
            // Full means that there are wakes enough.
            _wake.Send([1], SocketFlags.None, out _);
        }
        catch (ObjectDisposedException)
        {
            // The loop has ended; there is nobody to wake.
        }
    }

    internal void Register(SocketLink link)
    {
        link.Slot = _links.Count;
        _links.Add(link);
        _readiness.Add(link.Socket);

        // One that comes from another loop may be waiting for room on the wire.
        InterestChanged(link);
    }

    /// <summary>The link waits for something else than before.</summary>
    internal void InterestChanged(SocketLink link)
    {
        if (link.Slot >= 0)
        {
            _readiness.SetInterest(link.Slot, link.Interest);
        }
    }

    protected override void Dispose(bool disposing) => _wake.Dispose();

    private void TakeWakes()
    {
        Span<byte> one = stackalloc byte[1];
        while (_wake.Receive(one, SocketFlags.None, out SocketError error) > 0 && error == SocketError.Success)
        {
        }
    }
}
