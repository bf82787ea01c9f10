namespace LanChat.Throughput;

/// <summary>Measures every contestant in every case, one after the other, and keeps what was left out and why.</summary>
internal sealed class Matrix(RunOptions options, TextWriter? progress, CancellationToken cancellation) : IDisposable
{
    private readonly List<string> _skipped = [];

    /// <summary>The servers of the last step that had messages; the next may go on with them.</summary>
    private Pair? _pair;

    internal IReadOnlyList<string> Skipped => _skipped;

    internal IReadOnlyList<Result> Run()
    {
        List<(Contestant Contestant, Case Case, TimeSpan Expected)> steps = Plan();
        var results = new List<Result>();
        var told = new Progress(progress, steps.Count, steps.Aggregate(TimeSpan.Zero, (sum, step) => sum + step.Expected));
        foreach ((Contestant contestant, Case shape, TimeSpan expected) in steps)
        {
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

    public void Dispose() => _pair?.Dispose();

    private Result Measure(Contestant contestant, Case shape, Action<string> say)
    {
        if (_pair is not null && !_pair.CanSay(contestant, shape))
        {
            // At once, also when what comes is idle or shakes hands: whoever is measured is alone on its core, but for the floor.
            _pair.Dispose();
            _pair = null;
        }

        try
        {
            return shape.Name switch
            {
                Case.Idle => IdleMeasurement.Run(contestant, shape, options, say, cancellation),
                Case.Handshakes => HandshakeMeasurement.Run(contestant, shape, cancellation),
                _ => MessageMeasurement.Run(PairFor(contestant, shape, say), contestant, shape, options, say),
            };
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // One server that cannot be started or measured does not end the sitting of the others.
            return MessageMeasurement.New(contestant, shape) with { Failure = e.Message };
        }
    }

    private Pair PairFor(Contestant contestant, Case shape, Action<string> say)
    {
        if (_pair is null)
        {
            say("connecting");
            _pair = new Pair(contestant, shape, cancellation);
        }

        return _pair;
    }

    private List<(Contestant Contestant, Case Case, TimeSpan Expected)> Plan()
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
            _skipped.AddRange(runnable.Where(one => !one.HasRooms && options.IsWanted(one, shape)).Select(one => $"{shape.Name}, {one.Name}: it knows no rooms."));
        }

        // In the order of the cases, but those that the same connections can say together, contestant by contestant.
        return
        [
            .. from crowd in options.Cases.GroupBy(shape => options.Cases.First(shape.HasCrowdOf))
               from contestant in runnable
               from shape in crowd.Where(shape => options.IsWanted(contestant, shape) && Takes(contestant, shape)).Select((shape, i) => (Case: shape, IsConnected: i > 0))
               select (contestant, shape.Case, options.Estimate(contestant, shape.Case, shape.IsConnected)),
        ];
    }

    private static bool Takes(Contestant contestant, Case shape) => shape.Name switch
    {
        Case.Handshakes => contestant.IsTls,
        Case.TwoLoops => contestant.HasLoops,

        // The others have no limit that would be the same.
        _ when shape.NeverRead > 0 => contestant is LanChatContestant,
        _ => shape.Rooms == 1 || contestant.HasRooms,
    };
}
