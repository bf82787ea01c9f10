using LanChat.Broadcast;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>Some of a hundred never read: they keep no more memory than the lag limit, all of them together, the policy fires when it should, and the others miss nothing.</summary>
public abstract class FrozenCrowdTests(bool tls)
{
    private const int Members = 100;
    private const int Limit = 512 << 10;
    private static readonly string Text = new('x', 2000);
    private static readonly int EntryBytes = Callers.EntryBytes("member-99", Text);

    [Theory]
    [InlineData(1, SlowConsumerPolicy.End)]
    [InlineData(50, SlowConsumerPolicy.End)]
    [InlineData(1, SlowConsumerPolicy.Skip)]
    [InlineData(50, SlowConsumerPolicy.Skip)]
    public void Who_never_reads_costs_no_more_than_the_limit_and_the_others_miss_nothing(int frozen, SlowConsumerPolicy policy)
    {
        using var counted = new SlowCount();
        var server = new MemoryServer(Callers.Patient with { PublishRate = 0, MaxLagBytes = Limit, MaxHistoryBytes = 0, SlowPolicy = policy }, tls);
        MemoryCaller[] crowd = [.. Enumerable.Range(0, Members).Select(i => server.Join($"member-{i}"))];
        foreach (MemoryCaller one in crowd)
        {
            one.Frames();
        }

        MemoryCaller[] still = crowd[..frozen];
        MemoryCaller[] awake = crowd[frozen..];
        Array.ForEach(still, static one => one.Client.FromServer.Capacity = 0);
        var heard = new FollowedRoom();
        SegmentPool pool = server.Context.Pool;
        int due = (Limit / EntryBytes) + 1 + (tls ? 1 : 0);
        for (int i = 1; i <= 2 * due; i++)
        {
            awake[0].Say(WireFrame.Publish(1, (ulong)i, Text));

            // In time: at the entry that passes the limit, not before and not after.
            Assert.Equal(i < due ? 0 : frozen, counted.Episodes[policy]);
            Assert.InRange(pool.RentedBytes, 0, Limit + (2 * SegmentPool.DefaultMaxSegmentBytes));
            byte[] bytes = awake[0].Client.ReadAll();
            Assert.All(awake[1..], one => Assert.True(bytes.AsSpan().SequenceEqual(one.Client.ReadAll()), $"After message {i} two members have read other bytes."));
            heard.Take(WireFrame.Parse(bytes, out int used));
            Assert.Equal(bytes.Length, used);
        }

        Assert.Equal(2 * due, heard.Entries.Count(frame => frame.Entry.Kind == EntryKind.Message));
        Assert.Equal(policy == SlowConsumerPolicy.End ? Members - frozen : Members, server.Context.Sessions.Count);

        // What they were kept for goes at once, or when they have read on.
        Array.ForEach(still, static one => one.Client.FromServer.Capacity = int.MaxValue);
        server.Run();
        foreach (MemoryCaller one in still)
        {
            List<WireFrame> frames = one.Frames();
            var followed = new FollowedRoom().Take(frames);
            if (policy == SlowConsumerPolicy.End)
            {
                Assert.Equal(DisconnectReason.TooSlow, frames.LastWord());
            }
            else
            {
                Assert.Equal(2 * due, followed.Totals.Received + followed.Totals.Missed);
                Assert.Single(followed.Gaps);
                Assert.Equal(heard.Next, followed.Next);
            }
        }

        awake[0].Say(WireFrame.Publish(1, (ulong)(2 * due) + 1, Text));
        Assert.InRange(pool.RentedBytes, 0, 2 * SegmentPool.DefaultMaxSegmentBytes);
    }
}

/// <inheritdoc/>
public sealed class FrozenCrowdOverPlainTests() : FrozenCrowdTests(tls: false);

/// <inheritdoc/>
public sealed class FrozenCrowdOverTlsTests() : FrozenCrowdTests(tls: true);
