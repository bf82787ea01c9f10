using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace LanChat.Transport.Epoll;

/// <summary>Readiness from Linux' epoll, edge-triggered, and an event descriptor by which other threads end the wait.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class EpollPoller : Poller
{
    private const int MaxEvents = 1024;
    private const ulong WakeSlot = ulong.MaxValue;
    private const uint Interest = Libc.EpollIn | Libc.EpollUrgent | Libc.EpollOut | Libc.EpollPeerEnded | Libc.EpollEdgeTriggered;

    private readonly SafeFileHandle _epoll;
    private readonly SafeFileHandle _wake;
    private readonly byte[] _events = GC.AllocateUninitializedArray<byte>(MaxEvents * Libc.EpollEventBytes, pinned: true);
    private readonly List<EpollLink?> _links = [];
    private readonly Stack<int> _freeSlots = new();

    // Links to be reported once more without an event: by turns filled by receives and emptied by Wait.
    private List<EpollLink> _again = [];
    private List<EpollLink> _reporting = [];

    internal EpollPoller()
    {
        _epoll = Checked(Libc.EpollCreate(Libc.EpollCloseOnExec));
        _wake = Checked(Libc.EventDescriptor(0, Libc.EventCloseOnExecNonBlocking));
        Watch((int)_wake.DangerousGetHandle(), Libc.EpollIn | Libc.EpollEdgeTriggered, WakeSlot);
    }

    internal GatherWriter Gather { get; } = new();

    internal override void Add(Link link) => ((EpollLink)link).Watch(this);

    internal override void Remove(Link link) => ((EpollLink)link).Unwatch();

    internal override int Wait(Span<ReadyLink> ready, bool block)
    {
        int count = 0;
        int waited;
        fixed (byte* events = _events)
        {
            // Half of the answer at least: links that are never drained must not keep those with something new waiting.
            int room = Math.Min(MaxEvents, Math.Max((ready.Length + 1) / 2, ready.Length - _again.Count));
            int timeout = block && _again.Count == 0 ? -1 : 0;
            do
            {
                waited = Libc.EpollWait((int)_epoll.DangerousGetHandle(), events, room, timeout);
            }
            while (waited < 0 && Marshal.GetLastPInvokeError() == Libc.Interrupted);

            if (waited < 0)
            {
                throw new Win32Exception();
            }

            for (int i = 0; i < waited; i++)
            {
                byte* one = events + (i * Libc.EpollEventBytes);
                ulong slot = *(ulong*)(one + Libc.EpollDataOffset);
                if (slot == WakeSlot)
                {
                    ulong ignored;
                    _ = Libc.Read(_wake, &ignored, sizeof(ulong));
                }
                else if (_links[(int)slot] is { } link && link.Take(*(uint*)one) is var taken and not LinkEvents.None)
                {
                    ready[count++] = new ReadyLink(link, taken);
                }
            }
        }

        return ReportAgain(ready, count);
    }

    internal override void Wake()
    {
        try
        {
            ulong one = 1;
            _ = Libc.Write(_wake, &one, sizeof(ulong));
        }
        catch (ObjectDisposedException)
        {
            // The loop has ended; there is nobody to wake. The handle keeps the number from being another file's meanwhile.
        }
    }

    /// <summary>Loop thread: reports the link as readable in the next wait, which does not block.</summary>
    internal void Again(EpollLink link)
    {
        if (!link.IsAgain)
        {
            link.IsAgain = true;
            _again.Add(link);
        }
    }

    internal void Register(EpollLink link, int descriptor)
    {
        if (!_freeSlots.TryPop(out int slot))
        {
            slot = _links.Count;
            _links.Add(null);
        }

        _links[slot] = link;
        link.Slot = slot;
        Watch(descriptor, Interest, (ulong)slot);
    }

    internal void Forget(EpollLink link, int descriptor)
    {
        if (link.Slot < 0)
        {
            return;
        }

        _ = Libc.EpollControl(_epoll, Libc.EpollDelete, descriptor, null);
        if (link.IsAgain)
        {
            // It may go on to another loop's poller, and then must not be met here.
            link.IsAgain = false;
            _again.Remove(link);
        }

        _links[link.Slot] = null;
        _freeSlots.Push(link.Slot);
        link.Slot = -1;
    }

    protected override void Dispose(bool disposing)
    {
        _epoll.Dispose();
        _wake.Dispose();
        Gather.Dispose();
    }

    private int ReportAgain(Span<ReadyLink> ready, int count)
    {
        if (_again.Count == 0)
        {
            return count;
        }

        (_again, _reporting) = (_reporting, _again);
        foreach (EpollLink link in _reporting)
        {
            link.IsAgain = false;
            if (count == ready.Length)
            {
                Again(link);
            }
            else if (link.Slot >= 0)
            {
                ready[count++] = new ReadyLink(link, LinkEvents.Readable);
            }
        }

        _reporting.Clear();
        return count;
    }

    private void Watch(int descriptor, uint interest, ulong slot)
    {
        byte* one = stackalloc byte[16];
        *(uint*)one = interest;
        *(ulong*)(one + Libc.EpollDataOffset) = slot;
        if (Libc.EpollControl(_epoll, Libc.EpollAdd, descriptor, one) != 0)
        {
            throw new Win32Exception();
        }
    }

    private static SafeFileHandle Checked(SafeFileHandle handle) => handle.IsInvalid ? throw new Win32Exception() : handle;
}
