using LanChat.Broadcast;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>The policy Skip: who does not read is moved on, is told exactly what it missed, and costs no more than the lag limit meanwhile.</summary>
public abstract class SkippingTests(bool tls) : SkippingFixture(tls)
{
    [Fact]
    public void Who_reads_again_gets_one_gap_the_members_and_all_from_there_on()
    {
        MemoryCaller bo = JoinFrozen(out FollowedRoom followed);
        AdaSays(1000);
        Assert.Equal(["ada", "bo"], Server.Members());
        Thaw(bo);

        List<WireFrame> frames = bo.Frames();
        followed.Take(frames);
        (ulong _, ulong to) = Assert.Single(followed.Gaps);
        Assert.Equal((1000L, 0), (followed.Totals.Received + followed.Totals.Missed, bo.UnreadBytes));
        Assert.Equal(Said + 2, followed.Next - 1);

        // Gap, list, entries: nothing between, and it goes on within half the limit of the newest.
        int gap = frames.FindIndex(frame => frame.Type == FrameType.Gap);
        Assert.Equal((FrameType.Roster, FrameType.Entry), (frames[gap + 1].Type, frames[gap + 2].Type));
        Assert.Equal(["ada", "bo"], frames[gap + 1].RosterNames().Order());
        Assert.Equal(to + 1, frames[gap + 2].Entry.Sequence);
        Assert.InRange(frames.Skip(gap + 2).Count(), 1, Limit / EntryBytes);

        // Another episode is another gap.
        bo.Client.FromServer.Capacity = 0;
        AdaSays(200);
        Thaw(bo);
        followed.Take(bo.Frames());
        Assert.Equal(2, followed.Gaps.Count);
        Assert.Equal(1200, followed.Totals.Received + followed.Totals.Missed);
    }

    [Fact]
    public void The_limit_is_exact()
    {
        MemoryCaller bo = JoinFrozen(out FollowedRoom followed);
        AdaSays((IsTls ? 1 : 0) + (Limit / EntryBytes));
        Assert.Empty(Slow());
        Thaw(bo);
        followed.Take(bo.Frames());
        Assert.Empty(followed.Gaps);

        bo.Client.FromServer.Capacity = 0;
        AdaSays((IsTls ? 1 : 0) + (Limit / EntryBytes) + 1);
        Assert.Single(Slow());
        Thaw(bo);
        followed.Take(bo.Frames());

        // The first entry within half the limit of the newest.
        (ulong _, ulong to) = Assert.Single(followed.Gaps);
        Assert.Equal(Limit / 2 / EntryBytes, (int)(followed.Next - 1 - to));
    }

    [Fact]
    public void While_it_stands_still_it_keeps_no_more_than_the_limit_and_its_output_does_not_grow()
    {
        MemoryCaller bo = JoinFrozen(out FollowedRoom followed);
        long most = 0;
        for (int i = 0; i < 3000; i++)
        {
            AdaSays(1);
            most = Math.Max(most, Server.Context.Pool.RentedBytes);
            Assert.InRange(Waiting("bo"), 0, EntryBytes);
        }

        Assert.InRange(most, Limit / 2, Limit + (2 * SegmentPool.DefaultMaxSegmentBytes));
        Thaw(bo);
        followed.Take(bo.Frames());
        Assert.Single(followed.Gaps);
        AdaSays(1000);
        Assert.InRange(Server.Context.Pool.RentedBytes, 0, 2 * SegmentPool.DefaultMaxSegmentBytes);
    }

    [Fact]
    public void A_send_cut_at_any_byte_stays_whole_across_a_skip()
    {
        var server = new MemoryServer(Options, IsTls);
        MemoryCaller ada = server.Join("ada");
        ada.Say(WireFrame.Join("den"));
        ulong id = 0;
        for (int cut = 0; cut < 150; cut++)
        {
            ada.Frames();
            MemoryCaller bo = server.Join("bo");
            bo.Say(WireFrame.Join("den"));
            var lobby = new FollowedRoom();
            var den = new FollowedRoom(room: 2);
            List<WireFrame> frames = bo.Frames();
            lobby.Take(frames);
            den.Take(frames);
            bo.Client.FromServer.Capacity = cut;
            ada.Say([.. WireFrame.Publish(1, ++id, "in the lobby"), .. WireFrame.Publish(2, ++id, "in the den")]);
            ada.Say(WireFrame.Direct(++id, "bo", "psst"));
            for (int i = 0; i < 70; i++)
            {
                ada.Say(WireFrame.Publish(1, ++id, Text));
                ada.Say(WireFrame.Publish(2, ++id, i % 2 == 0 ? Text : "den"));
            }

            bo.Say([.. Callers.Ping(7), .. WireFrame.Publish(9, 1, "nowhere"), .. Callers.Who(2)]);
            Thaw(bo, server);
            frames = bo.Frames();
            Assert.Equal(0, bo.UnreadBytes);
            frames.Only(FrameType.Pong);
            frames.Only(FrameType.Rejected);
            Assert.Equal(["psst"], frames.Texts(EntryKind.Direct, room: 0));
            lobby.Take(frames);
            den.Take(frames);
            Assert.Single(lobby.Gaps);
            Assert.Empty(den.Gaps);
            Assert.Equal(lobby.Next, LastSequence(server, "lobby") + 1);
            Assert.Equal(den.Next, LastSequence(server, "den") + 1);
            bo.Say(WireFrame.Goodbye());
        }
    }

