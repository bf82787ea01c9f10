using LanChat.Connections;
using LanChat.Tests.Support;
using LanChat.Transport;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>A loop that dies of a defect of this library must not keep the rest of its server from ending.</summary>
public sealed class LoopFailureTests
{
    [Fact]
    public async Task A_server_with_a_dead_loop_stops_all_the_rest_and_says_what_failed()
    {
        int pollers = 0;
        var host = new ServerHost(
            new ChatServerOptions { Loops = 2, Identity = TestIdentity.Shared },
            () => pollers++ == 0 ? new DyingPoller() : new MemoryPoller(),
            listen: null);
        foreach (ServerLoop loop in host.Loops)
        {
            loop.Loop.Start();
        }

        await Assert.ThrowsAsync<InvalidOperationException>(() => host.Loops[0].Loop.Completion);
        InvalidOperationException failure = await Assert.ThrowsAsync<InvalidOperationException>(() => host.StopAsync(TimeSpan.Zero));

        Assert.Equal("the poller died", failure.Message);
        Assert.True(host.Loops[1].Loop.Completion.IsCompletedSuccessfully);
        Assert.True(host.Completion.IsFaulted);
    }

    private sealed class DyingPoller : Poller
    {
        internal override void Add(Link link)
        {
        }

        internal override void Remove(Link link)
        {
        }

        internal override int Wait(Span<ReadyLink> ready, bool block) => throw new InvalidOperationException("the poller died");

        internal override void Wake()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
