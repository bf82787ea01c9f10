namespace LanChat.Throughput;

/// <summary>What <c>run</c> was asked for.</summary>
internal sealed record RunOptions
{
    internal required IReadOnlyList<Contestant> Contestants { get; init; }

    internal required IReadOnlyList<Case> Cases { get; init; }

    /// <summary>Gets how often each is measured, in turns with the floor.</summary>
    internal required int Pairs { get; init; }

    /// <summary>Gets how long each measurement lasts.</summary>
    internal required TimeSpan Measured { get; init; }

    /// <summary>Gets how long is talked before the first one: code that is not compiled in full yet is not what is measured.</summary>
    internal required TimeSpan FirstWarmUp { get; init; }

    internal required TimeSpan WarmUp { get; init; }

    /// <summary>Gets how long an idle server is left alone before its memory is looked at.</summary>
    internal required TimeSpan IdleTime { get; init; }

    /// <summary>Gets whether all are held against a floor of the same frame length, or only LanChat.</summary>
    internal required bool FloorForAll { get; init; }

    /// <summary>Gets how long all may take together; what then has not begun is left out. Null: as long as it takes.</summary>
    internal TimeSpan? Budget { get; init; }

    internal bool HasFloor(Contestant contestant) => FloorForAll || contestant.Name is "lanchat" or "lanchat-sockets";

    /// <summary>Gets about how long a measurement takes, for whoever waits.</summary>
    internal TimeSpan Estimate(Contestant contestant, Case shape)
    {
        TimeSpan opening = TimeSpan.FromSeconds(0.8 + (shape.Members * (contestant.IsTls ? 0.004 : 0.0004)));
        return shape.Name switch
        {
            Case.Idle => opening + (IdleTime * 2),
            Case.Handshakes => opening * 1.5,
            _ when MessageMeasurement.IsPaired(contestant, shape, this) => (opening + FirstWarmUp + (Measured * Pairs) + (WarmUp * (Pairs - 1))) * 2,
            _ => opening + FirstWarmUp + (Measured * Pairs) + (WarmUp * (Pairs - 1)),
        };
    }
}
