using LanChat.Tests.Support;
using LanChat.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace LanChat.Tests.Transport;

/// <summary>The doubles themselves: a test that relies on a fault must get exactly that fault.</summary>
public sealed class MemoryNetworkTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_stream_over_memory_talks_to_a_loop_with_a_thread()
    {
        await using var loop = new EventLoop(new MemoryPoller(), TimeProvider.System, "memory", NullLogger.Instance);
        loop.Start();
        (MemoryLink link, MemoryClient client) = new MemoryNetwork(TimeProvider.System).Connect();
        loop.Add(new EchoConnection(link));
        byte[] frames = SteppedLoop.Frames(1, 200, 30);
        client.FromServer.Capacity = 7;
        await using Stream stream = client.AsStream();
        byte[] got = new byte[frames.Length];
        for (int i = 0; i < 100; i++)
        {
            ValueTask write = stream.WriteAsync(frames, TestContext.Current.CancellationToken);
            await stream.ReadExactlyAsync(got, TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);
            await write;
            Assert.Equal(frames, got);
        }

        loop.Post(static link => link.Connection!.Loop.Close(link.Connection, reset: false), link);
        Assert.Equal(0, await stream.ReadAsync(got, TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_reset_fails_a_read_and_a_write_that_wait()
    {
        (MemoryLink link, MemoryClient client) = new MemoryNetwork(new FakeTimeProvider()).Connect();
        client.ToServer.Capacity = 3;
        await using Stream stream = client.AsStream();
        Task<int> read = stream.ReadAsync(new byte[1], TestContext.Current.CancellationToken).AsTask();
        Task write = stream.WriteAsync(new byte[5], TestContext.Current.CancellationToken).AsTask();
        Assert.False(read.IsCompleted || write.IsCompleted);
        link.Close(reset: true);
        await Assert.ThrowsAsync<IOException>(() => read.WaitAsync(Patience, TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<IOException>(() => write.WaitAsync(Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_bounded_wire_takes_what_fits()
    {
        (_, MemoryClient client) = new MemoryNetwork(new FakeTimeProvider()).Connect();
        client.ToServer.Capacity = 4;
        Assert.True(client.ToServer.TryWrite([1, 2, 3, 4, 5, 6], out int taken));
        Assert.Equal(4, taken);
        Assert.Throws<InvalidOperationException>(() => client.Write([7]));
        Assert.Equal(LinkStatus.Ok, client.ToServer.Read(new byte[2], out _));
        Assert.True(client.ToServer.TryWrite([5, 6, 7], out taken));
        Assert.Equal(2, taken);
    }

    [Fact]
    public void A_stalled_wire_holds_back_bytes_and_the_end_until_it_is_released()
    {
        (_, MemoryClient client) = new MemoryNetwork(new FakeTimeProvider()).Connect();
        client.ToServer.IsStalled = true;
        client.Write([1]);
        client.End();
        byte[] got = new byte[4];
        Assert.Equal(LinkStatus.WouldBlock, client.ToServer.Read(got, out _));
        client.ToServer.IsStalled = false;
        Assert.Equal(LinkStatus.Ok, client.ToServer.Read(got, out _));
        Assert.Equal(LinkStatus.Ended, client.ToServer.Read(got, out _));
    }

    [Fact]
    public void Time_fires_timers_in_due_order_each_at_its_own_time()
    {
        var time = new FakeTimeProvider();
        var fired = new List<string>();
        long start = time.GetTimestamp();
        void Note(object? name) => fired.Add($"{name} {TimeSpan.FromTicks(time.GetTimestamp() - start).TotalSeconds}");
        using ITimer late = time.CreateTimer(Note, "late", TimeSpan.FromSeconds(3), Timeout.InfiniteTimeSpan);
        using ITimer periodic = time.CreateTimer(Note, "periodic", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        ITimer cancelled = time.CreateTimer(Note, "cancelled", TimeSpan.FromSeconds(2), Timeout.InfiniteTimeSpan);
        time.Advance(TimeSpan.FromSeconds(1));
        cancelled.Dispose();
        time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(["periodic 1", "late 3", "periodic 3", "periodic 5"], fired);
        Assert.Equal(2, time.TimerCount);
        Assert.False(cancelled.Change(TimeSpan.Zero, TimeSpan.Zero));
    }

    [Fact]
    public async Task Delays_and_cancellations_of_the_framework_obey_the_time()
    {
        var time = new FakeTimeProvider();
        Task delay = Task.Delay(TimeSpan.FromSeconds(2), time, TestContext.Current.CancellationToken);
        using var source = new CancellationTokenSource(TimeSpan.FromSeconds(3), time);
        time.Advance(TimeSpan.FromSeconds(2));
        await delay.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.False(source.IsCancellationRequested);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(source.IsCancellationRequested);
    }
}
