using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Broadcast;

/// <summary>Small cases of everything that races in the log, run in every order of their steps.</summary>
public sealed class EveryInterleavingTests(ITestOutputHelper output)
{
    private const int Small = InterleavedLog.Small;
    private const int Large = InterleavedLog.Large;

    private static readonly bool IsLong = TestLength.IsLong;

    [Fact]
    public void Two_publishers_seal_and_help() => ExploreAll(2, () =>
    {
        InterleavedLog log = new();
        VerifyingReader a = log.AddReader();
        VerifyingReader b = log.AddReader();
        return new InterleavingCase([() => Publish(a, Small, Large), () => Publish(b, IsLong ? [Small, Small] : [Small])], () => log.Check(IsLong ? 4 : 3));
    });

    [Fact]
    public void Three_publishers_meet_at_one_seal() => ExploreAll(3, () =>
    {
        InterleavedLog log = new();
        VerifyingReader[] readers = [log.AddReader(), log.AddReader(), log.AddReader()];
        return new InterleavingCase([.. readers.Select(reader => (Action)(() => Publish(reader, Small)))], () => log.Check(3));
    });

    [Fact]
    public void A_reader_follows_a_publisher_across_seals() => ExploreAll(2, () =>
    {
        InterleavedLog log = new();
        VerifyingReader a = log.AddReader();
        VerifyingReader b = log.AddReader();
        return new InterleavingCase(
            [
                () => Publish(a, IsLong ? [Small, Large, Small, Small] : [Small, Large, Small]),
                () =>
                {
                    b.Read(takeBytes: 12);
                    b.ReadRestOfEntry();
                    b.Read();
                    b.Cursor.Lag(0);
                },
            ],
            () => log.Check(IsLong ? 4 : 3));
    });

    [Fact]
    public void Two_readers_share_the_frontier_and_leave_while_a_publisher_goes_on() => ExploreAll(3, () =>
    {
        InterleavedLog log = new();
        VerifyingReader a = log.AddReader();
        VerifyingReader b = log.AddReader();
        VerifyingReader c = log.AddReader();
        return new InterleavingCase(
            [
                () => Publish(a, Small, Large),
                () => b.Read(),
                () => c.Dispose(),
            ],
            () => log.Check(2, c));
    });

    [Fact]
    public void A_trim_drops_what_a_reader_reads_and_a_publisher_adds() => ExploreAll(3, () =>
    {
        InterleavedLog log = new();
        VerifyingReader a = log.AddReader();
        VerifyingReader b = log.AddReader();
        log.Fill(Large);
        return new InterleavingCase(
            [
                () => { Publish(a, Large); a.Dispose(); },
                () => b.Read(),
                () => log.Trim(keepEntries: 0),
            ],
            () => log.Check(2, a));
    });

    [Fact]
    public void A_tail_expires_under_a_publisher_and_a_reader() => ExploreAll(3, () =>
    {
        InterleavedLog log = new();
        VerifyingReader a = log.AddReader();
        VerifyingReader b = log.AddReader();
        log.Fill(Small);
        return new InterleavingCase(
            [
                () => Publish(a, Small),
                () => b.Read(),
                () => log.Trim(keepEntries: long.MaxValue, expireAll: true),
            ],
            () => log.Check(2));
    });

    [Fact]
    public void A_tail_expires_twice_under_a_publisher_that_fills_it() => ExploreAll(2, () =>
    {
        InterleavedLog log = new();
        VerifyingReader a = log.AddReader();
        return new InterleavingCase(
            [
                () => Publish(a, Small, Large),
                () =>
                {
                    log.Trim(keepEntries: long.MaxValue, expireAll: true);
                    log.Trim(keepEntries: long.MaxValue, expireAll: true);
                },
            ],
            () => log.Check(2));
    });

    [Fact]
    public void A_joiner_at_the_oldest_entry_meets_a_trim_and_a_publisher() => ExploreAll(3, () =>
    {
        InterleavedLog log = new();
        VerifyingReader a = log.AddReader();
        log.Fill(Small, Small);
        return new InterleavingCase(
            [
                () => { Publish(a, Small); a.Dispose(); },
                () => log.Join(atOldest: true).Read(),
                () => log.Trim(keepEntries: 1),
            ],
            () => log.Check(3, a));
    });

