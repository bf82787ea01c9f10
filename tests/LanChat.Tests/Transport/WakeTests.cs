using LanChat.Tests.Support;
using LanChat.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace LanChat.Tests.Transport;

/// <summary>Threads against a sleeping loop: whatever they bring is taken, and nothing hangs.</summary>
public sealed class WakeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static int Rounds => Environment.GetEnvironmentVariable("LANCHAT_TEST_LONG") == "1" ? 2_000_000 : 50_000;

    [Fact]
    public void A_stack_gives_each_thing_once_in_the_order_of_its_pusher_until_it_is_closed()
    {
        var stack = new SharedStack();
        const int Pushers = 3;
        int each = Rounds / 10;
        int[] accepted = new int[Pushers];
        Thread[] threads = [.. Enumerable.Range(0, Pushers).Select(pusher => new Thread(() =>
        {
            for (int i = 0; i < each && stack.Items.TryPush(new Item(pusher, i)); i++)
            {
                accepted[pusher]++;
            }
        }))];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        int[] next = new int[Pushers];
        int taken = 0;
        void Count(Item? item)
        {
            for (; item is not null; item = item.Next)
            {
                Assert.Equal(next[item.Pusher]++, item.Number);
                taken++;
            }
        }

        while (taken < each * Pushers / 2)
        {
            Count(stack.Items.TakeAll());
        }

        Count(stack.Items.Close());
        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        Assert.Equal(accepted, next);
        Assert.False(stack.Items.TryPush(new Item(0, 0)));
        Assert.Null(stack.Items.Close());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Work_posted_to_a_sleeping_loop_always_runs(bool sockets)
    {
        // Ping-pong lets the loop fall asleep before each post: every round is a chance to lose a wake.
        await using var loop = new EventLoop(sockets ? PlatformTransport.Default.MakePoller() : new MemoryPoller(), TimeProvider.System, "wake", NullLogger.Instance);
        loop.Start();
        using var ran = new AutoResetEvent(false);
        for (int i = 0; i < Rounds; i++)
        {
            loop.Post(static ran => ran.Set(), ran);
            Assert.True(ran.WaitOne(Patience), $"lost at {i}");
        }
    }

    [Fact]
    public async Task News_from_outside_always_reaches_a_round()
    {
        await using var loop = new EventLoop(PlatformTransport.Default.MakePoller(), TimeProvider.System, "wake", NullLogger.Instance);
        loop.Start();
        var source = new CountingSource();
        const int Writers = 2;
        int each = Rounds;
        Task[] writers = [.. Enumerable.Range(0, Writers).Select(_ => Task.Factory.StartNew(
            () =>
            {
                for (int i = 0; i < each; i++)
                {
                    source.Add();
                    loop.MarkFromOutside(source);
                }
            },
            TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        await Task.WhenAll(writers);
        source.ExpectAll(Writers * each);
        loop.MarkFromOutside(source);
        await source.SawAll.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_last_news_of_each_burst_is_collected_without_a_further_mark()
    {
        await using var loop = new EventLoop(PlatformTransport.Default.MakePoller(), TimeProvider.System, "wake", NullLogger.Instance);
        loop.Start();
        var source = new CountingSource();
        for (int i = 1; i <= Rounds; i++)
        {
            source.Add();
            loop.MarkFromOutside(source);
            if (i % 10 == 0)
            {
                Assert.True(SpinWait.SpinUntil(() => source.Seen == i, Patience), $"{i} was written, {source.Seen} seen");
            }
        }
    }

    [Fact]
    public async Task Posts_during_a_stop_either_run_or_are_refused()
    {
        for (int i = 0; i < 200; i++)
        {
            var loop = new EventLoop(PlatformTransport.Default.MakePoller(), TimeProvider.System, "wake", NullLogger.Instance);
            loop.Start();
            int ran = 0;
            int accepted = 0;
            var poster = Task.Run(
                () =>
                {
                    while (loop.Post(_ => Interlocked.Increment(ref ran), 0))
                    {
                        accepted++;
                    }
                },
                TestContext.Current.CancellationToken);
            await loop.DisposeAsync();
            await poster.WaitAsync(Patience, TestContext.Current.CancellationToken);
            Assert.Equal(accepted, ran);
        }
    }

    private sealed class SharedStack
    {
        internal IntrusiveStack<Item> Items;
    }

    private sealed class Item(int pusher, int number) : IStackNode<Item>
    {
        internal int Pusher => pusher;

        internal int Number => number;

        public Item? Next { get; set; }
    }

    private sealed class CountingSource : RoundSource
    {
        private readonly TaskCompletionSource _sawAll = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _written;
        private int _seen;
        private int _expected = int.MaxValue;

        internal int Seen => Volatile.Read(ref _seen);

        internal Task SawAll => _sawAll.Task;

        internal void Add() => Interlocked.Increment(ref _written);

        internal void ExpectAll(int expected) => Volatile.Write(ref _expected, expected);

        internal override void CollectRound()
        {
            Volatile.Write(ref _seen, Volatile.Read(ref _written));
            if (_seen >= Volatile.Read(ref _expected))
            {
                _sawAll.TrySetResult();
            }
        }
    }
}
