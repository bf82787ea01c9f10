namespace LanChat.Throughput;

/// <summary>One row of the matrix: what is said, by whom, to how many.</summary>
internal sealed record Case
{
    internal const string Idle = "idle";
    internal const string Handshakes = "handshakes";
    internal const string TwoLoops = "two loops";
    internal const string Latency = "latency";

    /// <summary>Gets what <c>--cases</c> says.</summary>
    internal required string Key { get; init; }

    /// <summary>Gets what reports say.</summary>
    internal required string Name { get; init; }

    internal required int Members { get; init; }

    /// <summary>Gets how many messages are under way in each room; 0 where <see cref="Rate"/> says when.</summary>
    internal int Window { get; init; }

    /// <summary>Gets the messages a second in each room.</summary>
    internal int Rate { get; init; }

    internal int PayloadBytes { get; init; } = 64;

    internal int Rooms { get; init; } = 1;

    /// <summary>Gets whether every member speaks, in turns; else one connection more in each room does.</summary>
    internal bool AllPublish { get; init; }

    internal int Loops { get; init; } = 1;

    internal static IReadOnlyList<Case> All { get; } =
    [
        OneRoom(10, 1), OneRoom(10, 64),
        OneRoom(100, 1), OneRoom(100, 64), OneRoom(100, 1024),
        OneRoom(1000, 1), OneRoom(1000, 64), OneRoom(4000, 64),
        AllToAll(50, 50), AllToAll(50, 1000), AllToAll(1000, 64),
        new() { Key = "rooms8w64", Name = "8 rooms", Members = 1000, Rooms = 8, Window = 64, AllPublish = true },
        new() { Key = "700b", Name = "700 B", Members = 100, Window = 64, PayloadBytes = 700 },
        new() { Key = "latency", Name = Latency, Members = 100, Rate = 200 },
        new() { Key = "idle", Name = Idle, Members = 8000 },
        new() { Key = "handshakes", Name = Handshakes, Members = 200 },
        new() { Key = "loops2n100w64", Name = TwoLoops, Members = 100, Window = 64, Loops = 2 },
        new() { Key = "loops2n1000w64", Name = TwoLoops, Members = 1000, Window = 64, Loops = 2 },
    ];

    /// <summary>Gets the few that fit into two minutes.</summary>
    internal static IReadOnlyList<Case> Quick { get; } =
        [.. All.Where(one => one.Key is "n100w1" or "n100w64" or "n1000w64" or "latency"), .. All.Where(one => one.Name == Idle).Select(one => one with { Members = 2000 })];

    /// <summary>Says whether the same connections can say it: only how much at once differs.</summary>
    internal bool HasCrowdOf(Case other) =>
        (Members, PayloadBytes, Rooms, AllPublish, Loops) == (other.Members, other.PayloadBytes, other.Rooms, other.AllPublish, other.Loops);

    private static Case OneRoom(int members, int window) => new() { Key = $"n{members}w{window}", Name = "one room", Members = members, Window = window };

    private static Case AllToAll(int members, int window) =>
        new() { Key = $"all{members}w{window}", Name = "all to all", Members = members, Window = window, AllPublish = true };
}
