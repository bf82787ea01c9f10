using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace LanChat.Transport.Epoll;

/// <summary>The calls of Linux that the epoll loop makes, with the numbers that are the same on every architecture .NET runs on.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class Libc
{
    internal const int WouldBlock = 11;
    internal const int Interrupted = 4;

    internal const uint EpollIn = 0x001;
    internal const uint EpollUrgent = 0x002;
    internal const uint EpollOut = 0x004;
    internal const uint EpollError = 0x008;
    internal const uint EpollHangUp = 0x010;
    internal const uint EpollPeerEnded = 0x2000;
    internal const uint EpollEdgeTriggered = 1u << 31;

    internal const int EpollAdd = 1;
    internal const int EpollDelete = 2;
    internal const int EpollCloseOnExec = 0x80000;
    internal const int EventCloseOnExecNonBlocking = 0x80000 | 0x800;
    internal const int DuplicateCloseOnExec = 1030;
    internal const int NoSignal = 0x4000;
    internal const int ShutSend = 1;

    private const int SocketLevel = 1;
    private const int SocketLinger = 13;

    /// <summary>Bytes of a struct epoll_event: a u32 and a u64, packed on x64 only.</summary>
    internal static readonly int EpollEventBytes = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    /// <summary>Where the u64 begins.</summary>
    internal static readonly int EpollDataOffset = EpollEventBytes - sizeof(ulong);

    /// <summary>Makes close reset the connection.</summary>
    internal static void ResetOnClose(int descriptor)
    {
        // struct linger { int onoff; int seconds; }
        int* linger = stackalloc int[] { 1, 0 };
        _ = SetOption(descriptor, SocketLevel, SocketLinger, linger, 2 * sizeof(int));
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    internal static partial SafeFileHandle EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    internal static partial int EpollControl(SafeFileHandle epoll, int operation, int descriptor, byte* epollEvent);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    internal static partial int EpollWait(int epoll, byte* events, int maxEvents, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    internal static partial SafeFileHandle EventDescriptor(uint value, int flags);

    [LibraryImport("libc", EntryPoint = "write")]
    internal static partial nint Write(SafeFileHandle descriptor, void* buffer, nint count);

    [LibraryImport("libc", EntryPoint = "read")]
    internal static partial nint Read(SafeFileHandle descriptor, void* buffer, nint count);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    internal static partial nint Receive(int descriptor, byte* buffer, nint count, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    internal static partial nint Send(int descriptor, byte* buffer, nint count, int flags);

    // Without a flag against SIGPIPE, which the runtime ignores for the whole process; sendmsg would have one, but its struct differs between C libraries.
    [LibraryImport("libc", EntryPoint = "writev", SetLastError = true)]
    internal static partial nint WriteGathered(int descriptor, Piece* pieces, int count);

    [LibraryImport("libc", EntryPoint = "shutdown")]
    internal static partial int Shutdown(int descriptor, int how);

    [LibraryImport("libc", EntryPoint = "close")]
    internal static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int Control(SafeHandle descriptor, int command, int argument);

    [LibraryImport("libc", EntryPoint = "setsockopt")]
    private static partial int SetOption(int descriptor, int level, int option, void* value, int length);

    /// <summary>struct iovec.</summary>
    internal struct Piece
    {
        internal byte* Start;
        internal nint Count;
    }
}
