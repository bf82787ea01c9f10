using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>Rates, and what becomes of each id: exactly one outcome, by which it is used up.</summary>
public abstract class RateTests(bool tls)
{
    [Fact]
    public void Beyond_the_rate_messages_are_rejected_and_their_ids_are_used_up()
    {
        var server = new MemoryServer(Callers.Patient with { PublishRate = 10, PublishBurst = 3 }, tls);
        MemoryCaller ada = server.Join("ada");
        ada.Frames();
        ada.Say([.. Enumerable.Range(1, 5).SelectMany(id => WireFrame.Publish(1, (ulong)id, $"{id}"))]);
        List<WireFrame> frames = ada.Frames();
        Assert.Equal(["1", "2", "3"], frames.Texts());
        Assert.Equal([(4, DisconnectReason.TooFast), (5, DisconnectReason.TooFast)], frames.Rejections());

        server.Advance(0.1);
        ada.Say([.. WireFrame.Publish(1, 4, "4"), .. WireFrame.Publish(1, 6, "6"), .. WireFrame.Direct(7, "ada", "7"), .. WireFrame.Bytes(new CommandFrame { Id = 8, Verb = "x"u8 })]);
        frames = ada.Frames();
        Assert.Equal(["6"], frames.Texts());
        Assert.Equal([(4, DisconnectReason.TooFast), (7, DisconnectReason.TooFast), (8, DisconnectReason.TooFast)], frames.Rejections());

        server.Advance(60);
        ada.Say([.. Enumerable.Range(9, 5).SelectMany(id => WireFrame.Publish(1, (ulong)id, $"{id}"))]);
        Assert.Equal(["9", "10", "11"], ada.Frames().Texts());
    }

    [Fact]
    public void Rates_are_per_session_and_0_is_no_limit()
    {
        var server = new MemoryServer(Callers.Patient with { PublishRate = 10, PublishBurst = 1 }, tls);
        foreach (string name in new[] { "ada", "bo" })
        {
            MemoryCaller caller = server.Join(name);
            caller.Say([.. WireFrame.Publish(1, 1, "one"), .. WireFrame.Publish(1, 2, "two")]);
            Assert.Equal([(2, DisconnectReason.TooFast)], caller.Frames().Rejections());
        }

        var free = new MemoryServer(Callers.Patient with { PublishRate = 0, PublishBurst = 1 }, tls);
        MemoryCaller cy = free.Join("cy");
        cy.Say([.. Enumerable.Range(1, 2000).SelectMany(id => WireFrame.Publish(1, (ulong)id, $"{id}"))]);
        Assert.Equal(2000, cy.Frames().Texts().Length);
    }

    [Fact]
    public void Too_many_control_frames_end_the_connection()
    {
        var server = new MemoryServer(Callers.Patient, tls);
        MemoryCaller ada = server.Join("ada");
        ada.Frames();

        // A full bucket is 200; the JOIN took one of it.
        ada.Say([.. Enumerable.Range(1, 199).SelectMany(i => Callers.Ping((ulong)i))]);
        Assert.Equal(199, ada.Frames().Count);
        server.Advance(1);
        ada.Say([.. Enumerable.Range(1, 20).SelectMany(i => Callers.Ping((ulong)i))]);
        Assert.Equal(20, ada.Frames().Count);
        ada.Say(Callers.Ping(1));
        Assert.Equal(DisconnectReason.TooFast, ada.Frames().LastWord());
    }

    [Fact]
    public void Messages_do_not_count_as_control_frames_nor_the_other_way_round()
    {
        var server = new MemoryServer(Callers.Patient with { PublishRate = 1, PublishBurst = 2 }, tls);
        MemoryCaller ada = server.Join("ada");
        ada.Frames();
        ada.Say([.. Enumerable.Range(1, 150).SelectMany(i => Callers.Ping((ulong)i)), .. WireFrame.Publish(1, 1, "one"), .. WireFrame.Publish(1, 2, "two")]);
        Assert.Equal(["one", "two"], ada.Frames().Texts());
        ada.Say([.. Enumerable.Range(3, 500).SelectMany(id => WireFrame.Publish(1, (ulong)id, "x"))]);
        Assert.Equal(500, ada.Frames().Rejections().Length);
    }

