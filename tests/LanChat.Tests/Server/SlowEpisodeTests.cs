using LanChat.Broadcast;
using LanChat.Connections;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>What else happens to one who is too slow: it leaves, says goodbye, is a person, the server stops; and what is reported of it.</summary>
public abstract class SlowEpisodeTests(bool tls) : SkippingFixture(tls)
{
    [Fact]
    public void Who_leaves_while_it_is_frozen_gets_its_gap_its_own_leaving_and_its_parting()
    {
        MemoryCaller bo = JoinFrozen(out FollowedRoom followed);
        AdaSays(200);
        bo.Say(Callers.Leave(1));
        AdaSays(5);
        Thaw(bo);
        List<WireFrame> frames = bo.Frames();
        followed.Take(frames);
        Assert.Single(followed.Gaps);
        Assert.Equal(("bo", 1u, DisconnectReason.Goodbye), followed.Entries[^1].LeftParts());
        Assert.Equal((1u, DisconnectReason.Goodbye, "lobby"), frames[^1].PartedParts());
        Assert.Equal(FrameType.Pong, Answer(bo).Type);
    }

    [Fact]
    public void Who_leaves_and_still_does_not_read_is_ended_at_the_limit()
    {
        MemoryCaller bo = JoinFrozen(out _);
        AdaSays(200);
        bo.Say(Callers.Leave(1));
        AdaSays((Limit / EntryBytes) + 10);
        Assert.Equal(1, Server.Context.Sessions.Count);
        Thaw(bo);
        Assert.Equal(DisconnectReason.TooSlow, bo.Frames().LastWord());
    }

    [Fact]
    public void A_stoppingServer_tells_the_gap_before_the_last_word()
    {
        MemoryCaller bo = JoinFrozen(out FollowedRoom followed);
        AdaSays(200);
        Server.Context.StartDraining();
        ServerConnection connection = ConnectionOf("bo");
        connection.Loop.Post(static one => one.End(DisconnectReason.ServerStopping, drain: true), connection);
        Server.Run();
        Thaw(bo);
        List<WireFrame> frames = bo.Frames();
        followed.Take(frames);
        Assert.Single(followed.Gaps);
        Assert.Equal(Said + 2, followed.Next - 1);
        Assert.Equal(DisconnectReason.ServerStopping, frames.LastWord());
    }

    [Fact]
    public void Who_says_goodbye_while_it_is_frozen_still_gets_its_gap()
    {
        MemoryCaller bo = JoinFrozen(out FollowedRoom followed);
        AdaSays(200);
        bo.Say(WireFrame.Goodbye());
        Thaw(bo);
        followed.Take(bo.Frames());
        Assert.Single(followed.Gaps);
        Assert.Equal(EntryKind.Left, followed.Entries[^1].Entry.Kind);
    }

    [Fact]
    public void Who_said_goodbye_and_does_not_read_keeps_no_more_than_the_limit_either()
    {
        MemoryCaller bo = JoinFrozen(out _);
        bo.Say(WireFrame.Goodbye());
        AdaSays((Limit / EntryBytes) + 10);
        AdaSays(1000);
        Assert.InRange(Server.Context.Pool.RentedBytes, 0, 2 * SegmentPool.DefaultMaxSegmentBytes);
        bo.Client.Reset();
    }

    [Fact]
    public void An_episode_is_reported_once_with_its_numbers()
    {
        using var counted = new SlowCount();
        MemoryCaller bo = JoinFrozen(out FollowedRoom followed);
        AdaSays(1000);
        string began = Assert.Single(Slow());
        Assert.Contains("room 1: ", began, StringComparison.Ordinal);
        Assert.Contains($"{(Limit / EntryBytes) + 1} entries behind; policy Skip", began, StringComparison.Ordinal);
        Assert.Equal(1, counted.Episodes[SlowConsumerPolicy.Skip]);

        Thaw(bo);
        followed.Take(bo.Frames());
        Assert.Single(Slow());
        Assert.Contains($"; {followed.Totals.Missed} entries were passed over", Assert.Single(Lines("has caught up")), StringComparison.Ordinal);
        Assert.Equal(followed.Totals.Missed, counted.Skipped);

        bo.Client.FromServer.Capacity = 0;
        AdaSays(1000);
        Assert.Equal(2, Slow().Length);
        Assert.Equal(2, counted.Episodes[SlowConsumerPolicy.Skip]);
        Assert.Equal(0, counted.Episodes[SlowConsumerPolicy.End]);
    }

    [Fact]
    public void The_end_of_one_that_is_too_slow_is_reported_with_its_numbers_too()
    {
        using var counted = new SlowCount();
        var server = new MemoryServer(Options with { SlowPolicy = SlowConsumerPolicy.End }, IsTls);
        MemoryCaller ada = server.Join("ada");
        server.Join("bo").Client.FromServer.Capacity = 0;
        for (ulong id = 1; server.Members().Length == 2; id++)
        {
            Assert.InRange(id, 1u, 200u);
            ada.Say(WireFrame.Publish(1, id, Text));
        }

        Assert.Contains($"{(Limit / EntryBytes) + 1} entries behind; policy End", Assert.Single(Slow()), StringComparison.Ordinal);
        Assert.Equal((1, 0, 0L), (counted.Episodes[SlowConsumerPolicy.End], counted.Episodes[SlowConsumerPolicy.Skip], counted.Skipped));
    }

    [Fact]
    public void A_person_gets_one_line_for_what_was_passed_over_and_the_confirmations_in_it()
    {
        MemoryCaller person = Server.ConnectPlain();
        person.Say("/name bo\n");
        person.Lines();
        person.Client.FromServer.Capacity = 0;

        // What is drawn already waits outside the log.
        AdaSays(100);
        person.Say("mine\n");
        AdaSays(300);
        Assert.Equal(["ada", "bo"], Server.Members());
        person.Client.FromServer.Capacity = int.MaxValue;
        string[] lines = [];
        for (int i = 0; i < 3; i++)
        {
            lines = [.. lines, .. person.Lines()];
        }

        int gap = Array.FindIndex(lines, line => line.StartsWith("* missed ", StringComparison.Ordinal));
        Assert.Equal(gap, Array.FindLastIndex(lines, line => line.StartsWith("* missed ", StringComparison.Ordinal)));
        string[] words = lines[gap].Split(' ');
        int missed = int.Parse(words[4], null) - int.Parse(words[2], null) + 1;
        Assert.StartsWith("ok ", lines[gap + 1], StringComparison.Ordinal);
        Assert.Equal(400, lines.Count(line => line.EndsWith(Text, StringComparison.Ordinal)) + missed - 1);
    }

    [Fact]
    public void A_person_who_only_speaks_and_never_reads_is_ended()
    {
        MemoryCaller person = Server.ConnectPlain();
        person.Say("hello\n");
        person.Lines();
        person.Client.FromServer.Capacity = 0;
        string lines = string.Concat(Enumerable.Repeat("x\n", 1000));
        int times = 0;
        while (Server.Members().Length == 2)
        {
            Assert.InRange(++times, 1, 100);
            person.Say(lines);
            Ada.Frames();
        }

        Assert.InRange(times, 60, 75);
    }
}

/// <inheritdoc/>
public sealed class SlowEpisodeOverPlainTests() : SlowEpisodeTests(tls: false);

/// <inheritdoc/>
public sealed class SlowEpisodeOverTlsTests() : SlowEpisodeTests(tls: true);
