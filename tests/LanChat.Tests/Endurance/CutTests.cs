using System.Diagnostics;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Endurance;

/// <summary>People who are cut off again and again while they talk, over real sockets: what was confirmed is there once, in one order, for each of them.</summary>
/// <remarks>
/// <para><c>LANCHAT_TEST_LONG=1 LanChat.Tests --filter-class "*CutTests" --show-live-output on</c></para>
/// <para>50 clients, one in five over TLS. Most cuts come inside what is on its way, in either direction, by a reset or by an end of the stream; one in twenty holds the connection up in both
/// directions, so that the heartbeat has to find it. LANCHAT_TEST_CUT_MESSAGES: how many messages are confirmed in all (5,000; 200,000 with LANCHAT_TEST_LONG=1).
/// LANCHAT_TEST_CUTS: how many connections are cut meanwhile (100; 2,000). LANCHAT_TEST_SEED repeats the choices of a run, though not their timing.</para>
/// </remarks>
[Collection("whole process")]
public sealed class CutTests
{
    private const int Clients = 50;
    private const int OneInTls = 5;
    private const int OneInHeldUp = 20;

    private readonly int _each = TestLength.Size("LANCHAT_TEST_CUT_MESSAGES", 5_000, 200_000) / Clients;
    private readonly int _cuts = TestLength.Size("LANCHAT_TEST_CUTS", 100, 2_000);
    private readonly int _seed = TestLength.Seed(Random.Shared.Next());
    private readonly Lock _gate = new();

    // Under the gate.
    private int _confirmed;

    [Fact]
    public async Task However_often_they_are_cut_off_nothing_is_lost_doubled_or_out_of_order()
    {
        Den.Print($"seed {_seed}");
        using var unobserved = new UnobservedExceptions();
        int sockets = ProcessResources.Sockets;

        // As much history as there are messages: whoever comes back gets all that was said meanwhile.
        Den den = await Den.OpenAsync(Den.Options with
        {
            MaxHistoryEntries = 10_000_000,
            MaxHistoryBytes = 1 << 30,
            MemoryBudgetBytes = 2L << 30,
            MaxLagBytes = 1 << 30,
            HeartbeatInterval = TimeSpan.FromMilliseconds(500),
            ResumeWindow = Den.Patience,
            MaxDetachedPerAddress = Clients,
        });
        var relay = new FaultyRelay(den.EndPoint);
        CutMember[] members = await JoinAllAsync(den, relay);
        Task[] reading = [.. members.Select(member => Task.Run(member.ReadAsync))];
        var random = new Random(_seed);
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(members.Select(member => Task.Run(() => member.TalkAsync(() => OnConfirmed(relay, random)))));
        await Task.WhenAll(reading).WaitAsync(Den.Patience);
        TimeSpan took = Stopwatch.GetElapsedTime(start);

        // All have heard the same, in the same order: a hole, a double or another order gives another number.
        Assert.Single(members.Select(member => member.Order).Distinct());
        foreach (CutMember member in members)
        {
            member.AssertConfirmedIsHeard();
            await member.DisposeAsync();
        }

        await relay.DisposeAsync();
        await den.DisposeAsync();
        Den.Print($"{_confirmed} messages confirmed and heard by {Clients} each, {relay.ForcedCount} cuts, {members.Sum(member => member.Resumes)} times connected again, {took.TotalSeconds:F1} s");
        Assert.Equal(Clients * _each, _confirmed);
        Assert.True(relay.ForcedCount >= _cuts, $"{relay.ForcedCount} of {_cuts} cuts.");
        Assert.Equal(0, den.Host.Context.Pool.RentedSegments);
        Den.Until(() => ProcessResources.Sockets <= sockets, "all sockets are gone");
        Assert.Empty(unobserved.Found);
    }

    private async Task<CutMember[]> JoinAllAsync(Den den, FaultyRelay relay)
    {
        var members = new CutMember[Clients];
        for (int i = 0; i < Clients; i++)
        {
            ChatClientOptions options = TestClient.Options with
            {
                Name = $"member-{i}",
                Plaintext = i % OneInTls != 0,
                Reconnect = true,
                MaxReconnectDelay = TimeSpan.FromMilliseconds(100),
                MaxBufferedEvents = 1 << 20,
            };
            ChatClient client = await den.ConnectAsync(options, relay.EndPoint);
            members[i] = new CutMember(client, await client.JoinAsync("lobby"), i, Clients, _each);
        }

        return members;
    }

    /// <summary>Spreads the cuts over all but the last twentieth of the messages, which carry out those that are still to come; and a few more, as some connections end in another way first.</summary>
    private void OnConfirmed(FaultyRelay relay, Random random)
    {
        lock (_gate)
        {
            _confirmed++;
            long all = _cuts + (_cuts / 50) + 1;
            long due = Math.Min(all, all * _confirmed * 20 / (Clients * (long)_each * 19));
            if (relay.ForcedCount + relay.DoomedCount >= due)
            {
                return;
            }

            if (random.Next(OneInHeldUp) > 0)
            {
                relay.CutOne(random);
            }
            else if (relay.Open is { Length: > 0 } open)
            {
                open[random.Next(open.Length)].TryFreeze();
            }
        }
    }
}
