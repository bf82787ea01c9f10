using System.Diagnostics;

namespace LanChat.Throughput;

/// <summary>The generator's clock: nanoseconds since it was first looked at.</summary>
internal static class Clock
{
    private static readonly long Origin = Stopwatch.GetTimestamp();
    private static readonly long Frequency = Stopwatch.Frequency;

    internal static long Nanoseconds => (long)((Int128)(Stopwatch.GetTimestamp() - Origin) * 1_000_000_000 / Frequency);

    internal static long Of(TimeSpan time) => (long)time.TotalNanoseconds;
}
