using LanChat.Tests.Support;

namespace LanChat.Tests.Endurance;

/// <summary>What the process held at the end of a round.</summary>
internal sealed record SoakSample(TimeSpan At, long ManagedBytes, long ResidentBytes, int Handles, int Timers)
{
    internal static SoakSample Take(TimeSpan at, int timers) => new(at, ProcessResources.ManagedBytes, ProcessResources.ResidentBytes, ProcessResources.Handles, timers);

    /// <summary>How much a value grew from the first to the last sample, by the straight line that fits all of them best.</summary>
    internal static double Growth(IReadOnlyList<SoakSample> samples, Func<SoakSample, double> value)
    {
        double meanTime = samples.Average(sample => sample.At.TotalSeconds);
        double meanValue = samples.Average(value);
        double over = samples.Sum(sample => (sample.At.TotalSeconds - meanTime) * (value(sample) - meanValue));
        double under = samples.Sum(sample => Math.Pow(sample.At.TotalSeconds - meanTime, 2));
        return over / under * (samples[^1].At - samples[0].At).TotalSeconds;
    }

    public override string ToString() =>
        $"{At.TotalSeconds,6:F1} s: managed {ManagedBytes / 1024} KiB, resident {ResidentBytes / 1024} KiB, {Handles} handles, {Timers} timers";
}
