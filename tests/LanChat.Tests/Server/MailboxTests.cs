using System.Text;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>Direct messages: the sender gets ACK with the sequence in the recipient's mailbox, the recipient gets the entry. Never silence.</summary>
public abstract class MailboxTests
{
    private readonly bool _tls;
    private readonly MemoryServer _server;
    private readonly MemoryCaller _ada;
    private readonly MemoryCaller _bo;

    protected MailboxTests(bool tls)
    {
        _tls = tls;
        _server = new MemoryServer(Callers.Patient with { PublishRate = 0 }, tls);
        _ada = _server.Join("ada");
        _bo = _server.Join("bo", "den");
        _ada.Frames();
        _bo.Frames();
    }

    [Fact]
    public void The_sender_gets_the_sequence_and_the_recipient_the_entry()
    {
        _ada.Say([.. WireFrame.Direct(1, "bo", "psst"), .. WireFrame.Publish(1, 2, "aloud"), .. WireFrame.Direct(3, "BO", "again\a")]);
        List<WireFrame> sender = _ada.Frames();
        Assert.Equal([(1, 1), (3, 2)], sender.Acks());
        Assert.Equal(["aloud"], sender.Texts());

        List<WireFrame> recipient = _bo.Frames();
        Assert.Equal(2, recipient.Count);
        Assert.Equal(["psst", "again\uFFFD"], recipient.Texts(EntryKind.Direct, room: 0));
        Assert.Equal([1, 2], recipient.Sequences(room: 0));
        EntryFrame entry = recipient[0].Entry;
        Assert.Equal((1UL, "ada"), (entry.Id, Encoding.UTF8.GetString(entry.Name)));
    }

    [Fact]
    public void Nobody_of_that_name_is_code_23()
    {
        _ada.Say([.. WireFrame.Direct(1, "nobody", "hello?"), .. WireFrame.Direct(2, "", "hello?"), .. WireFrame.Direct(3, "server", "hello?"), .. WireFrame.Direct(4, "no name!", "?")]);
        Assert.All(_ada.Frames().Rejections(), rejection => Assert.Equal(DisconnectReason.NoSuchMember, rejection.Code));
        Assert.Empty(_bo.Frames());
    }

    [Fact]
    public void To_oneself_one_gets_both()
    {
        _ada.Say(WireFrame.Direct(1, "ada", "note"));
        List<WireFrame> frames = _ada.Frames();
        Assert.Equal([(1, 1)], frames.Acks());
        Assert.Equal(["note"], frames.Texts(EntryKind.Direct, room: 0));
    }

    [Fact]
    public void Who_has_left_gets_nothing_more()
    {
        _ada.Say(WireFrame.Direct(1, "bo", "first"));
        _bo.Say(WireFrame.Goodbye());
        _ada.Say(WireFrame.Direct(2, "bo", "second"));
        List<WireFrame> frames = _ada.Frames();
        Assert.Equal([(1, 1)], frames.Acks());
        Assert.Equal([(2, DisconnectReason.NoSuchMember)], frames.Rejections());
    }

    [Fact]
    public void A_repeat_gets_the_same_answer_and_is_not_delivered_twice()
    {
        byte[] good = WireFrame.Direct(1, "bo", "once");
        byte[] bad = WireFrame.Direct(2, "nobody", "never");
        _ada.Say([.. good, .. bad, .. good, .. bad, .. WireFrame.Direct(1, "nobody", "another")]);
        List<WireFrame> frames = _ada.Frames();
        Assert.Equal([(1, 1), (1, 1), (1, 1)], frames.Acks());
        Assert.Equal([(2, DisconnectReason.NoSuchMember), (2, DisconnectReason.NoSuchMember)], frames.Rejections());
        Assert.Single(_bo.Frames());
    }

    [Fact]
    public void Bad_text_is_rejected()
    {
        _ada.Say([.. WireFrame.Bytes(new DirectFrame { Id = 1, To = "bo"u8, Body = [0xFF] }), .. WireFrame.Direct(2, "bo", new string('x', 4097))]);
        Assert.Equal([(1, DisconnectReason.BadText), (2, DisconnectReason.BadText)], _ada.Frames().Rejections());
        Assert.Empty(_bo.Frames());
    }

    [Fact]
    public void More_in_one_batch_than_the_mailbox_keeps_still_arrives_whole()
    {
        // 40 messages of 4 KB; a mailbox keeps 64 KiB for who is away, but bo is here and reading.
        _ada.Say([.. Enumerable.Range(1, 40).SelectMany(id => WireFrame.Direct((ulong)id, "bo", $"{id} {new string('x', 4000)}"))]);
        Assert.Equal(40, _ada.Frames().Acks().Length);
        Assert.Equal(Enumerable.Range(1, 40).Select(sequence => (ulong)sequence), _bo.Frames().Sequences(room: 0));
    }

    [Fact]
    public void A_reader_that_was_blocked_for_a_while_misses_nothing()
    {
        _bo.Client.FromServer.Capacity = 100;
        for (ulong id = 1; id <= 200; id++)
        {
            _ada.Say(WireFrame.Direct(id, "bo", $"{id} {new string('x', 1000)}"));
        }

        _bo.Client.FromServer.Capacity = int.MaxValue;
        _server.Run();
        Assert.Equal(Enumerable.Range(1, 200).Select(sequence => (ulong)sequence), _bo.Frames().Sequences(room: 0));
    }

    [Fact]
    public void What_was_read_is_kept_up_to_64_KiB_and_given_back_with_the_session()
    {
        long before = _server.Context.Pool.RentedBytes;
        for (ulong id = 1; id <= 500; id++)
        {
            _ada.Say(WireFrame.Direct(id, "bo", new string('x', 1000)));
            _bo.Frames();
        }

        Assert.InRange(_server.Context.Pool.RentedBytes - before, 64 << 10, 512 << 10);
        _bo.Client.Reset();
        _server.Run();
        Assert.InRange(_server.Context.Pool.RentedBytes, 0, before);
    }

    [Fact]
    public void A_mailbox_nobody_reads_ends_its_owner_at_the_lag_limit()
    {
        var server = new MemoryServer(Callers.Patient with { PublishRate = 0, MaxLagBytes = 64 << 10 }, _tls);
        MemoryCaller ada = server.Join("ada");
        MemoryCaller bo = server.Join("bo");
        bo.Frames();
        bo.Client.FromServer.Capacity = 0;
        string text = new('x', 1000);

        // The first is with TLS before it notices that the wire is full.
        int most = ((64 << 10) / Callers.EntryBytes("ada", text)) + (_tls ? 1 : 0);
        for (int id = 1; id <= most; id++)
        {
            ada.Say(WireFrame.Direct((ulong)id, "bo", text));
        }

        Assert.Equal(["ada", "bo"], server.Members());
        ada.Say(WireFrame.Direct((ulong)most + 1, "bo", text));
        Assert.Equal(["ada"], server.Members());
        Assert.Equal(("bo", 1u, DisconnectReason.TooSlow), Assert.Single(ada.Frames().Entries(EntryKind.Left)).LeftParts());
    }
}

/// <inheritdoc/>
public sealed class MailboxOverPlainTests() : MailboxTests(tls: false);

/// <inheritdoc/>
public sealed class MailboxOverTlsTests() : MailboxTests(tls: true);
