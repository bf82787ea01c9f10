namespace LanChat.Throughput;

/// <summary>What <c>run</c> was asked for.</summary>
internal sealed record RunOptions
{
    internal required IReadOnlyList<Contestant> Contestants { get; init; }

    internal required IReadOnlyList<Case> Cases { get; init; }

    /// <summary>Gets whether the contestants were named: then each is in all cases.</summary>
    internal required bool AreNamed { get; init; }

    /// <summary>Gets how often LanChat is measured, in turns with the floor; whoever else once.</summary>
    internal required int Pairs { get; init; }

    /// <summary>Gets how long each measurement lasts; those of latency three times as long, since at a few hundred messages a second 1 % of them are few.</summary>
    internal required TimeSpan Measured { get; init; }

    /// <summary>Gets how long is talked before the first one of a server: code that is not compiled in full yet is not what is measured.</summary>
    internal required TimeSpan FirstWarmUp { get; init; }

    /// <summary>Gets how long is talked before each of the others.</summary>
    internal required TimeSpan WarmUp { get; init; }

    /// <summary>Gets how long an idle server is left alone before its memory is looked at.</summary>
    internal required TimeSpan IdleTime { get; init; }

    /// <summary>Gets whether all are held against a floor of the same frame length, or only LanChat.</summary>
    internal required bool FloorForAll { get; init; }

    /// <summary>Gets how long all may take together; what then has not begun is left out. Null: as long as it takes.</summary>
    internal TimeSpan? Budget { get; init; }

    internal bool HasFloor(Contestant contestant) => FloorForAll || IsOurs(contestant);

    internal bool IsWanted(Contestant contestant, Case shape) => AreNamed || shape.Entrants switch
    {
        Entrants.Ours => IsOurs(contestant),
        Entrants.Plain => !contestant.IsTls,
        _ => true,
    };

    /// <summary>Gets how often a contestant is measured in a case. What is asked about those who never read is a tenth of a 99th percentile, and of three medians one lies by more.</summary>
    internal int PairsOf(Contestant contestant, Case shape) => !IsOurs(contestant) ? 1 : shape.NeverRead > 0 ? Pairs * 3 : Pairs;

    internal TimeSpan MeasuredIn(Case shape) => shape.Rate > 0 ? Measured * 3 : Measured;

    /// <summary>Gets about how long a measurement takes, for whoever waits.</summary>
    /// <param name="contestant">Who is measured.</param>
    /// <param name="shape">In what.</param>
    /// <param name="isConnected">Whether the servers and connections of the step before are used again.</param>
    internal TimeSpan Estimate(Contestant contestant, Case shape, bool isConnected)
    {
        // LanChat's server talks to itself before it listens.
        var opening = TimeSpan.FromSeconds((contestant is LanChatContestant ? 2.5 : 0.8) + (shape.Members * (contestant.IsTls ? 0.004 : 0.0004)));
        TimeSpan talking = ((MeasuredIn(shape) + WarmUp + TimeSpan.FromSeconds(0.1)) * PairsOf(contestant, shape)) + (isConnected ? TimeSpan.Zero : FirstWarmUp);
        TimeSpan connecting = isConnected ? TimeSpan.Zero : opening;
        return shape.Name switch
        {
            Case.Idle => opening + (IdleTime * 2),
            Case.Handshakes => opening * 1.5,
            _ => connecting + (talking * (MessageMeasurement.IsPaired(contestant, shape, this) ? 2 : 1)),
        };
    }

    private static bool IsOurs(Contestant contestant) => contestant.Name is "lanchat" or "lanchat-sockets" or "floor";
}
