using LanChat.Broadcast;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Broadcast;

/// <summary>
/// The exhaustive scheduler finds what it is there to find: each rule of the log is broken here once, and the very case that then fails
/// passes when the rule is kept.
/// </summary>
public sealed class SeededBugTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_reader_that_drops_its_reference_before_it_takes_the_next_is_caught(bool isBroken) => Explore(isBroken, 2, () =>
    {
        InterleavedLog log = new();
        log.Fill(InterleavedLog.Large, InterleavedLog.Large);
        LogSegment first = FirstSegment(log);
        first.AddReference();
        return new InterleavingCase(
            [
                () =>
                {
                    LogSegment next = first.Next!;
                    if (isBroken)
                    {
                        log.Log.Release(first);
                        next.AddReference();
                    }
                    else
                    {
                        next.AddReference();
                        log.Log.Release(first);
                    }

                    Assert.Equal(InterleavedLog.Large, next.EntryBytesAt(0));
                    log.Log.Release(next);
                },
                () => log.Trim(keepEntries: 0, expireAll: true),
            ],
            () => log.Check(2));
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_publisher_that_is_not_anchored_in_a_cursor_is_caught(bool isBroken) => Explore(isBroken, 2, () =>
    {
        InterleavedLog log = new();
        VerifyingReader reader = log.AddReader();
        log.Fill(InterleavedLog.Small);
        LogSegment remembered = FirstSegment(log);
        if (isBroken)
        {
            reader.Dispose();
        }

        return new InterleavingCase(
            [
                () =>
                {
                    Assert.True(log.Log.TryReserveFrom(ref remembered, InterleavedLog.Small, force: false, out LogReservation reservation));
                    PatternedEntries.Fill(reservation);
                    log.Log.Commit(reservation);
                },
                () => log.Trim(keepEntries: 0, expireAll: true),
            ],
            () => log.Check(2, isBroken ? reader : null));
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_joiner_that_does_not_hold_the_gate_is_caught(bool isBroken) => Explore(isBroken, 2, () =>
    {
        InterleavedLog log = new();
        log.Fill(InterleavedLog.Large, InterleavedLog.Large);
        return new InterleavingCase(
            [
                () => log.Join(atOldest: true, underGate: !isBroken),
                () => log.Trim(keepEntries: 0),
            ],
            () => log.Check(2));
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_joiner_that_vouches_for_entries_before_it_is_caught(bool isBroken) => Explore(isBroken, 3, () =>
    {
        InterleavedLog log = new();
        VerifyingReader writer = log.AddReader();
        VerifyingReader reader = log.AddReader();
        VerifyingReader other = log.AddReader();
        return new InterleavingCase(
            [
                () => Assert.True(PatternedEntries.TryAppend(writer.Cursor, InterleavedLog.Small)),
                () =>
                {
                    Assert.True(other.Cursor.TryReserve(InterleavedLog.Small, force: false, out LogReservation own));
                    PatternedEntries.Fill(own);
                    log.Log.Commit(own);
                    own.Segment.CommittedFrontier(known: own.Offset, verifiedFrom: isBroken ? 0 : own.Offset);
                },
                () => reader.Read(),
            ],
            () => log.Check(2));
    });

    private static LogSegment FirstSegment(InterleavedLog log)
    {
        using LogCursor cursor = log.Log.Subscribe(1);
        cursor.ReleaseFinished();
        return cursor.Segment;
    }

    private void Explore(bool isBroken, int threads, Func<InterleavingCase> makeCase) => EveryOrder.HoldsUnless(isBroken, output, threads, _ => makeCase());
}
