using LanChat.Tests.Broadcast;
using LanChat.Tests.Support;
using LanChat.Transport;
using Xunit;

namespace LanChat.Tests.Interleaving;

/// <summary>
/// Each rule by which no wake is lost, broken once: the case then fails in some order, and holds in all when the rule is kept. A fence that is taken away is put here as
/// what it forbids, the read before the write, since the scheduler knows no other orders than those of whole steps.
/// </summary>
public sealed class SeededSleepBugTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_loop_that_looks_before_it_says_that_it_sleeps_is_caught(bool isBroken) => EveryOrder.HoldsUnless(isBroken, output, 2, scheduler =>
    {
        HandMadeLoop loop = new(scheduler) { LooksBeforeItSleeps = isBroken };
        return new InterleavingCase([loop.Run, loop.Bring], () => Assert.Equal(1, loop.News.Seen));
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void One_who_asks_whether_the_loop_sleeps_before_he_brings_is_caught(bool isBroken) => EveryOrder.HoldsUnless(isBroken, output, 2, scheduler =>
    {
        HandMadeLoop loop = new(scheduler) { AsksBeforeItBrings = isBroken };
        return new InterleavingCase([loop.Run, loop.Bring], () => Assert.Equal(1, loop.News.Seen));
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void One_who_marks_before_the_news_is_there_is_caught(bool isBroken) => EveryOrder.HoldsUnless(isBroken, output, 2, scheduler =>
    {
        HandMadeLoop loop = new(scheduler) { MarksBeforeTheNews = isBroken };
        return new InterleavingCase([loop.Run, loop.Bring], () => Assert.Equal(1, loop.News.Seen));
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_mark_that_is_cleared_after_the_look_for_news_is_caught(bool isBroken) => EveryOrder.HoldsUnless(isBroken, output, 3, scheduler =>
    {
        HandMadeLoop loop = new(scheduler) { ClearsAfterTheLook = isBroken };
        return new InterleavingCase([loop.Run, loop.Bring, loop.Bring], () => Assert.Equal(2, loop.News.Seen));
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_mark_that_is_cleared_before_the_way_to_the_next_was_read_is_caught(bool isBroken) => EveryOrder.HoldsUnless(isBroken, output, 2, scheduler =>
    {
        HandMadeLoop loop = new(scheduler) { ClearsBeforeNext = isBroken };
        loop.Bring();
        loop.BringOther();
        return new InterleavingCase([loop.Run, loop.Bring], () => Assert.Equal([2, 1], [loop.News.Seen, loop.Other.Seen]));
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_flag_that_is_taken_by_a_read_and_a_write_wakes_twice_and_is_caught(bool isBroken) => EveryOrder.HoldsUnless(isBroken, output, 2, _ =>
    {
        SleepFlag flag = new();
        flag.Raise();
        bool isAsleep = true;
        int wakes = 0;
        void Wake()
        {
            bool taken;
            if (isBroken)
            {
                Interleave.Point(Access.Read, flag);
                taken = isAsleep;
                Interleave.Point(Access.Change, flag);
                isAsleep = false;
            }
            else
            {
                taken = flag.TryTake();
            }

            wakes += taken ? 1 : 0;
        }

        return new InterleavingCase([Wake, Wake], () => Assert.Equal(1, wakes));
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_stop_that_takes_the_last_work_before_it_closes_is_caught(bool isBroken) => EveryOrder.HoldsUnless(isBroken, output, 2, _ =>
    {
        IntrusiveStack<PostedWork> posted = new();
        int ran = 0;
        bool accepted = false;
        void Stop()
        {
            PostedWork? work = isBroken ? posted.TakeAll() : posted.Close();
            work?.Run();
            posted.Close();
        }

        return new InterleavingCase(
            [Stop, () => accepted = posted.TryPush(new PostedWork<int>(_ => ran++, 0))],
            () => Assert.Equal(accepted ? 1 : 0, ran));
    });

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void A_publisher_and_a_joiner_who_look_before_they_write_are_caught(bool publisherIsBroken, bool joinerIsBroken) =>
        EveryOrder.HoldsUnless(publisherIsBroken || joinerIsBroken, output, 2, scheduler =>
        {
            InterleavedLog log = new();
            VerifyingReader publisher = log.AddReader();
            VerifyingReader member = log.AddReader();
            bool isCounted = false;
            int rounds = 0;
            void Publish()
            {
                bool wakes = publisherIsBroken && IsCounted();
                Assert.True(PatternedEntries.TryAppend(publisher.Cursor, InterleavedLog.Small));
                if (publisherIsBroken ? wakes : IsCounted())
                {
                    scheduler.Ring(member);
                }
            }

            bool IsCounted()
            {
                Interleave.Point(Access.Read, member);
                return isCounted;
            }

            void Count()
            {
                Interleave.Point(Access.Change, member);
                isCounted = true;
            }

            void Join()
            {
                if (!joinerIsBroken)
                {
                    Count();
                }

                member.Read();
                if (joinerIsBroken)
                {
                    Count();
                }

                for (rounds = 0; scheduler.AwaitRing(member); rounds++)
                {
                    member.Read();
                }
            }

            return new InterleavingCase([Publish, Join], () =>
            {
                Assert.Equal(2, member.NextSequence);
                Assert.InRange(rounds, 0, 1);
                log.Check(1);
            });
        });

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void A_drain_and_an_end_that_look_before_they_write_are_caught(bool drainIsBroken, bool endIsBroken) =>
        EveryOrder.HoldsUnless(drainIsBroken || endIsBroken, output, 2, _ =>
        {
            object connectionsWord = new();
            object drainingWord = new();
            int connections = 1;
            bool isDraining = false;
            bool isTold = false;
            void Drain()
            {
                bool none = drainIsBroken && HasNone();
                Interleave.Point(Access.Change, drainingWord);
                isDraining = true;
                isTold |= drainIsBroken ? none : HasNone();
            }

            void End()
            {
                bool draining = endIsBroken && IsDraining();
                Interleave.Point(Access.Change, connectionsWord);
                connections--;
                isTold |= endIsBroken ? draining : IsDraining();
            }

            bool HasNone()
            {
                Interleave.Point(Access.Read, connectionsWord);
                return connections == 0;
            }

            bool IsDraining()
            {
                Interleave.Point(Access.Read, drainingWord);
                return isDraining;
            }

            return new InterleavingCase([Drain, End], () => Assert.True(isTold));
        });
}
