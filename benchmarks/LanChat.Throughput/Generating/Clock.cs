using System.Diagnostics;

namespace LanChat.Throughput;

/// <summary>The generator's clock: nanoseconds since it was first looked at.</summary>
internal static class Clock
{
    private static readonly long s_origin = Stopwatch.GetTimestamp();
    private static readonly long s_frequency = Stopwatch.Frequency;

    internal static long Nanoseconds => (long)((Int128)(Stopwatch.GetTimestamp() - s_origin) * 1_000_000_000 / s_frequency);

    internal static long Of(TimeSpan time) => (long)time.TotalNanoseconds;
}
