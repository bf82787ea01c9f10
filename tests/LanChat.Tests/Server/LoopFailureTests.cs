using LanChat.Connections;
using LanChat.Framing;
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
        Assert.Same(failure, await Assert.ThrowsAsync<InvalidOperationException>(() => host.Completion));
    }

    [Fact]
    public void The_members_of_a_loop_that_ends_are_seen_to_leave_by_those_of_the_others()
    {
        var server = new MemoryServer(Callers.Patient with { Loops = 2 });
        server.Join("ada");
        MemoryCaller bo = server.Join("bo");
        bo.Frames();

        // As it ends after an exception: with its connections, and without a further round.
        ServerLoop adas = server.Host.Loops.Single(loop => loop.Loop.Connections.Any(connection => ((ServerConnection)connection).Session!.Name.Text == "ada"));
        _ = adas.Loop.StopAsync();
        server.Run();
        Assert.Equal(("ada", 1u, DisconnectReason.ConnectionReset), Assert.Single(bo.Frames().Entries(EntryKind.Left)).LeftParts());
        Assert.Equal(["bo"], server.Members());
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
