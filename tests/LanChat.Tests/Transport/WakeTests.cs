using LanChat.Tests.Support;
using LanChat.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace LanChat.Tests.Transport;

/// <summary>Threads against a sleeping loop: whatever they bring is taken, and nothing hangs.</summary>
public abstract class WakeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static int Rounds => Environment.GetEnvironmentVariable("LANCHAT_TEST_LONG") == "1" ? 2_000_000 : 50_000;

    private protected abstract Poller MakePoller();

    [Fact]
    public async Task Work_posted_to_a_sleeping_loop_always_runs()
    {
        // Ping-pong lets the loop fall asleep before each post: every round is a chance to lose a wake.
        await using var loop = new EventLoop(MakePoller(), TimeProvider.System, "wake", NullLogger.Instance);
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
        await using var loop = new EventLoop(MakePoller(), TimeProvider.System, "wake", NullLogger.Instance);
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
        await using var loop = new EventLoop(MakePoller(), TimeProvider.System, "wake", NullLogger.Instance);
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
            var loop = new EventLoop(MakePoller(), TimeProvider.System, "wake", NullLogger.Instance);
            loop.Start();
            int ran = 0;
            int accepted = 0;
            var poster = Task.Run(
                () =>
                {
                    while (loop.Post(_ => Interlocked.Increment(ref ran), 0))
                    {
                        // The loop may be without its processor for a while: what waits is to stay small.
                        for (accepted++; accepted - Volatile.Read(ref ran) > 100_000;)
                        {
                            Thread.Yield();
                        }
                    }
                },
                TestContext.Current.CancellationToken);
            await loop.DisposeAsync();
            await poster.WaitAsync(Patience, TestContext.Current.CancellationToken);
            Assert.Equal(accepted, ran);
        }
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

/// <inheritdoc/>
public sealed class WakeOverMemoryTests : WakeTests
{
    private protected override Poller MakePoller() => new MemoryPoller();
}

/// <inheritdoc/>
public sealed class WakeOverEpollTests : WakeTests
{
    private protected override Poller MakePoller() => TestTransport.Of(ServerTransport.Epoll).MakePoller();
}

/// <inheritdoc/>
public sealed class WakeOverSocketsTests : WakeTests
{
    private protected override Poller MakePoller() => TestTransport.Of(ServerTransport.Sockets).MakePoller();
}
