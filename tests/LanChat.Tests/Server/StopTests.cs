using System.Diagnostics;
using System.Net;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>A stop drains who can be drained, tells each why, cuts off the rest at its deadline, and leaves nothing.</summary>
public sealed class StopTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everybody_gets_what_is_owed_and_then_the_reason()
    {
        var server = new MemoryServer();
        MemoryCaller ada = server.Join("ada");
        MemoryCaller bo = server.Join("bo");
        MemoryCaller person = server.Connect();
        person.Say("hello\n");
        ada.Frames();
        bo.Client.FromServer.Capacity = 50;
        ada.Say(WireFrame.Publish(1, 1, new string('x', 3_000)));

        Task stopped = server.Host.StopAsync(TimeSpan.FromSeconds(5));
        await UntilAsync(server, () => server.Context.IsDraining && server.Context.Sessions.Count == 0);
        List<WireFrame> atAda = ada.Frames();
        Assert.Equal([FrameType.Entry, FrameType.Bye], atAda.Select(frame => frame.Type));
        Assert.Equal((ushort)DisconnectReason.ServerStopping, atAda[^1].Bye.Code);
        Assert.Equal("bye: server stopping", person.Lines()[^1]);

        List<WireFrame> atBo = [];
        for (int i = 0; i < 1_000 && atBo.LastOrDefault()?.Type != FrameType.Bye; i++)
        {
            atBo.AddRange(bo.Frames());
        }

        Assert.Contains(atBo, frame => frame.Type == FrameType.Entry && frame.Entry.Kind == EntryKind.Message && frame.Entry.Id == 1 && frame.Entry.Body.Length == 3_000);
        server.Advance(TimeSpan.FromSeconds(2));
        await UntilAsync(server, () => stopped.IsCompleted);
        AssertNothingIsLeft(server);
    }

    [Fact]
    public async Task Who_cannot_be_drained_is_cut_off_at_the_deadline()
    {
        var server = new MemoryServer();
        MemoryCaller frozen = server.Join("frozen");
        frozen.Client.FromServer.Capacity = 0;
        server.Join("ada").Say(WireFrame.Publish(1, 1, "hello"));

        Task stopped = server.Host.StopAsync(TimeSpan.FromSeconds(5));
        await UntilAsync(server, () => server.Context.Sessions.Count == 0);
        for (int i = 0; i < 9; i++)
        {
            server.Advance(TimeSpan.FromSeconds(0.5));
        }

        Assert.False(stopped.IsCompleted);
        await UntilAsync(server, () => stopped.IsCompleted, advance: TimeSpan.FromMilliseconds(100));
        AssertNothingIsLeft(server);
    }

    [Fact]
    public void New_ids_sessions_and_joins_are_refused_while_stopping()
    {
        var server = new MemoryServer(new ChatServerOptions { Loops = 1 });
        MemoryCaller ada = server.Join("ada");
        MemoryCaller late = server.Connect();
        ada.Frames();
        server.Context.StartDraining();
        ada.Say([.. WireFrame.Publish(1, 1, "too late"), .. WireFrame.Join("games")]);
        List<WireFrame> frames = ada.Frames();
        Assert.Equal((ushort)DisconnectReason.ServerStopping, frames[0].Rejected.Code);
        Assert.Equal((ushort)DisconnectReason.ServerStopping, frames[1].Parted.Code);
        late.Say(WireFrame.Hello("late"));
        Assert.Equal((ushort)DisconnectReason.ServerStopping, Assert.Single(late.Frames()).Bye.Code);
    }

    [Fact]
    public async Task Over_sockets_a_stop_with_frozen_clients_ends_in_time_and_frees_the_port()
    {
        var options = new ChatServerOptions { BindAddress = IPAddress.Loopback, Port = 0, Loops = 2, MaxHistoryBytes = 1 << 20 };
        ChatServer server = await ChatServer.StartAsync(options, Cancelled);
        int port = server.EndPoint.Port;
        var clients = new List<(WireClient Client, uint Room)>();
        for (int i = 0; i < 40; i++)
        {
            clients.Add(await WireClient.JoinAsync(server.EndPoint, $"member-{i}"));
        }

        await clients[0].Client.SendAsync(WireFrame.Publish(1, 1, "the last word"));
        await clients[0].Client.UntilAsync(frame => frame.Type == FrameType.Entry && frame.Entry.Kind == EntryKind.Message);
        Task stopped = server.StopAsync(TimeSpan.FromSeconds(3));

        // The first two are frozen: they read nothing, and close nothing.
        foreach ((WireClient client, _) in clients.Skip(2))
        {
            WireFrame bye = await client.UntilAsync(frame => frame.Type == FrameType.Bye);
            Assert.Equal((ushort)DisconnectReason.ServerStopping, bye.Bye.Code);
            client.Dispose();
        }

        await stopped.WaitAsync(TimeSpan.FromSeconds(20), Cancelled);
        await server.Completion;
        await using ChatServer again = await ChatServer.StartAsync(options with { Port = port }, Cancelled);
        Assert.Equal(port, again.EndPoint.Port);
        ChatException taken = await Assert.ThrowsAsync<ChatException>(() => ChatServer.StartAsync(options with { Port = port }, Cancelled));
        Assert.Contains(port.ToString(System.Globalization.CultureInfo.InvariantCulture), taken.Message, StringComparison.Ordinal);
        clients.ForEach(client => client.Client.Dispose());
    }

    // The stop itself runs on the pool: the test steps the loops until it has come as far as is asked.
    private static async Task UntilAsync(MemoryServer server, Func<bool> isSo, TimeSpan advance = default)
    {
        var patience = Stopwatch.StartNew();
        while (!isSo())
        {
            server.Run();
            server.Time.Advance(advance);
            await Task.Yield();
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(20), "The server did not come so far.");
        }
    }

    private static void AssertNothingIsLeft(MemoryServer server)
    {
        Assert.Equal(0, server.Context.ConnectionCount);
        Assert.Equal(0, server.Context.Pool.RentedBytes);
        Assert.Equal(0, server.Time.TimerCount);
    }
}
