using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace LanChat.Throughput;

/// <summary>What a process has used: processor time, to the nanosecond where Linux tells it, and resident memory.</summary>
internal sealed partial class ProcessMeter(Process process)
{
    private readonly int? _clock = OperatingSystem.IsLinux() && CpuClock(process.Id, out int clock) == 0 ? clock : null;

    /// <summary>Gets the processor time of all its threads, also of those that have ended.</summary>
    internal long CpuNanoseconds()
    {
        if (_clock is { } clock)
        {
            return ReadClock(clock, out TimeSpec time) == 0 ? (time.Seconds * 1_000_000_000) + time.Nanoseconds : throw new InvalidOperationException("The server's process has ended.");
        }

        process.Refresh();
        return (long)process.TotalProcessorTime.TotalNanoseconds;
    }

    internal long ResidentBytes()
    {
        if (OperatingSystem.IsLinux())
        {
            string line = File.ReadLines($"/proc/{process.Id}/status").First(one => one.StartsWith("VmRSS:", StringComparison.Ordinal));
            return long.Parse(line.AsSpan(6, line.Length - 8), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) * 1024;
        }

        process.Refresh();
        return process.WorkingSet64;
    }

    [LibraryImport("libc", EntryPoint = "clock_getcpuclockid")]
    private static partial int CpuClock(int process, out int clock);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ReadClock(int clock, out TimeSpec time);

    /// <summary>struct timespec of 64-bit Linux.</summary>
    private struct TimeSpec
    {
        internal long Seconds;
        internal long Nanoseconds;
    }
}
