namespace LanChat.Throughput;

/// <summary>What delivered messages cost: a contestant and the floor, with frames of the same length, in turns. Where some never read: the contestant with them and without, in turns.</summary>
internal static class MessageMeasurement
{
    /// <summary>Says whether something is measured beside it: the floor, which has one loop, so that it says nothing about two; or the same without those who never read.</summary>
    internal static bool IsPaired(Contestant contestant, Case shape, RunOptions options) =>
        shape.NeverRead > 0 || IsPairedWithFloor(contestant, shape, options);

    internal static Result Run(Pair pair, Contestant contestant, Case shape, RunOptions options, Action<string> progress)
    {
        Result result = New(contestant, shape) with { FrameBytes = pair.FrameBytes };
        Side? floor = IsPaired(contestant, shape, options) ? pair.Other : null;
        var samples = new List<Sample>();
        var floors = new List<Sample>();
        int pairs = options.PairsOf(contestant, shape);
        TimeSpan measured = options.MeasuredIn(shape);
        for (int i = 0; i < pairs; i++)
        {
            progress($"run {i + 1} of {pairs}");
            TimeSpan warmUp = pair.IsWarm ? options.WarmUp : options.FirstWarmUp;
            if (pair.Own.Run(shape, warmUp, measured) is not { } sample)
            {
                return result with { Failure = pair.Own.Failure };
            }

            samples.Add(sample);
            if (floor is not null)
            {
                if (floor.Run(pair.ForOther(shape), warmUp, measured) is not { } itsSample)
                {
                    return result with { Failure = $"The floor beside it failed: {floor.Failure}" };
                }

                floors.Add(itsSample);
            }

            pair.IsWarm = true;
        }

        return Median(result with { Runs = samples.Count }, samples, floors);
    }

    internal static Result New(Contestant contestant, Case shape) => new()
    {
        Contestant = contestant.Name,
        Case = shape.Name,
        Members = shape.Members,
        Window = shape.Window,
        Rate = shape.Rate,
        PayloadBytes = shape.PayloadBytes,
        Loops = shape.Loops,
    };

    private static bool IsPairedWithFloor(Contestant contestant, Case shape, RunOptions options) =>
        contestant.Name != "floor" && shape.Name is not Case.TwoLoops && FloorCommand.WhyNot is null && options.HasFloor(contestant);

    private static Result Median(Result result, List<Sample> samples, List<Sample> floors)
    {
        double cost = Of(samples, sample => sample.NanosecondsPerDelivery)!.Value;
        return result with
        {
            NanosecondsPerDelivery = cost,
            FloorNanoseconds = result.Contestant == "floor" ? cost : result.Case.EndsWith(Case.Frozen, StringComparison.Ordinal) ? null : Of(floors, sample => sample.NanosecondsPerDelivery),
            DeliveriesPerSecond = Of(samples, sample => sample.DeliveriesPerSecond)!.Value,
            BytesPerSend = Of(samples, sample => sample.BytesPerSend),
            FloorP50Microseconds = Of(floors, sample => sample.P50) / 1000,
            FloorP99Microseconds = Of(floors, sample => sample.P99) / 1000,
            P50Microseconds = Of(samples, sample => sample.P50) / 1000,
            P99Microseconds = Of(samples, sample => sample.P99) / 1000,
            P999Microseconds = Of(samples, sample => sample.P999) / 1000,
        };
    }

    private static double? Of(List<Sample> samples, Func<Sample, double?> figure)
    {
        double[] sorted = [.. samples.Select(figure).OfType<double>().Order()];
        return sorted.Length == 0 ? null : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
