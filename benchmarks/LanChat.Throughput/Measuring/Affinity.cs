using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace LanChat.Throughput;

/// <summary>On which cores the calling thread runs, and with it whatever it starts from then on: Linux hands a thread's cores down to its child processes.</summary>
internal static unsafe partial class Affinity
{
    /// <summary>The longest mask of cores taken here, in 64-bit words.</summary>
    private const int MaskWords = 16;

    /// <summary>Gets the cores on which this process may run, in order; empty where nobody can be pinned.</summary>
    internal static IReadOnlyList<int> Cores { get; } = OfThread();

    /// <summary>Gets the cores on which the calling thread may run, in order; empty where nobody can be pinned.</summary>
    internal static IReadOnlyList<int> OfThread() => OperatingSystem.IsLinux() ? Allowed() : [];

    [SupportedOSPlatform("linux")]
    internal static void Pin(IReadOnlyList<int> cores)
    {
        ulong* mask = stackalloc ulong[MaskWords];
        new Span<ulong>(mask, MaskWords).Clear();
        foreach (int core in cores)
        {
            mask[core / 64] |= 1ul << (core % 64);
        }

        if (SetAffinity(0, MaskWords * sizeof(ulong), mask) != 0)
        {
            throw new InvalidOperationException($"Cannot run on core {string.Join(", ", cores)}: error {Marshal.GetLastPInvokeError()}.");
        }
    }

    [SupportedOSPlatform("linux")]
    private static List<int> Allowed()
    {
        ulong* mask = stackalloc ulong[MaskWords];
        new Span<ulong>(mask, MaskWords).Clear();
        var cores = new List<int>();
        // On a machine with more cores than fit into the mask the call fails, and nobody is pinned.
        _ = GetAffinity(0, MaskWords * sizeof(ulong), mask);
        for (int core = 0; core < MaskWords * 64; core++)
        {
            if ((mask[core / 64] & (1ul << (core % 64))) != 0)
            {
                cores.Add(core);
            }
        }

        return cores;
    }

    [LibraryImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static partial int SetAffinity(int thread, nint bytes, ulong* mask);

    [LibraryImport("libc", EntryPoint = "sched_getaffinity", SetLastError = true)]
    private static partial int GetAffinity(int thread, nint bytes, ulong* mask);
}
