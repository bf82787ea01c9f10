using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>A slow reader costs itself its place, a bounded amount of memory, and nobody else anything.</summary>
public sealed class SlowConsumerTests
{
    private const int MaxLagBytes = 64 << 10;

    [Fact]
    public void A_reader_that_stalls_is_ended_at_the_lag_limit_and_not_before()
    {
        MemoryServer server = NewServer();
        MemoryCaller ada = server.Join("ada");
        MemoryCaller frozen = server.Join("frozen");
        frozen.Frames();
        frozen.Client.FromServer.Capacity = 0;

        ulong id = 0;
        long lag = 0;
        int entryBytes = EntryLayout.MeasureBytes("ada".Length, 1000);
        while (lag + entryBytes <= MaxLagBytes)
        {
            ada.Say(WireFrame.Publish(1, ++id, new string('x', 1000)));
            lag += entryBytes;
        }

        Assert.Equal(2, server.Context.Sessions.Count);
        ada.Say(WireFrame.Publish(1, ++id, new string('x', 1000)));
        Assert.Equal(1, server.Context.Sessions.Count);

        List<WireFrame> heard = ada.Frames();
        Assert.Equal(Enumerable.Range(1, (int)id).Select(i => (ulong)i), heard.Where(IsMessage).Select(frame => frame.Entry.Id));
        WireFrame left = heard.Single(frame => frame.Type == FrameType.Entry && frame.Entry.Kind == EntryKind.Left);
        Assert.True(PresenceBody.TryReadLeft(left.Entry.Body, out _, out ushort code));
        Assert.Equal((ushort)DisconnectReason.TooSlow, code);
    }

    [Fact]
    public void A_slow_reader_that_can_still_hear_it_is_told_why()
    {
        MemoryServer server = NewServer();
        MemoryCaller ada = server.Join("ada");
        MemoryCaller slow = server.Join("slow");
        slow.Frames();
        slow.Client.FromServer.Capacity = 100;
        for (ulong id = 1; id <= 100; id++)
        {
            ada.Say(WireFrame.Publish(1, id, new string('x', 1000)));
        }

        Assert.Equal(1, server.Context.Sessions.Count);
        slow.Client.FromServer.Capacity = int.MaxValue;
        server.Run();
        List<WireFrame> heard = slow.Frames();
        Assert.Equal((ushort)DisconnectReason.TooSlow, heard[^1].Bye.Code);
        Assert.Equal(0, slow.UnreadBytes);
    }

    [Fact]
    public void The_memory_that_a_frozen_reader_holds_is_bounded_and_comes_back()
    {
        var server = new MemoryServer(new ChatServerOptions { Loops = 1, MaxLagBytes = MaxLagBytes, MaxHistoryEntries = 10, PublishRate = 0 });
        MemoryCaller ada = server.Join("ada");
        MemoryCaller frozen = server.Join("frozen");
        frozen.Client.FromServer.Capacity = 0;
        long most = 0;
        for (ulong id = 1; id <= 3_000; id++)
        {
            ada.Say(WireFrame.Publish(1, id, new string('x', 1000)));
            ada.Client.ReadAll();
            most = Math.Max(most, server.Context.Pool.RentedBytes);
        }

        // The lag, the segment it begins in and the one it ends in; the window is less than a segment.
        Assert.InRange(most, 1, MaxLagBytes + (3 * LanChat.Broadcast.SegmentPool.DefaultMaxSegmentBytes));
        Assert.InRange(server.Context.Pool.RentedBytes, 1, 2 * LanChat.Broadcast.SegmentPool.DefaultMaxSegmentBytes);
    }

    [Fact]
    public void Replay_is_paced_by_the_reader_and_is_no_lag()
    {
        MemoryServer server = NewServer();
        MemoryCaller ada = server.Join("ada");
        for (ulong id = 1; id <= 200; id++)
        {
            ada.Say(WireFrame.Publish(1, id, new string('x', 1000)));
        }

        MemoryCaller late = server.Connect();
        late.Client.FromServer.Capacity = 1_000;
        late.Say([.. WireFrame.Hello("late"), .. WireFrame.Join("lobby", replay: 1_000)]);
        ada.Say(WireFrame.Publish(1, 201, "the newest"));
        Assert.Equal(2, server.Context.Sessions.Count);

        List<WireFrame> heard = [];
        for (int i = 0; i < 1_000 && !heard.Exists(frame => IsMessage(frame) && frame.Entry.Id == 201); i++)
        {
            heard.AddRange(late.Frames());
        }

        Assert.Equal(Enumerable.Range(1, 201).Select(i => (ulong)i), heard.Where(IsMessage).Select(frame => frame.Entry.Id));
    }

    [Fact]
    public void A_caller_that_reads_none_of_its_rejections_is_ended()
    {
        MemoryServer server = NewServer();
        MemoryCaller greedy = server.Join("greedy");
        greedy.Frames();
        greedy.Client.FromServer.Capacity = 0;
        for (ulong id = 1; id <= 10_000 && server.Context.Sessions.Count > 0; id++)
        {
            greedy.Say(WireFrame.Publish(99, id, "to a room that it is not in"));
        }

        Assert.Equal(0, server.Context.Sessions.Count);
    }

    [Fact]
    public void Frames_of_several_sources_are_never_interleaved_inside_one_another()
    {
        for (int seed = 1; seed <= 60; seed++)
        {
            var random = new Random(TestLength.Seed(seed));
            MemoryServer server = NewServer();
            MemoryCaller ada = server.Join("ada");
            ada.Say(WireFrame.Join("games"));
            MemoryCaller bo = server.Connect(deferBytes: random.Next(3) * 50);
            bo.Client.FromServer.Capacity = 1 + random.Next(60);
            bo.Say([.. WireFrame.Hello("bo"), .. WireFrame.Join("lobby"), .. WireFrame.Join("games")]);

            List<WireFrame> heard = [];
            ulong adas = 0;
            ulong bos = 0;
            for (int i = 0; i < 60; i++)
            {
                switch (random.Next(5))
                {
                    case 0 or 1:
                        ada.Say(WireFrame.Publish((uint)random.Next(1, 3), ++adas, new string('a', random.Next(80))));
                        break;
                    case 2:
                        ada.Say(WireFrame.Direct(++adas, "bo", "psst"));
                        break;
                    case 3:
                        bo.Say(WireFrame.Publish(99, ++bos, "rejected"));
                        break;
                    default:
                        heard.AddRange(bo.Frames());
                        break;
                }
            }

            // Frames() fails when what arrives is no sequence of whole frames; here nothing may be missing either.
            for (int i = 0; i < 2_000 && heard.Count(IsMessage) + heard.Count(IsDirect) < (int)adas; i++)
            {
                heard.AddRange(bo.Frames());
            }

            Assert.Equal((int)adas, heard.Count(IsMessage) + heard.Count(IsDirect));
            Assert.Equal((int)bos, heard.Count(frame => frame.Type == FrameType.Rejected));
        }
    }

    private static MemoryServer NewServer() =>
        new(new ChatServerOptions { Loops = 1, MaxLagBytes = MaxLagBytes, PublishRate = 0, HeartbeatInterval = TimeSpan.FromHours(1) });

    private static bool IsMessage(WireFrame frame) => frame.Type == FrameType.Entry && frame.Entry.Kind == EntryKind.Message;

    private static bool IsDirect(WireFrame frame) => frame.Type == FrameType.Entry && frame.Entry.Kind == EntryKind.Direct;
}