    [Fact]
    public void Who_takes_a_byte_now_and_then_is_told_of_each_gap_and_piles_up_nothing()
    {
        int seed = Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage($"Seed {seed}");
#pragma warning disable CA5394 // A test's own dice.
        var random = new Random(seed);
        MemoryCaller bo = JoinFrozen(out FollowedRoom followed);
        bo.Client.FromServer.NextPiece = () => random.Next(1, 50);
        for (int i = 0; i < 2000; i++)
        {
            AdaSays(random.Next(1, 8));
            if (random.Next(3) == 0)
            {
                bo.Client.FromServer.Capacity = random.Next(0, 60);
                followed.Take(bo.Frames());
            }

            // The rest of an entry, or one gap and one list.
            Assert.InRange(Waiting("bo"), 0, EntryBytes + 1024);
        }
#pragma warning restore CA5394

        Thaw(bo);
        followed.Take(bo.Frames());
        Assert.True(followed.Gaps.Count > 0, $"Seed {seed}: no gap.");
        Assert.Equal((long)Said, followed.Totals.Received + followed.Totals.Missed);
    }

    [Fact]
    public void Own_messages_in_a_gap_are_confirmed_when_they_are_sent_again()
    {
        MemoryCaller bo = JoinFrozen(out FollowedRoom followed);
        bo.Say(WireFrame.Publish(1, 1, "mine, first"));
        AdaSays(10);
        bo.Say(WireFrame.Publish(1, 2, "mine, second"));
        AdaSays(200);
        bo.Say(WireFrame.Publish(1, 3, "mine, last"));
        Thaw(bo);
        followed.Take(bo.Frames());
        (ulong _, ulong to) = Assert.Single(followed.Gaps);
        Assert.Equal("mine, last", followed.Entries[^1].ToString().Split(": ")[1]);

        bo.Say([.. WireFrame.Publish(1, 2, "mine, second"), .. WireFrame.Publish(1, 4, "goes on")]);
        List<WireFrame> frames = bo.Frames();
        (ulong id, ulong sequence) = Assert.Single(frames.Acks());
        Assert.Equal(2u, id);
        Assert.InRange(sequence, 1u, to);
        Assert.Equal(["goes on"], frames.Texts());
    }

    [Fact]
    public void A_mailbox_is_passed_over_too()
    {
        MemoryCaller bo = JoinFrozen(out FollowedRoom lobby);
        var mailbox = new FollowedRoom(room: 0);
        for (int i = 0; i < 200; i++)
        {
            Ada.Say(WireFrame.Direct(++Said, "bo", Text));
        }

        Assert.Equal(["ada", "bo"], Server.Members());
        Thaw(bo);
        List<WireFrame> frames = bo.Frames();
        lobby.Take(frames);
        mailbox.Take(frames);
        Assert.Empty(lobby.Gaps);
        Assert.Single(mailbox.Gaps);
        Assert.Equal(200, mailbox.Totals.Received + mailbox.Totals.Missed);
        Assert.DoesNotContain(frames, frame => frame.Type == FrameType.Roster);
    }

    [Fact]
    public void Replay_that_is_too_slow_for_what_isSaid_is_passed_over_with_the_rest()
    {
        var server = new MemoryServer(Options with { MaxHistoryBytes = 1 << 20 }, IsTls);
        MemoryCaller ada = server.Join("ada");
        for (ulong id = 1; id <= 200; id++)
        {
            ada.Say(WireFrame.Publish(1, id, Text));
        }

        MemoryCaller bo = server.Connect();
        bo.Client.FromServer.Capacity = 500;
        bo.Say([.. WireFrame.Hello("bo"), .. WireFrame.Join("lobby", 65535)]);
        for (ulong id = 201; id <= 400; id++)
        {
            ada.Say(WireFrame.Publish(1, id, Text));
        }

        var followed = new FollowedRoom();
        Thaw(bo, server);
        for (int i = 0; i < 3; i++)
        {
            followed.Take(bo.Frames());
        }

        Assert.Single(followed.Gaps);
        Assert.Equal(402, followed.Totals.Received + followed.Totals.Missed);
    }

    [Fact]
    public void A_counted_room_tells_its_number_after_the_gap_instead_of_names()
    {
        var server = new MemoryServer(Options with { PresenceLimit = 2 }, IsTls);
        MemoryCaller ada = server.Join("ada");
        MemoryCaller bo = server.Join("bo");
        var followed = new FollowedRoom().Take(bo.Frames());
        bo.Client.FromServer.Capacity = 0;

        // It becomes counted in what bo misses: after what TLS takes before it notices.
        ada.Say(WireFrame.Publish(1, 1, "first"));
        server.Join("cy");
        server.Advance(2);
        for (ulong id = 2; id <= 200; id++)
        {
            ada.Say(WireFrame.Publish(1, id, Text));
        }

        Thaw(bo, server);
        List<WireFrame> frames = bo.Frames();
        followed.Take(frames, isCounted: true);
        (ulong _, ulong to) = Assert.Single(followed.Gaps);
        Assert.DoesNotContain(frames, frame => frame.Type == FrameType.Roster);
        Assert.Empty(frames.Entries(EntryKind.Members));
        server.Advance(2);
        WireFrame number = Assert.Single(bo.Frames());
        Assert.Equal((EntryKind.Members, 3u), (number.Entry.Kind, number.MembersNow()));
        Assert.True(number.Entry.Sequence > to);
    }
}

/// <inheritdoc/>
public sealed class SkippingOverPlainTests() : SkippingTests(tls: false);

/// <inheritdoc/>
public sealed class SkippingOverTlsTests() : SkippingTests(tls: true);
