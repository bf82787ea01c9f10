using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

namespace LanChat.Throughput;

/// <summary>Where and from what figures come.</summary>
internal static class Machine
{
    private const int SampleMilliseconds = 500;

    internal static string Description => $"{Processor}, {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.ProcessArchitecture}";

    /// <summary>Gets what was measured, as the build has recorded it.</summary>
    internal static string Commit =>
        typeof(Machine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+') is [_, var commit, ..] ? commit[..Math.Min(12, commit.Length)] : "unknown";

    internal static bool IsOptimized =>
        typeof(ChatServer).Assembly.GetCustomAttribute<System.Diagnostics.DebuggableAttribute>() is not { IsJITOptimizerDisabled: true };

    /// <summary>Measures for a moment how many cores are in use, by anybody, where the system tells it. (The load average of a minute would still hold an own run just ended.)</summary>
    internal static double? CoresInUse(CancellationToken cancellation)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        (long busy, long all) = ProcessorTimes();
        if (cancellation.WaitHandle.WaitOne(SampleMilliseconds))
        {
            return null;
        }

        (long busyAfter, long allAfter) = ProcessorTimes();
        return allAfter > all ? (double)(busyAfter - busy) / (allAfter - all) * Environment.ProcessorCount : null;
    }

    // proc(5), /proc/stat, first line: user, nice, system, idle, iowait, irq, softirq, steal; what follows is counted in user and nice already.
    private static (long Busy, long All) ProcessorTimes()
    {
        long[] times = [.. File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..9].Select(time => long.Parse(time, CultureInfo.InvariantCulture))];
        return (times.Sum() - times[3] - times[4], times.Sum());
    }

    private static string Processor =>
        OperatingSystem.IsLinux() && File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) is { } line
            ? line[(line.IndexOf(':', StringComparison.Ordinal) + 2)..]
            : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown processor";
}
