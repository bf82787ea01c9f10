using LanChat.Connections;
using LanChat.Tests.Support;
using LanChat.Tests.Transport;
using Xunit;

namespace LanChat.Tests.Interleaving;

/// <summary>A loop that falls asleep and those who bring it something, in every order of their steps: it never sleeps on something that was brought, and is woken once.</summary>
public sealed class SleepingLoopTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Due = TimeSpan.FromMilliseconds(10);

    [Fact]
    public void Work_posted_to_a_loop_that_falls_asleep_is_run() => EveryOrder.Holds(output, 2, scheduler =>
    {
        InterleavedLoop loop = new(scheduler);
        List<int> ran = [];
        return new InterleavingCase(
            [
                loop.Run,
                () =>
                {
                    loop.Loop.Post(ran.Add, 1);
                    loop.Loop.Post(ran.Add, 2);
                },
            ],
            () =>
            {
                Assert.Equal([1, 2], ran);
                loop.CheckLog();
            });
    });

    [Fact]
    public void Work_posted_by_two_threads_is_run()
    {
        Assert.SkipUnless(TestLength.IsLong, "5,000 orders: with LANCHAT_TEST_LONG=1.");
        EveryOrder.Holds(output, 3, scheduler =>
        {
            InterleavedLoop loop = new(scheduler);
            List<int> ran = [];
            return new InterleavingCase(
                [loop.Run, () => loop.Loop.Post(ran.Add, 1), () => loop.Loop.Post(ran.Add, 2)],
                () =>
                {
                    Assert.Equal([1, 2], ran.Order());
                    loop.CheckLog();
                });
        });
    }

    [Fact]
    public void News_of_one_source_from_two_threads_is_collected() => EveryOrder.Holds(output, 3, scheduler =>
    {
        InterleavedLoop loop = new(scheduler);
        InterleavedNews news = new();
        return new InterleavingCase(
            [loop.Run, () => Announce(loop, news), () => Announce(loop, news)],
            () =>
            {
                Assert.Equal(2, news.Seen);
                loop.CheckLog();
            });
    });

    [Fact]
    public void News_of_two_sources_is_collected_though_one_is_marked_again() => EveryOrder.Holds(output, TestLength.IsLong ? 3 : 2, scheduler =>
    {
        InterleavedLoop loop = new(scheduler);
        InterleavedNews news = new();
        InterleavedNews other = new();

        // Both are in the stack already, one below the other, when the loop comes.
        Announce(loop, news);
        Announce(loop, other);
        Action[] threads = [loop.Run, () => Announce(loop, news), () => Announce(loop, other)];
        return new InterleavingCase(
            TestLength.IsLong ? threads : threads[..2],
            () =>
            {
                Assert.Equal([2, TestLength.IsLong ? 2 : 1], [news.Seen, other.Seen]);
                loop.CheckLog();
            });
    });

    [Fact]
    public void A_deadline_comes_while_the_loop_falls_asleep() => EveryOrder.Holds(output, 2, scheduler =>
    {
        InterleavedTime time = new();
        InterleavedLoop loop = new(scheduler, time);
        int calls = 0;
        Schedule(loop, () => calls++);
        return new InterleavingCase(
            [loop.Run, () => time.Advance(Due)],
            () =>
            {
                Assert.Equal(1, calls);
                loop.CheckLog();
            });
    });

    [Fact]
    public void A_deadline_and_work_come_while_the_loop_falls_asleep() => EveryOrder.Holds(output, 3, scheduler =>
    {
        InterleavedTime time = new();
        InterleavedLoop loop = new(scheduler, time);
        int calls = 0;
        int ran = 0;
        Schedule(loop, () => calls++);
        return new InterleavingCase(
            [loop.Run, () => time.Advance(Due), () => loop.Loop.Post(_ => ran++, 0)],
            () =>
            {
                Assert.Equal([1, 1], [calls, ran]);
                loop.CheckLog();
            });
    });

    [Fact]
    public void Of_three_who_bring_something_to_a_sleeping_loop_one_wakes_it() => EveryOrder.Holds(output, 3, scheduler =>
    {
        InterleavedTime time = new();
        InterleavedLoop loop = new(scheduler, time);
        Schedule(loop, static () => { });
        loop.FallAsleep();
        InterleavedNews news = new();
        return new InterleavingCase(
            [() => time.Advance(Due), () => loop.Loop.Post(static _ => { }, 0), () => Announce(loop, news)],
            () => Assert.Equal(1, loop.Poller.WakeCount));
    });

    [Fact]
    public void Work_posted_to_a_loop_that_stops_is_run_or_refused() => EveryOrder.Holds(output, 3, scheduler =>
    {
        InterleavedLoop loop = new(scheduler);
        bool[] accepted = new bool[2];
        bool[] ran = new bool[2];
        void Post(int which) => accepted[which] = loop.Loop.Post(_ => ran[which] = true, 0);
        return new InterleavingCase(
            [() => loop.Loop.StopAsync(), () => Post(0), () => Post(1)],
            () =>
            {
                Assert.Equal(accepted, ran);
                Assert.True(loop.Loop.Completion.IsCompletedSuccessfully);
                loop.CheckLog();
            });
    });

    [Fact]
    public void A_link_given_to_a_loop_that_stops_is_closed_by_it_or_stays_the_givers() => EveryOrder.Holds(output, 2, scheduler =>
    {
        InterleavedLoop loop = new(scheduler);
        (MemoryLink link, _) = new MemoryNetwork(TimeProvider.System).Connect();
        EchoConnection connection = new(link);
        bool accepted = false;
        return new InterleavingCase(
            [() => loop.Loop.StopAsync(), () => accepted = loop.Loop.Add(connection)],
            () =>
            {
                Assert.Equal(accepted, link.IsClosed);
                Assert.Equal(accepted ? 1 : 0, connection.ClosedCount);
                loop.CheckLog();
            });
    });

    [Fact]
    public void Who_waits_for_the_last_connection_to_end_is_told() => EveryOrder.Holds(output, 3, _ =>
    {
        ServerContext context = new(new ChatServerOptions { Identity = TestIdentity.Shared }, runOnPool: null);
        context.AddConnection();
        context.AddConnection();
        return new InterleavingCase(
            [context.StartDraining, context.RemoveConnection, context.RemoveConnection],
            () => Assert.True(context.NoConnections.IsCompleted));
    });

    private static void Announce(InterleavedLoop loop, InterleavedNews news)
    {
        news.Add();
        loop.Loop.MarkFromOutside(news);
    }

    private static void Schedule(InterleavedLoop loop, Action deadline)
    {
        (MemoryLink link, _) = new MemoryNetwork(TimeProvider.System).Connect();
        loop.Loop.Schedule(new EchoConnection(link) { Deadline = _ => deadline() }, loop.Loop.Timestamp + Due.Ticks);
    }
}
