using System.Numerics;

namespace LanChat.Throughput;

/// <summary>Counts times by size: exact up to 64 ns, from there in 64 steps for each power of two, so that a quantile is off by less than 2 %.</summary>
internal sealed class LatencyHistogram
{
    private const int StepBits = 6;
    private const int Steps = 1 << StepBits;

    private readonly long[] _counts = new long[(64 - StepBits + 1) * Steps];

    internal long Count { get; private set; }

    internal void Add(long nanoseconds)
    {
        ulong value = (ulong)Math.Max(nanoseconds, 0);
        int power = Math.Max(0, BitOperations.Log2(value | 1) - StepBits + 1);
        // From the second power on the upper half of the steps is in use: value >> power lies in 32..63, and each power has its own row.
        _counts[(power * Steps) + (int)(value >> power)]++;
        Count++;
    }

    internal void Clear()
    {
        Array.Clear(_counts);
        Count = 0;
    }

    /// <summary>The time in nanoseconds that this part of all does not exceed; null when there are none.</summary>
    internal double? Quantile(double part)
    {
        long wanted = Math.Max(1, (long)Math.Ceiling(part * Count));
        long seen = 0;
        for (int i = 0; i < _counts.Length && Count > 0; i++)
        {
            seen += _counts[i];
            if (seen >= wanted)
            {
                int power = i / Steps;
                // The middle of the step.
                return ((i % Steps) + 0.5) * Math.Pow(2, power);
            }
        }

        return null;
    }
}
