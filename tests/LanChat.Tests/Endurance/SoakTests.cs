using System.Diagnostics;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Endurance;

/// <summary>The life of a server as it is on a bad network, for as long as wanted: people come, talk, read slowly, are cut off or out of reach, and go; what the process holds stays the same.</summary>
/// <remarks>
/// <para><c>LANCHAT_TEST_SOAK_SECONDS=600 LanChat.Tests --filter-class "*SoakTests" --show-live-output on</c></para>
/// <para>Without the variable it takes 5 seconds; with LANCHAT_TEST_LONG=1 a minute. It goes by rounds. After each all guests have gone, so that sockets, timers and sessions must be what they were
/// before it, and the memory in use, once collected, may not grow from round to round after the first third. LANCHAT_TEST_SEED repeats the choices of a run, though not their timing.</para>
/// </remarks>
[Collection("whole process")]
public sealed class SoakTests
{
    private const int Residents = 3;

    // Half of them over TLS, one in four reads slowly.
    private const int Guests = 16;
    private const int Messages = 150;
    private const int MessagesPerCut = 200;

    // What the runtime itself may need more of as time goes by (tables that double, code that is compiled again); a round that keeps 1 KiB per guest passes it within the minute.
    private const long MaxGrownBytes = 2 << 20;
    private const long MaxGrownResidentBytes = 64 << 20;

    // The runtime's and the test runner's own; sockets are counted exactly, after each round.
    private const int MaxGrownHandles = 8;

    private readonly TimeSpan _duration = TimeSpan.FromSeconds(TestLength.Size("LANCHAT_TEST_SOAK_SECONDS", 5, 60));
    private readonly int _seed = TestLength.Seed(Random.Shared.Next());

    [Fact]
    public async Task Nothing_grows_however_long_it_goes_on()
    {
        Den.Print($"seed {_seed}");
        using var unobserved = new UnobservedExceptions();
        int before = ProcessResources.Sockets;
        var time = new CountingTimeProvider();
        Den den = await Den.OpenAsync(Den.Options with
        {
            TimeProvider = time,
            MaxHistoryEntries = 200,
            HeartbeatInterval = TimeSpan.FromMilliseconds(500),
            ControlRate = 10_000,

            // A goodbye that is cut off costs the round so long.
            ResumeWindow = TimeSpan.FromSeconds(5),
        });
        var relay = new FaultyRelay(den.EndPoint);
        var residents = new List<Resident>();
        for (int i = 0; i < Residents; i++)
        {
            residents.Add(await Resident.JoinAsync(den, $"resident-{i}", ["lobby", "games"], time));
        }

        var rounds = new List<SoakSample>();
        int sockets = ProcessResources.Sockets;
        long start = Stopwatch.GetTimestamp();
        while (rounds.Count < 3 || Stopwatch.GetElapsedTime(start) < _duration)
        {
            var round = new SoakRound(den, relay, time, unchecked(_seed + rounds.Count), Guests, Messages, MessagesPerCut);
            await round.RunAsync();
            Den.Until(() => den.Host.Context.ConnectionCount == Residents && relay.Open.Length == 0, "all guests have gone");
            Den.Until(() => ProcessResources.Sockets <= sockets, "the guests' sockets are gone");
            Den.Until(() => den.Server.MemberCount == Residents, "those who could not say goodbye are given up");
            rounds.Add(SoakSample.Take(Stopwatch.GetElapsedTime(start), time.TimerCount));
            Den.Print($"{rounds[^1]}, {round}");
        }

        AssertFlat(rounds);
        foreach (Resident resident in residents)
        {
            await resident.StopAsync();
        }

        await relay.DisposeAsync();
        await den.DisposeAsync();
        Assert.Equal(0, time.TimerCount);
        Assert.Equal(0, den.Host.Context.Pool.RentedSegments);
        Den.Until(() => ProcessResources.Sockets <= before, "all sockets are gone");
        Assert.Empty(unobserved.Found);
    }

    private static void AssertFlat(List<SoakSample> rounds)
    {
        // The first third is the warming up; of the rest, the line that fits best through all rounds says what grew.
        List<SoakSample> rest = rounds[(rounds.Count / 3)..];
        double managed = SoakSample.Growth(rest, sample => sample.ManagedBytes);
        double resident = SoakSample.Growth(rest, sample => sample.ResidentBytes);
        double handles = SoakSample.Growth(rest, sample => sample.Handles);
        Den.Print($"growth from {rest[0].At.TotalSeconds:F0} s to {rest[^1].At.TotalSeconds:F0} s: managed {managed / 1024:F0} KiB, resident {resident / 1024:F0} KiB, handles {handles:F1}");
        Assert.True(managed < MaxGrownBytes, $"Managed memory grew by {managed:F0} bytes.");
        Assert.True(resident < MaxGrownResidentBytes, $"Resident memory grew by {resident:F0} bytes.");
        Assert.Equal(rest[0].Timers, rest[^1].Timers);
        Assert.True(handles < MaxGrownHandles, $"The number of handles grew by {handles:F1}.");
    }
}
