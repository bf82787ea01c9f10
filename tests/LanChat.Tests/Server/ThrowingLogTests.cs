using System.Net;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>An app's log that throws at every line costs nobody a connection, and the server no loop.</summary>
public sealed class ThrowingLogTests
{
    [Fact]
    public void A_lag_that_cannot_be_logged_ends_that_connection_and_the_others_in_the_room_get_everything()
    {
        const int Messages = 100;
        var server = new MemoryServer(Callers.Patient with { PublishRate = 0, MaxLagBytes = 64 << 10, LoggerFactory = new ThrowingLoggerFactory() });

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
        server.Advance(5);
        Assert.Equal(2, server.Context.ConnectionCount);
    }

    [Fact]
    public void A_connection_whose_end_cannot_be_logged_is_counted_out_and_leaves_nothing()
    {
        var server = new MemoryServer(Callers.Patient with { LoggerFactory = new ThrowingLoggerFactory() });
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
        var server = new MemoryServer(Callers.Patient with { LoggerFactory = new ThrowingLoggerFactory() });
        server.Join("ada");
        server.Join("bo");
        _ = server.Host.Loops[0].Loop.StopAsync();
        Assert.Equal((0, 0), (server.Context.ConnectionCount, server.Context.Sessions.Count));
    }

    [Fact]
    public async Task A_kick_that_cannot_be_logged_is_done()
    {
        var server = new MemoryServer(Callers.Patient with { LoggerFactory = new ThrowingLoggerFactory() });
        server.Join("ada");
        Task<bool> kick = new ChatServer(server.Host).KickAsync("ada", "", TestContext.Current.CancellationToken).AsTask();
        server.Run();
        Assert.True(await kick.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        server.Advance(5);

        Assert.Equal((0, 0), (server.Context.ConnectionCount, server.Context.Sessions.Count));
        Assert.Empty(server.Members());
    }

    [Fact]
    public async Task A_stop_comes_to_its_end_and_everybody_is_told()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        await using ChatServer server = await StartAsync(new ChatServerOptions(), stop);
        var clients = new List<WireClient>();
        for (int i = 0; i < 3; i++)
        {
            clients.Add((await WireClient.JoinAsync(server.EndPoint, $"member-{i}")).Client);
        }

        Task stopping = server.StopAsync(TimeSpan.FromSeconds(20));
        foreach (WireClient client in clients)
        {
            Assert.Equal((ushort)DisconnectReason.ServerStopping, (await client.UntilAsync(frame => frame.Type == FrameType.Bye)).Bye.Code);
            client.Dispose();
        }

        await stopping.WaitAsync(TimeSpan.FromSeconds(20), stop);
    }

    [Fact]
    public void A_wrong_proof_that_cannot_be_logged_is_refused_and_the_loop_goes_on()
    {
        var server = new MemoryServer(Callers.Patient with { JoinCode = new JoinCode("K7QP-2MVD"), LoggerFactory = new ThrowingLoggerFactory() });
        MemoryCaller eve = server.ConnectPlain();
        eve.Say("hello\n/code wrong\n");
        server.Advance(1);
        Assert.Equal(1, server.Context.ConnectionCount);
        eve.Client.Reset();
        server.Run();
        Assert.Equal(0, server.Context.ConnectionCount);
    }

    [Fact]
    public async Task Callers_beyond_the_limit_are_told_so_one_after_the_other()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        await using ChatServer server = await StartAsync(new ChatServerOptions { MaxConnections = 1 }, stop);
        (WireClient ada, _) = await WireClient.JoinAsync(server.EndPoint, "ada");
        using (ada)
        {
            for (int i = 0; i < 3; i++)
            {
                using WireClient bo = await WireClient.ConnectAsync(server.EndPoint);
                await bo.SendAsync(WireFrame.Hello("bo"));
                Assert.Equal((ushort)DisconnectReason.TooManyConnections, (await bo.ExpectAsync(FrameType.Bye)).Bye.Code);
            }
        }
    }

    private static Task<ChatServer> StartAsync(ChatServerOptions options, CancellationToken stop) => ChatServer.StartAsync(
        options with { BindAddress = IPAddress.Loopback, Port = 0, Announce = false, Identity = TestIdentity.Shared, LoggerFactory = new ThrowingLoggerFactory() }, stop);
}
