using LanChat.Broadcast;
using LanChat.Framing;
using LanChat.Tests.Support;
using LanChat.Transport;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>Who does not read is ended at the lag limit, exactly, gives its memory back, and nobody else notices.</summary>
public abstract class SlowReaderTests
{
    private const int Limit = 64 << 10;
    private static readonly string Text = new('x', 1000);
    private static readonly int EntryBytes = Callers.EntryBytes("ada", Text);

    private readonly bool _tls;

    // How many entries a full wire still takes: TLS encrypts the first before it notices.
    private readonly int _accepted;
    private readonly MemoryServer _server;
    private readonly MemoryCaller _ada;
    private readonly MemoryCaller _cy;
    private ulong _said;

    protected SlowReaderTests(bool tls)
    {
        _tls = tls;
        _accepted = tls ? 1 : 0;
        _server = new MemoryServer(Callers.Patient with { PublishRate = 0, MaxLagBytes = Limit }, tls);
        _ada = _server.Join("ada");
        _cy = _server.Join("cy");
        _ada.Frames();
        _cy.Frames();
    }

    [Fact]
    public void The_limit_is_exact()
    {
        MemoryCaller bo = JoinBlocked();
        AdaSays(_accepted + (Limit / EntryBytes));
        Assert.Contains("bo", _server.Members());
        AdaSays(1);
        Assert.DoesNotContain("bo", _server.Members());

        // It hears why, if it reads within a second: whole frames only.
        bo.Client.FromServer.Capacity = int.MaxValue;
        _server.Run();
        Assert.Equal(DisconnectReason.TooSlow, bo.Frames().LastWord());
        Assert.Equal(0, bo.UnreadBytes);
        Assert.Equal(LinkStatus.Ended, bo.Client.Status);
    }

    [Fact]
    public void The_others_get_everything_at_once()
    {
        JoinBlocked();
        int messages = (Limit / EntryBytes) + 10;
        for (int i = 0; i < messages; i++)
        {
            AdaSays(1);
            Assert.Single(_ada.Frames().Entries(EntryKind.Message));
            Assert.Single(_cy.Frames().Entries(EntryKind.Message));
        }

        Assert.DoesNotContain("bo", _server.Members());
    }

    [Fact]
    public void Everybody_sees_why_it_left()
    {
        JoinBlocked();
        AdaSays(_accepted + (Limit / EntryBytes) + 1);
        Assert.Equal(("bo", 2u, DisconnectReason.TooSlow), Assert.Single(_cy.Frames().Entries(EntryKind.Left)).LeftParts());
    }

    [Fact]
    public void Its_memory_is_given_back_at_once()
    {
        var server = new MemoryServer(Callers.Patient with { PublishRate = 0, MaxHistoryBytes = 64 << 10 }, _tls);
        MemoryCaller ada = server.Join("ada");
        MemoryCaller bo = server.Join("bo");
        bo.Frames();
        bo.Client.FromServer.Capacity = 0;
        string text = new('x', 4000);
        long most = 0;
        ulong id = 0;
        while (server.Members().Length == 2)
        {
            Assert.InRange(id, 0UL, 1100UL);
            most = server.Context.Pool.RentedBytes;
            ada.Say(WireFrame.Publish(1, ++id, text));
            ada.Frames();
        }

        // The lag, and the segments that it begins and ends in.
        Assert.InRange(most, 4 << 20, (4 << 20) + (3 * SegmentPool.DefaultMaxSegmentBytes));
        Assert.InRange(server.Context.Pool.RentedBytes, 0, 1 << 20);
        bo.Client.Reset();
    }

    [Fact]
    public void Replay_is_no_lag()
    {
        var server = new MemoryServer(Callers.Patient with { PublishRate = 0, MaxLagBytes = Limit }, _tls);
        MemoryCaller ada = server.Join("ada");
        for (ulong id = 1; id <= 500; id++)
        {
            ada.Say(WireFrame.Publish(1, id, Text));
        }

        // Half a megabyte of history over a wire that takes 100 bytes, and not one of them is read.
        MemoryCaller bo = server.Connect();
        bo.Client.FromServer.Capacity = 100;
        bo.Say([.. WireFrame.Hello("bo"), .. WireFrame.Join("lobby", 65535)]);
        server.Advance(60);
        Assert.Equal(["ada", "bo"], server.Members());

        for (int i = 1; i <= Limit / EntryBytes; i++)
        {
            ada.Say(WireFrame.Publish(1, 500 + (ulong)i, Text));
        }

        Assert.Equal(["ada", "bo"], server.Members());
        ada.Say(WireFrame.Publish(1, 501 + (ulong)(Limit / EntryBytes), Text));
        Assert.Equal(["ada"], server.Members());
    }

    [Fact]
    public void A_slow_reader_that_reads_gets_all_of_its_history()
    {
        AdaSays(500);
        MemoryCaller bo = _server.Connect();
        bo.Client.FromServer.Capacity = 100;
        bo.Say([.. WireFrame.Hello("bo"), .. WireFrame.Join("lobby", 65535)]);
        var frames = new List<WireFrame>();
        for (int i = 0; i < 10_000 && frames.Entries().Count < 503; i++)
        {
            frames.AddRange(bo.Frames());
        }

        Assert.Equal(Enumerable.Range(1, 503).Select(sequence => (ulong)sequence), frames.Sequences());
    }

    [Fact]
    public void A_caller_that_never_reads_its_rejections_is_ended_too()
    {
        MemoryCaller bo = JoinBlocked();
        ulong id = 0;
        while (_server.Members().Contains("bo"))
        {
            Assert.InRange(id, 0UL, 20_000UL);
            bo.Say(WireFrame.Publish(99, ++id, "nowhere"));
        }

        // Not at the first few: a window of ids may be open at once.
        Assert.True(id > 1024, $"Ended after {id} rejections.");
        Assert.Equal(("bo", 2u, DisconnectReason.TooSlow), Assert.Single(_cy.Frames().Entries(EntryKind.Left)).LeftParts());
    }

    [Fact]
    public void A_person_who_does_not_read_is_ended_at_the_same_limit()
    {
        MemoryCaller person = _server.ConnectPlain();
        person.Say("hello\n");
        person.Lines();
        person.Client.FromServer.Capacity = 0;

        // What is drawn already waits outside the log, and is bounded by itself.
        AdaSays(Limit / EntryBytes);
        Assert.Contains("guest-1", _server.Members());
        AdaSays((2 * Limit / EntryBytes) + 2);
        Assert.DoesNotContain("guest-1", _server.Members());
    }

    private MemoryCaller JoinBlocked()
    {
        MemoryCaller bo = _server.Join("bo");
        bo.Frames();
        _cy.Frames();
        _ada.Frames();
        bo.Client.FromServer.Capacity = 0;
        return bo;
    }

    private void AdaSays(int times)
    {
        for (int i = 0; i < times; i++)
        {
            _ada.Say(WireFrame.Publish(1, ++_said, Text));
        }
    }
}

/// <inheritdoc/>
public sealed class SlowReaderOverPlainTests() : SlowReaderTests(tls: false);

/// <inheritdoc/>
public sealed class SlowReaderOverTlsTests() : SlowReaderTests(tls: true);
