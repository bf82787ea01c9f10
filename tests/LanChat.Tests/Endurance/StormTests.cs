using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Endurance;

/// <summary>Thousands come and go while a room talks, over real sockets and several loops: the rosters are right at the end, and nothing of the visitors is left.</summary>
/// <remarks>
/// <para><c>LanChat.Tests --filter-class "*StormTests" --show-live-output on</c></para>
/// <para>Visitors share fewer names than there are of them, and go in every way there is: by a goodbye, by leaving first, by a reset, by a link that ends, kicked, or without having said
/// anything. LANCHAT_TEST_STORM_VISITS: how many visits (400; 5,000 with LANCHAT_TEST_LONG=1). LANCHAT_TEST_SEED repeats the choices of a run, though not their timing.</para>
/// </remarks>
[Collection("whole process")]
public sealed class StormTests
{
    private const int Workers = 12;
    private const int Names = 10;
    private const int Residents = 4;
    private static readonly string[] Rooms = ["lobby", "games", "den"];

    // The runtime's pools breathe by a megabyte or so. What a visit keeps for good adds up: with 5,000 of them, 840 bytes of each would pass this, with 100,000 a mere 42.
    private const long MaxGrownBytes = 4 << 20;

    private readonly int _visits = TestLength.Size("LANCHAT_TEST_STORM_VISITS", 400, 5_000);
    private readonly int _seed = TestLength.Seed(Random.Shared.Next());

    [Fact]
    public async Task When_the_storm_is_over_the_rosters_are_right_and_nothing_is_left()
    {
        Den.Print($"seed {_seed}");
        using var unobserved = new UnobservedExceptions();
        int sockets = ProcessResources.Sockets;
        var time = new CountingTimeProvider();

        // Little history, or what the room keeps of the storm would be counted as left behind.
        Den den = await Den.OpenAsync(Den.Options with { MaxHistoryEntries = 100, TimeProvider = time, ControlRate = 10_000 });
        var talkers = new List<Resident>();
        for (int i = 0; i < Residents; i++)
        {
            talkers.Add(await Resident.JoinAsync(den, $"resident-{i}", Rooms, time));
        }

        int residentSockets = ProcessResources.Sockets;
        await StormAsync(den, _visits / 4, _seed);
        await SettleAsync(den, talkers, residentSockets);
        long before = ProcessResources.ManagedBytes;
        (int segments, int timers) = (den.Host.Context.Pool.RentedSegments, time.TimerCount);
        await StormAsync(den, _visits, _seed + 1);
        await SettleAsync(den, talkers, residentSockets);
        long grown = ProcessResources.ManagedBytes - before;
        Den.Print($"{_visits} visits: managed memory {grown / 1024.0:+0.0;-0.0} KiB, segments {segments} -> {den.Host.Context.Pool.RentedSegments}, timers {timers} -> {time.TimerCount}");
        Assert.True(grown < MaxGrownBytes, $"{_visits} visits left {grown} bytes behind.");
        Assert.Equal(timers, time.TimerCount);

        foreach (Resident talker in talkers)
        {
            await talker.StopAsync();
        }

        await den.Server.StopAsync();
        Assert.Equal(0, den.Host.Context.Pool.RentedSegments);
        Assert.Equal(0, time.TimerCount);
        Den.Until(() => ProcessResources.Sockets <= sockets, "all sockets are gone");
        Assert.Empty(unobserved.Found);
    }

    /// <summary>All visitors have gone: the server, and each resident in each room, know of the residents alone.</summary>
    private static async Task SettleAsync(Den den, List<Resident> residents, int sockets)
    {
        string[] expected = [.. residents.Select(resident => resident.Name).Order(StringComparer.Ordinal)];
        Den.Until(() => den.Host.Context.ConnectionCount == residents.Count, "the visitors' connections are gone");
        foreach (string room in Rooms)
        {
            Assert.Equal(expected, den.Server.GetMembers(room).Order(StringComparer.Ordinal));
        }

        Assert.Equal(residents.Count, den.Server.MemberCount);

        // One word after all that happened: who has heard it has heard of all comings and goings.
        foreach (Resident resident in residents)
        {
            await resident.SayToAllAsync("it is quiet");
        }

        foreach (Resident resident in residents)
        {
            await resident.WhenQuietAsync(residents.Count);
            Assert.All(resident.Rosters(), roster => Assert.Equal(expected, roster));
        }

        Den.Until(() => ProcessResources.Sockets <= sockets, "the visitors' sockets are gone");
    }

    private static async Task StormAsync(Den den, int visits, int seed)
    {
        int left = visits;
        int[] ends = new int[Visitor.Ways];
        int clashes = 0;
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(async () =>
        {
            var random = new Random(unchecked((seed * 31) + worker));
            while (Interlocked.Decrement(ref left) >= 0)
            {
                var visitor = new Visitor(den, random, $"visitor-{random.Next(Names)}", Rooms);
                if (await visitor.VisitAsync())
                {
                    Interlocked.Increment(ref ends[visitor.Way]);
                }
                else
                {
                    Interlocked.Increment(ref clashes);
                }
            }
        })));
        Den.Print($"{visits} visits: {string.Join(", ", ends.Select((count, way) => $"{count} {Visitor.Describe(way)}"))}, {clashes} name clashes");
        Assert.All(ends, count => Assert.NotEqual(0, count));
        Assert.NotEqual(0, clashes);
    }
}
