namespace LanChat.Throughput;

/// <summary>Measures every contestant in every case, one after the other, and keeps what was left out and why.</summary>
internal sealed class Matrix(RunOptions options, TextWriter? progress, CancellationToken cancellation)
{
    private readonly List<string> _skipped = [];

    internal IReadOnlyList<string> Skipped => _skipped;

    internal IReadOnlyList<Result> Run()
    {
        List<(Contestant Contestant, Case Case)> steps = Plan();
        var results = new List<Result>();
        var told = new Progress(progress, steps.Count, steps.Aggregate(TimeSpan.Zero, (sum, step) => sum + options.Estimate(step.Contestant, step.Case)));
        foreach ((Contestant contestant, Case shape) in steps)
        {
            TimeSpan expected = options.Estimate(contestant, shape);
            told.Begin($"{shape.Key}, {contestant.Name}", expected);
            if (told.Elapsed + expected > options.Budget)
            {
                _skipped.Add($"{shape.Key}, {contestant.Name}: the time of a quick run was over.");
                continue;
            }

            Result result = Measure(contestant, shape, told.Say);
            results.Add(result);
            if (result.Failure is not null)
            {
                told.Say($"no figure: {result.Failure}");
            }
        }

        return results;
    }

    private Result Measure(Contestant contestant, Case shape, Action<string> say)
    {
        try
        {
            return shape.Name switch
            {
                Case.Idle => IdleMeasurement.Run(contestant, shape, options, say, cancellation),
                Case.Handshakes => HandshakeMeasurement.Run(contestant, shape, cancellation),
                _ => MessageMeasurement.Run(contestant, shape, options, say, cancellation),
            };
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // One server that cannot be started or measured does not end the sitting of the others.
            return MessageMeasurement.New(contestant, shape) with { Failure = e.Message };
        }
    }

    private List<(Contestant Contestant, Case Case)> Plan()
    {
        var runnable = new List<Contestant>();
        foreach (Contestant contestant in options.Contestants)
        {
            if (contestant.WhyNot is { } why)
            {
                _skipped.Add($"{contestant.Name}: {why}");
            }
            else
            {
                runnable.Add(contestant);
            }
        }

        foreach (Case shape in options.Cases.Where(one => one.Rooms > 1))
        {
            _skipped.AddRange(runnable.Where(one => !one.HasRooms).Select(one => $"{shape.Name}, {one.Name}: it knows no rooms."));
        }

        return [.. options.Cases.SelectMany(shape => runnable.Where(contestant => Takes(contestant, shape)).Select(contestant => (contestant, shape)))];
    }

    private static bool Takes(Contestant contestant, Case shape) => shape.Name switch
    {
        Case.Handshakes => contestant.IsTls,
        Case.TwoLoops => contestant.Name.StartsWith("lanchat", StringComparison.Ordinal),
        _ => shape.Rooms == 1 || contestant.HasRooms,
    };
}