    [Fact]
    public void A_joiner_at_the_tail_does_not_show_what_is_not_committed_before_it() => ExploreAll(3, () =>
    {
        InterleavedLog log = new();
        VerifyingReader a = log.AddReader();
        VerifyingReader b = log.AddReader();
        return new InterleavingCase(
            [
                () => Publish(a, Small),
                () => b.Read(),
                () =>
                {
                    VerifyingReader joiner = log.Join(atOldest: false);
                    Publish(joiner, Small);
                    joiner.Read();
                },
            ],
            () => log.Check(2));
    });

    [Fact]
    public void A_joined_entry_and_its_cursor_agree_while_others_publish() => ExploreAll(2, () =>
    {
        InterleavedLog log = new();
        VerifyingReader a = log.AddReader();
        return new InterleavingCase(
            [
                () => Publish(a, Small, Small),
                () => log.AppendAndSubscribeAfter(Large).Read(),
            ],
            () => log.Check(3));
    });

    [Fact]
    public void A_log_is_closed_under_those_who_still_use_it() => ExploreAll(3, () =>
    {
        InterleavedLog log = new();
        VerifyingReader a = log.AddReader();
        VerifyingReader b = log.AddReader();
        log.Fill(Large);
        return new InterleavingCase(
            [
                () => { Publish(a, Large); a.Dispose(); },
                () => { b.Read(); b.Dispose(); },
                log.Close,
            ],
            () => log.Check(2, a, b));
    });

    [Fact]
    public void Publishers_race_for_the_last_of_the_budget() => ExploreAll(2, () =>
    {
        InterleavedLog log = new(budgetBytes: 32);
        VerifyingReader a = log.AddReader();
        VerifyingReader b = log.AddReader();
        int appended = 0;
        void PublishWhatFits(VerifyingReader reader)
        {
            int mine = PatternedEntries.TryAppend(reader.Cursor, Large) ? 1 : 0;
            mine += PatternedEntries.TryAppend(reader.Cursor, Small) ? 1 : 0;
            appended += mine;
        }

        // The other's memory may be counted in the moment before it is linked or given back, but somebody always gets it.
        return new InterleavingCase([() => PublishWhatFits(a), () => PublishWhatFits(b)], () =>
        {
            Assert.InRange(appended, 2, 3);
            log.Check(appended);
        });
    });

    [Fact]
    public void Segments_are_used_again_while_late_readers_leave_them() => ExploreAll(2, () =>
    {
        InterleavedLog log = new(retainedBytes: 16);
        VerifyingReader a = log.AddReader();
        VerifyingReader b = log.AddReader();
        log.Fill(Large, Large);
        return new InterleavingCase(
            [
                () => { a.Read(); Publish(a, IsLong ? [Large, Large] : [Large]); },
                () => { log.Trim(keepEntries: 0); b.Read(); },
            ],
            () => log.Check(IsLong ? 4 : 3));
    });

    [Fact]
    public void A_reader_skips_across_seals_while_a_publisher_goes_on() => ExploreAll(2, () =>
    {
        InterleavedLog log = new();
        VerifyingReader a = log.AddReader();
        VerifyingReader b = log.AddReader();
        log.Fill(Small);
        return new InterleavingCase(
            [
                () => Publish(a, Small, Large),
                () =>
                {
                    b.Skip(keepBytes: 8);
                    b.Read();
                },
            ],
            () => log.Check(3));
    });

    [Fact]
    public void A_publisher_a_reader_a_joiner_and_a_trim_at_once()
    {
        Assert.SkipUnless(IsLong, "115,000 orders: with LANCHAT_TEST_LONG=1.");
        ExploreAll(4, () =>
        {
            InterleavedLog log = new();
            VerifyingReader a = log.AddReader();
            VerifyingReader b = log.AddReader();
            log.Fill(Large);
            return new InterleavingCase(
                [
                    () => Publish(a, Small),
                    () => { b.Read(); b.Dispose(); },
                    () => log.AppendAndSubscribeAfter(Small),
                    () => log.Trim(keepEntries: 0),
                ],
                () => log.Check(3, b));
        });
    }

    private static void Publish(VerifyingReader reader, params ReadOnlySpan<int> sizes)
    {
        foreach (int size in sizes)
        {
            Assert.True(PatternedEntries.TryAppend(reader.Cursor, size));
        }
    }

    private void ExploreAll(int threads, Func<InterleavingCase> makeCase) => EveryOrder.Holds(output, threads, _ => makeCase());
}
