namespace LanChat.Throughput;

/// <summary>One row of the matrix: what is said, by whom, to how many.</summary>
internal sealed record Case
{
    internal const string Idle = "idle";
    internal const string Handshakes = "handshakes";
    internal const string TwoLoops = "two loops";
    internal const string Latency = "latency";

    /// <summary>Before it stands how many of how many never read.</summary>
    internal const string Frozen = " frozen";

    /// <summary>Gets what <c>--cases</c> says.</summary>
    internal required string Key { get; init; }

    /// <summary>Gets what reports say.</summary>
    internal required string Name { get; init; }

    /// <summary>Gets how many read what is said.</summary>
    internal required int Members { get; init; }

    /// <summary>Gets how many more are in the room and never read: connections that cannot be sent to.</summary>
    internal int NeverRead { get; init; }

    /// <summary>Gets how many messages are said before anything is measured, with many under way at once; so that who never reads cannot be sent to by then.</summary>
    internal int SaidBefore { get; init; }

    /// <summary>Gets how many messages are under way in each room; 0 where <see cref="Rate"/> says when.</summary>
    internal int Window { get; init; }

    /// <summary>Gets the messages a second in each room.</summary>
    internal int Rate { get; init; }

    internal int PayloadBytes { get; init; } = 64;

    internal int Rooms { get; init; } = 1;

    /// <summary>Gets whether every member speaks, in turns; else one connection more in each room does.</summary>
    internal bool AllPublish { get; init; }

    internal int Loops { get; init; } = 1;

    /// <summary>Gets who is measured in it, unless contestants were named: a whole run is to end in less than twenty minutes.</summary>
    internal Entrants Entrants { get; init; }

    internal static IReadOnlyList<Case> All { get; } =
    [
        OneRoom(10, 1, Entrants.Ours), OneRoom(10, 64, Entrants.Plain),
        OneRoom(100, 1, Entrants.Plain), OneRoom(100, 64), OneRoom(100, 1024, Entrants.Plain),
        OneRoom(1000, 1, Entrants.Ours), OneRoom(1000, 64), OneRoom(4000, 64, Entrants.Plain),
        AllToAll(50, 50, Entrants.Plain), AllToAll(50, 1000, Entrants.Ours), AllToAll(1000, 64, Entrants.Ours),
        new() { Key = "rooms8w64", Name = "8 rooms", Members = 1000, Rooms = 8, Window = 64, AllPublish = true, Entrants = Entrants.Ours },
        new() { Key = "700b", Name = "700 B", Members = 100, Window = 64, PayloadBytes = 700, Entrants = Entrants.Ours },
        new() { Key = "latency", Name = Latency, Members = 100, Rate = 200 },
        WithFrozen(1, 100), WithFrozen(50, 100),
        new() { Key = "idle", Name = Idle, Members = 8000 },
        new() { Key = "handshakes", Name = Handshakes, Members = 200 },
        new() { Key = "loops2n100w64", Name = TwoLoops, Members = 100, Window = 64, Loops = 2 },
        new() { Key = "loops2n1000w64", Name = TwoLoops, Members = 1000, Window = 64, Loops = 2 },
    ];

    /// <summary>Gets the few that fit into two minutes: all contestants in a room of 100, and what takes longer with LanChat and the floor only.</summary>
    internal static IReadOnlyList<Case> Quick { get; } =
    [
        .. All.Where(one => one.Key is "n100w1" or "n100w64" or "latency").Select(one => one with { Entrants = Entrants.Plain }),
        .. All.Where(one => one.Key is "n1000w64").Select(one => one with { Entrants = Entrants.Ours }),
        .. All.Where(one => one.Name == Idle).Select(one => one with { Members = 4000, Entrants = Entrants.Ours }),
    ];

    /// <summary>Says whether the same connections can say it: only how much at once differs.</summary>
    internal bool HasCrowdOf(Case other) =>
        (Members, NeverRead, SaidBefore, PayloadBytes, Rooms, AllPublish, Loops)
        == (other.Members, other.NeverRead, other.SaidBefore, other.PayloadBytes, other.Rooms, other.AllPublish, other.Loops);

    private static Case OneRoom(int members, int window, Entrants entrants = Entrants.Everybody) =>
        new() { Key = $"n{members}w{window}", Name = "one room", Members = members, Window = window, Entrants = entrants };

    // 3.7 megabytes: more than the kernel takes for one that never reads (2.8 on Linux), and the rest is far enough from the lag at which the server ends it, 4 MiB, for
    // two minutes at this rate.
    private static Case WithFrozen(int frozen, int of) => new()
    {
        Key = $"frozen{frozen}of{of}",
        Name = $"{frozen} of {of}{Frozen}",
        Members = of - frozen,
        NeverRead = frozen,
        SaidBefore = 33_000,
        Rate = 200,
        Entrants = Entrants.Ours,
    };

    private static Case AllToAll(int members, int window, Entrants entrants) =>
        new() { Key = $"all{members}w{window}", Name = "all to all", Members = members, Window = window, AllPublish = true, Entrants = entrants };
}

/// <summary>Who is measured in a case.</summary>
internal enum Entrants
{
    Everybody,

    /// <summary>Everybody but those inside TLS.</summary>
    Plain,

    /// <summary>LanChat without TLS, and the floor.</summary>
    Ours,
}
