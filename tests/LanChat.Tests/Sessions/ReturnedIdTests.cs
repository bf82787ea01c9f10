using LanChat.Framing;
using LanChat.Sessions;
using LanChat.Tests.Server;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Sessions;

/// <summary>Ids and the mailbox of who comes back: each id has one outcome over all connections, and no direct message is lost in silence.</summary>
public abstract class ReturnedIdTests
{
    private readonly MemoryServer _server;
    private readonly MemoryCaller _ada;
    private readonly ReturningCaller _bo;

    protected ReturnedIdTests(bool tls)
    {
        _server = new MemoryServer(Resuming.Options with { Loops = 2 }, tls);
        _ada = _server.Join("ada");
        _bo = new ReturningCaller(_server, "bo");
        _ada.Frames();
        _bo.Caller.Frames();
    }

    [Fact]
    public void A_repeat_over_another_connection_gets_the_same_outcome()
    {
        byte[][] sent =
        [
            WireFrame.Publish(1, 1, "one"),
            WireFrame.Publish(9, 2, "nowhere"),
            WireFrame.Direct(3, "ada", "psst"),
            WireFrame.Direct(4, "nobody", "psst"),
        ];
        _bo.Caller.Say([.. sent.SelectMany(bytes => bytes)]);
        ulong sequence = Assert.Single(_ada.Frames().Entries(EntryKind.Message)).Entry.Sequence;
        _bo.Lose();
        List<WireFrame> frames = _bo.Return([_bo.Rejoin(), .. sent, WireFrame.Publish(1, 5, "two")]);
        Assert.Equal(4UL, frames[0].Welcome.LastId);
        Assert.Equal([(1UL, sequence), (3UL, 1UL)], frames.Acks());
        Assert.Equal([(2UL, DisconnectReason.NotAMember), (4UL, DisconnectReason.NoSuchMember)], frames.Rejections());
        Assert.Equal(["one", "two"], frames.Texts());
        Assert.Equal(["two"], _ada.Frames().Texts());
    }

    [Fact]
    public void An_id_that_is_neither_next_nor_known_is_a_violation_as_before()
    {
        _bo.Caller.Say(WireFrame.Publish(1, 1, "one"));
        _bo.Lose();
        Assert.Equal(DisconnectReason.ProtocolViolation, _bo.Return(_bo.Rejoin(), WireFrame.Publish(1, 3, "three")).LastWord());
        Assert.Equal(1UL, _bo.Session.LastId);
    }

    [Fact]
    public void Direct_messages_wait_for_who_is_away()
    {
        _ada.Say(WireFrame.Direct(1, "bo", "first"));
        Assert.Equal(["Direct ada first"], _bo.Caller.Seen());
        _bo.Lose();
        _ada.Say([.. WireFrame.Direct(2, "bo", "second"), .. WireFrame.Direct(3, "bo", "third")]);
        Assert.Equal([(1UL, 1UL), (2UL, 2UL), (3UL, 3UL)], _ada.Frames().Acks());
        _bo.MailboxAfter = 1;
        List<WireFrame> frames = _bo.Return();
        Assert.Equal((JoinOutcome.Recovered, 2UL, 3UL), MailboxOf(frames));
        Assert.Equal(_bo.Id, frames[0].Welcome.MailboxEpoch);
        Assert.Equal(["Direct ada second", "Direct ada third"], frames.Seen());
        _ada.Say(WireFrame.Direct(4, "bo", "fourth"));
        Assert.Equal(["Direct ada fourth"], _bo.Caller.Seen());
    }

    [Fact]
    public void What_was_sent_and_not_processed_is_sent_again()
    {
        _ada.Say([.. WireFrame.Direct(1, "bo", "first"), .. WireFrame.Direct(2, "bo", "second")]);
        Assert.Equal(2, _bo.Caller.Frames().Count);

        // Also to who takes the session over from a connection that is still there.
        List<WireFrame> frames = _bo.Return();
        Assert.Equal((JoinOutcome.Recovered, 1UL, 2UL), MailboxOf(frames));
        Assert.Equal(["Direct ada first", "Direct ada second"], frames.Seen());
    }

    [Fact]
    public void A_mailbox_that_had_to_drop_some_says_so()
    {
        _bo.Lose();
        string text = new('x', 1000);
        for (ulong id = 1; id <= 100; id++)
        {
            _ada.Say(WireFrame.Direct(id, "bo", text));
        }

        int kept = Mailbox.KeepBytes / Callers.EntryBytes("ada", text);
        List<WireFrame> frames = _bo.Return();
        Assert.Equal((JoinOutcome.Gap, 101UL - (ulong)kept, 100UL), MailboxOf(frames));
        Assert.Equal(Enumerable.Range(101 - kept, kept).Select(sequence => (ulong)sequence), frames.Sequences(room: 0));
    }

    [Fact]
    public void A_mailbox_that_never_went_so_far_is_read_from_its_beginning()
    {
        _ada.Say(WireFrame.Direct(1, "bo", "first"));
        _bo.Lose();
        _bo.MailboxAfter = 5;
        List<WireFrame> frames = _bo.Return();
        Assert.Equal((JoinOutcome.Reset, 1UL, 1UL), MailboxOf(frames));
        Assert.Equal(["Direct ada first"], frames.Seen());
    }

    [Fact]
    public void A_mailbox_that_got_nothing_goes_on()
    {
        _bo.Lose();
        Assert.Equal((JoinOutcome.Recovered, 1UL, 0UL), MailboxOf(_bo.Return()));
        _ada.Say(WireFrame.Direct(1, "bo", "first"));
        Assert.Equal(["Direct ada first"], _bo.Caller.Seen());
    }

    [Fact]
    public void The_mailbox_of_a_session_that_is_over_is_given_back()
    {
        long before = _server.Context.Pool.RentedBytes;
        _bo.Lose();
        _ada.Say(WireFrame.Direct(1, "bo", "are you there?"));
        Assert.True(_server.Context.Pool.RentedBytes > before);
        _server.Advance(32);
        Assert.Equal(before, _server.Context.Pool.RentedBytes);
        _ada.Say(WireFrame.Direct(2, "bo", "are you there?"));
        Assert.Equal([(2UL, DisconnectReason.NoSuchMember)], _ada.Frames().Rejections());
    }

    private static (JoinOutcome Outcome, ulong First, ulong Newest) MailboxOf(List<WireFrame> frames)
    {
        WelcomeFrame welcome = frames.Only(FrameType.Welcome).Welcome;
        return (welcome.MailboxOutcome, welcome.MailboxFirst, welcome.MailboxNewest);
    }
}

/// <inheritdoc/>
public sealed class ReturnedIdOverPlainTests() : ReturnedIdTests(tls: false);

/// <inheritdoc/>
public sealed class ReturnedIdOverTlsTests() : ReturnedIdTests(tls: true);
