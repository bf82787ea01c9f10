using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace LanChat.Transport.Sockets;

/// <summary>Readiness by <c>poll</c>, as POSIX has it, with the numbers that Linux, macOS and the BSDs share.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed unsafe partial class PollReadiness : Readiness
{
    private const short In = 0x01;
    private const short Out = 0x04;
    private const short Failed = 0x08 | 0x10 | 0x20;
    private const int Interrupted = 4;

    private Entry[] _entries = GC.AllocateArray<Entry>(64, pinned: true);
    private int _count;

    internal override LinkEvents this[int place]
    {
        get
        {
            Entry entry = _entries[place];
            int found = (entry.Found & Failed) != 0 ? entry.Wanted : entry.Found & entry.Wanted;
            return ((found & In) != 0 ? LinkEvents.Readable : LinkEvents.None) | ((found & Out) != 0 ? LinkEvents.Writable : LinkEvents.None);
        }
    }

    internal override void Add(Socket socket)
    {
        if (_count == _entries.Length)
        {
            Entry[] larger = GC.AllocateArray<Entry>(_count * 2, pinned: true);
            _entries.CopyTo(larger, 0);
            _entries = larger;
        }

        // The number stays this socket's: its link is taken out before it is closed.
        _entries[_count++] = new Entry { Descriptor = (int)socket.SafeHandle.DangerousGetHandle(), Wanted = In };
    }

    internal override void RemoveAt(int place) => _entries[place] = _entries[--_count];

    internal override void SetInterest(int place, LinkEvents events)
    {
        ref Entry entry = ref _entries[place];
        entry.Wanted = (short)(((events & LinkEvents.Readable) != 0 ? In : 0) | ((events & LinkEvents.Writable) != 0 ? Out : 0));
        // Failures are told even to those who wait for nothing; a negative number is passed over.
        if (entry.Wanted == 0 != entry.Descriptor < 0)
        {
            entry.Descriptor = ~entry.Descriptor;
        }
    }

    internal override int Wait(bool block)
    {
        int found;
        fixed (Entry* entries = _entries)
        {
            do
            {
                found = Poll(entries, (nuint)_count, block ? -1 : 0);
            }
            while (found < 0 && Marshal.GetLastPInvokeError() == Interrupted);
        }

        return found >= 0 ? found : throw new Win32Exception();
    }

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(Entry* entries, nuint count, int timeoutMilliseconds);

    /// <summary>struct pollfd.</summary>
    private struct Entry
    {
        internal int Descriptor;
        internal short Wanted;
        internal short Found;
    }
}
