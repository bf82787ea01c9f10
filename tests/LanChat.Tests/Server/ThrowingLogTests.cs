using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>An app's log that throws, in the midst of a round or of an end, costs the connection that it was about, and nobody else.</summary>
public sealed class ThrowingLogTests
{
    [Fact]
    public void A_lag_that_cannot_be_logged_resets_that_connection_and_the_others_in_the_room_get_everything()
    {
        const int Messages = 100;
        var server = new MemoryServer(Callers.Patient with { PublishRate = 0, MaxLagBytes = 64 << 10, LoggerFactory = new ThrowingLoggerFactory(ThrowingLoggerFactory.TooSlow) });

        // A round goes through the members from the last to the first: bo comes between the two.
        MemoryCaller ada = server.Join("ada");
        MemoryCaller bo = server.Join("bo");
        MemoryCaller cy = server.Join("cy");
        bo.Client.FromServer.Capacity = 0;
        ada.Frames();
        for (ulong id = 1; id <= Messages; id++)
        {
            cy.Say(WireFrame.Publish(1, id, new string('x', 1000)));
        }

        Assert.Equal(Messages, ada.Frames().Entries(EntryKind.Message).Count);
        Assert.Equal(["ada", "cy"], server.Members());
        Assert.Equal(2, server.Context.ConnectionCount);
    }

    [Fact]
    public void A_connection_whose_end_cannot_be_logged_is_counted_out_and_leaves_nothing()
    {
        var server = new MemoryServer(Callers.Patient with { LoggerFactory = new ThrowingLoggerFactory(ThrowingLoggerFactory.SessionEnded) });
        MemoryCaller ada = server.Join("ada");
        MemoryCaller bo = server.Join("bo");
        bo.Frames();
        ada.Client.Reset();
        server.Run();

        Assert.Equal(("ada", 1u, DisconnectReason.ConnectionReset), Assert.Single(bo.Frames().Entries(EntryKind.Left)).LeftParts());
        Assert.Equal((1, 1), (server.Context.ConnectionCount, server.Context.Sessions.Count));
        bo.Client.Reset();
        server.Run();
        Assert.Equal((0, 0), (server.Context.ConnectionCount, server.Context.Sessions.Count));
    }

    [Fact]
    public void A_connection_that_its_loop_ends_is_counted_out_though_that_cannot_be_logged()
    {
        var server = new MemoryServer(Callers.Patient with { LoggerFactory = new ThrowingLoggerFactory(ThrowingLoggerFactory.SessionEnded) });
        server.Join("ada");
        server.Join("bo");
        _ = server.Host.Loops[0].Loop.StopAsync();
        Assert.Equal((0, 0), (server.Context.ConnectionCount, server.Context.Sessions.Count));
    }

    [Fact]
    public async Task A_kick_that_cannot_be_logged_is_heard_of_by_its_caller_and_the_member_is_gone()
    {
        var server = new MemoryServer(Callers.Patient with { LoggerFactory = new ThrowingLoggerFactory(ThrowingLoggerFactory.SessionEnded) });
        server.Join("ada");
        Task<bool> kick = new ChatServer(server.Host).KickAsync("ada", "", TestContext.Current.CancellationToken).AsTask();
        server.Run();
        await Assert.ThrowsAsync<IOException>(() => kick.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));

        Assert.Equal((0, 0), (server.Context.ConnectionCount, server.Context.Sessions.Count));
        Assert.Empty(server.Members());
    }

    [Fact]
    public async Task A_stop_reaches_all_connections_though_the_end_of_each_cannot_be_logged()
    {
        var server = new MemoryServer(Callers.Patient with { LoggerFactory = new ThrowingLoggerFactory(ThrowingLoggerFactory.SessionEnded) });
        for (int i = 0; i < 3; i++)
        {
            server.Join($"member-{i}");
        }

        server.Host.Loops[0].Loop.Start();

        // Nobody is given any time: it comes to its end all the same.
        await server.Host.StopAsync(TimeSpan.FromHours(1)).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Equal((0, 0), (server.Context.ConnectionCount, server.Context.Sessions.Count));
    }
}