    [Fact]
    public void Each_id_has_exactly_one_outcome_in_any_mixture()
    {
        int runs = TestLength.IsLong ? 500 : 30;
        for (int run = 1; run <= runs; run++)
        {
            int seed = TestLength.Seed(run);
            var random = new Random(seed);
            var server = new MemoryServer(Callers.Patient with { PublishRate = 50, PublishBurst = 20 }, tls);
            MemoryCaller ada = server.Join("ada");
            server.Join("bo");
            ada.Client.ToServer.NextPiece = Pieces.Random(seed, 60);
            ada.Frames();
            var outcomes = new List<ulong>();
            ulong last = 0;
            for (int step = 0; step < 100; step++)
            {
                ulong id = ++last;
                ada.Say(random.Next(7) switch
                {
                    0 => WireFrame.Publish(99, id, "no such room"),
                    1 => WireFrame.Bytes(new PublishFrame { Room = 1, Id = id, Body = [0xC0] }),
                    2 => WireFrame.Direct(id, "bo", "direct"),
                    3 => WireFrame.Direct(id, "nobody", "direct"),
                    4 => WireFrame.Bytes(new CommandFrame { Id = id, Verb = "kick"u8, Argument = "bo"u8 }),
                    5 => WireFrame.Bytes(new PublishFrame { Room = 1, Id = id, Flags = 2, Body = "flag"u8 }),
                    _ => WireFrame.Publish(1, id, "said"),
                });
                server.Advance(0.01);
            }

            foreach (WireFrame frame in ada.Frames())
            {
                switch (frame.Type)
                {
                    case FrameType.Entry:
                        outcomes.Add(frame.Entry.Id);
                        break;
                    case FrameType.Rejected:
                        outcomes.Add(frame.Rejected.Id);
                        break;
                    case FrameType.Ack:
                        outcomes.Add(frame.Ack.Id);
                        break;
                    default:
                        Assert.Fail($"Seed {seed}: {frame}");
                        break;
                }
            }

            outcomes.Sort();
            Assert.Equal(Enumerable.Range(1, 100).Select(id => (ulong)id), outcomes);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(ulong.MaxValue)]
    public void An_id_out_of_order_ends_the_connection_and_carries_nothing_out(ulong id)
    {
        var server = new MemoryServer(Callers.Patient, tls);
        MemoryCaller bo = server.Join("bo");
        MemoryCaller ada = server.Join("ada");
        bo.Frames();
        ada.Say([.. WireFrame.Publish(1, 1, "one"), .. WireFrame.Publish(1, id, "out of order")]);
        Assert.Equal(DisconnectReason.ProtocolViolation, ada.Frames().LastWord());
        Assert.Equal(["one"], bo.Frames().Texts());
    }

    [Fact]
    public void An_id_older_than_the_window_is_a_violation_and_the_oldest_in_it_a_repeat()
    {
        var server = new MemoryServer(Callers.Patient with { PublishRate = 0 }, tls);
        MemoryCaller ada = server.Join("ada");
        ada.Say([.. Enumerable.Range(1, 1025).SelectMany(id => WireFrame.Publish(1, (ulong)id, "x"))]);
        ada.Frames();
        ada.Say(WireFrame.Publish(1, 2, "x"));
        Assert.Equal([(2, 3)], ada.Frames().Acks());
        ada.Say(WireFrame.Publish(1, 1, "x"));
        Assert.Equal(DisconnectReason.ProtocolViolation, ada.Frames().LastWord());
    }

    [Fact]
    public void After_a_long_silence_a_repeat_is_still_the_same_outcome_or_carried_out_with_sequence_unknown()
    {
        var server = new MemoryServer(new ChatServerOptions { Loops = 1 }, tls);
        MemoryCaller ada = server.Join("ada");
        ada.Say([.. WireFrame.Publish(1, 1, "one"), .. WireFrame.Publish(1, 2, "two")]);
        for (int i = 0; i < 20; i++)
        {
            server.Advance(15);
            ada.Say(Callers.Ping(1));
        }

        ada.Frames();
        ada.Say([.. WireFrame.Publish(1, 2, "two"), .. WireFrame.Publish(1, 3, "three")]);
        List<WireFrame> frames = ada.Frames();
        (ulong id, ulong sequence) = Assert.Single(frames.Acks());
        Assert.Equal(2UL, id);
        Assert.Contains(sequence, new ulong[] { 0, 3 });
        Assert.Equal(["three"], frames.Texts());
    }
}

/// <inheritdoc/>
public sealed class RateOverPlainTests() : RateTests(tls: false);

/// <inheritdoc/>
public sealed class RateOverTlsTests() : RateTests(tls: true);
