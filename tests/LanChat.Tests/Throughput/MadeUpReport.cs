using LanChat.Throughput;

namespace LanChat.Tests.Throughput;

/// <summary>A report of the usual size with figures that nobody measured, some of them missing.</summary>
internal static class MadeUpReport
{
    private static readonly string[] Contestants = ["mosquitto", "redis", "nats-tls", "nats", "threads", "signalr-tls", "signalr", "floor", "lanchat-tls", "lanchat-sockets", "lanchat"];

    // Times the floor's, in the order of the contestants above.
    private static readonly double[] Costs = [9.4, 2.05, 6.1, 4.4, 58, 9.9, 7.9, 1, 2.4, 1.12, 1.04];

    internal static Report Make() => new()
    {
        Date = new DateTimeOffset(2026, 1, 2, 4, 4, 5, TimeSpan.FromHours(1)),
        Machine = "2-core machine | Linux 6.1, .NET 10.0.0",
        Command = "dotnet run -c Release --project benchmarks/LanChat.Throughput -- run",
        Commit = "0123abcd",
        Results = [.. Rooms(), .. Latencies(), .. Idle(), .. Handshakes()],
        Skipped = ["redis: redis-server is not installed: apt-get install redis-server"],
        Notes = ["The server has the first core, the generator the second."],
    };

    private static IEnumerable<Result> Rooms() =>
        from one in new[] { (1000, 64, 67.0), (10, 1, 4100), (10, 64, 130), (100, 1, 3489), (100, 64, 59), (100, 1024, 8.2), (1000, 1, 3600), (4000, 64, 70) }
        from i in Enumerable.Range(0, Contestants.Length)
        let name = Contestants[i]
        where name != "redis"
        let isFailure = name == "mosquitto" && one.Item1 == 4000
        let floor = one.Item3
        select new Result
        {
            Contestant = name,
            Case = "one room",
            Members = one.Item1,
            Window = one.Item2,
            PayloadBytes = 64,
            FrameBytes = 60 + (9 * i),
            Runs = 3,
            NanosecondsPerDelivery = isFailure ? 0 : one.Item2 == 1 ? floor * (1 + (Math.Log(Costs[i]) / 8)) : floor * Costs[i],
            FloorNanoseconds = floor,
            DeliveriesPerSecond = isFailure ? 0 : 1e9 / (floor * Costs[i]),
            BytesPerSend = name == "threads" ? null : (90 + (i * i)) * Math.Max(1, one.Item2 / Math.Sqrt(Costs[i])),
            Failure = isFailure ? "member 17 got message 4,012 of publisher 1 after 4,010: <out of order>\u001b[31m" : null,
        };

    private static IEnumerable<Result> Latencies() =>
        from i in Enumerable.Range(0, Contestants.Length)
        let slow = 1 + (Math.Log(Costs[i]) / 5)
        where Contestants[i] != "redis"
        select new Result
        {
            Contestant = Contestants[i],
            Case = "latency",
            Members = 100,
            Rate = 200,
            PayloadBytes = 64,
            Runs = 3,
            P50Microseconds = 227 * slow,
            P99Microseconds = 487 * slow * slow,
            P999Microseconds = Contestants[i] == "threads" ? null : 1100 * slow * slow,
        };

    private static IEnumerable<Result> Idle() =>
        from one in new[] { ("floor", 72.0), ("lanchat", 960), ("lanchat-sockets", 2900), ("lanchat-tls", 31_000), ("signalr", 27_600), ("threads", double.NaN), ("nats", 21_500) }
        select new Result { Contestant = one.Item1, Case = "idle", Members = 8000, PayloadBytes = 64, Runs = 1, BytesPerMember = one.Item2 };

    private static IEnumerable<Result> Handshakes() =>
        from one in new[] { ("lanchat-tls", 905.0), ("signalr-tls", 640), ("nats-tls", 1210) }
        select new Result { Contestant = one.Item1, Case = "handshakes", Runs = 3, HandshakesPerSecond = one.Item2 };
}
