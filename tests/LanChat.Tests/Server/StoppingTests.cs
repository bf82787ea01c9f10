using System.Net;
using LanChat.Connections;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>Stopping in order: who reads gets everything and a last word, who does not is cut off at the deadline, and nothing is left.</summary>
public abstract class StoppingTests(bool tls)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public void While_it_stops_nothing_new_begins()
    {
        var server = new MemoryServer(Callers.Patient, tls);
        MemoryCaller ada = server.Join("ada");
        MemoryCaller early = server.ConnectPlain();
        ada.Frames();
        server.Context.StartDraining();
        ada.Say([.. WireFrame.Publish(1, 1, "late"), .. WireFrame.Direct(2, "ada", "late"), .. WireFrame.Join("den")]);
        List<WireFrame> frames = ada.Frames();
        Assert.Equal([(1, DisconnectReason.ServerStopping), (2, DisconnectReason.ServerStopping)], frames.Rejections());
        Assert.Equal((0u, DisconnectReason.ServerStopping, "den"), frames.Only(FrameType.Parted).PartedParts());
        early.Say(WireFrame.Hello("bo"));
        Assert.Equal(DisconnectReason.ServerStopping, early.Frames().LastWord());
        Assert.Null(server.Context.Rooms.Find("den"));
    }

    [Fact]
    public void A_tick_that_comes_after_the_end_does_nothing()
    {
        var server = new MemoryServer(Callers.Patient, tls);
        server.Join("ada");
        server.Context.Rooms.Close();
        server.Context.Rooms.Tick(server.Time.GetUtcNow() + TimeSpan.FromDays(2));
        Assert.True(server.Context.Rooms.LobbyRoom.IsClosed);
    }

    [Fact]
    public async Task The_time_given_to_StopAsync_holds_not_the_option()
    {
        var time = new FakeTimeProvider();
        var network = new MemoryNetwork(time);
        var host = new ServerHost(
            Callers.Patient with { TimeProvider = time, StopTimeout = TimeSpan.FromSeconds(5) }, static () => new MemoryPoller(), listen: null);
        host.Loops[0].Loop.Start();
        (MemoryLink link, MemoryClient client) = network.Connect();
        host.Accept(link);
        client.Write([.. WireFrame.Hello("bo"), .. WireFrame.Join("lobby", replay: 1)]);
        Stream stream = client.AsStream();
        var received = new List<WireFrame>();
        await ReadUntilAsync(stream, received, frame => frame.Type == FrameType.Entry);

        // One message is under way to bo, who does not read for ten seconds.
        client.FromServer.Capacity = 0;
        client.Write(WireFrame.Publish(1, 1, "before the end"));
        Until(() => Newest(host) > 1);
        int timers = time.TimerCount;
        Task stop = host.StopAsync(TimeSpan.FromSeconds(60));
        Until(() => time.TimerCount > timers);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.False(stop.IsCompleted);
        client.FromServer.Capacity = int.MaxValue;
        await ReadUntilAsync(stream, received, frame => frame.Type == FrameType.Bye);
        Assert.Equal(["before the end"], received.Texts());
        Assert.Equal(DisconnectReason.ServerStopping, received.LastWord());
        await stream.DisposeAsync();
        await stop.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(0, time.TimerCount);
        Assert.Equal(0, host.Context.Pool.RentedBytes);
    }

    [Fact]
    public async Task Whoever_is_frozen_is_cut_off_at_the_deadline()
    {
        var time = new FakeTimeProvider();
        var network = new MemoryNetwork(time);
        var host = new ServerHost(Callers.Patient with { Loops = 2, TimeProvider = time }, static () => new MemoryPoller(), listen: null);
        foreach (ServerLoop loop in host.Loops)
        {
            loop.Loop.Start();
        }

        var links = new List<MemoryLink>();
        for (int i = 0; i < 6; i++)
        {
            (MemoryLink link, MemoryClient client) = network.Connect();
            links.Add(link);
            host.Accept(link);
            client.Write([.. WireFrame.Hello($"member-{i}"), .. WireFrame.Join("lobby")]);
            Until(() => host.Context.Rooms.LobbyRoom.MemberCount == links.Count);
            client.FromServer.Capacity = 0;
            client.Write(WireFrame.Publish(1, 1, "nobody reads this"));
        }

        int timers = time.TimerCount;
        Task stop = host.StopAsync(TimeSpan.FromSeconds(3));
        Until(() => time.TimerCount > timers);

        // The deadline, the last word's second, the linger's: the fake clock goes on until all is done, and no further than the loops have come.
        Until(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(50));
            foreach (ServerLoop loop in host.Loops)
            {
                using var came = new ManualResetEventSlim();
                Assert.True(!loop.Loop.Post(static came => came.Set(), came) || came.Wait(Patience));
            }

            return stop.IsCompleted;
        });
        await stop;
        Assert.All(links, link => Assert.True(link.IsClosed && link.WasReset));
        Assert.Equal(0, time.TimerCount);
        Assert.Equal(0, host.Context.ConnectionCount);
        Assert.Equal(0, host.Context.Pool.RentedBytes);
        Assert.All(host.Loops, loop => Assert.True(loop.Loop.Completion.IsCompletedSuccessfully));
    }

    [Fact]
    public async Task Over_sockets_nothing_is_left_and_the_port_is_free()
    {
        var time = new FakeTimeProvider();
        var options = new ChatServerOptions { Announce = false, BindAddress = IPAddress.Loopback, Port = 0, Loops = 2, TimeProvider = time };
        ServerHost host = await ServerHost.ListenAsync(options);
        IPEndPoint endPoint = host.EndPoint;
        (WireClient ada, uint lobby) = await WireClient.JoinAsync(endPoint, "ada", tls: tls);
        (WireClient bo, _) = await WireClient.JoinAsync(endPoint, "bo", tls: tls);
        using WireClient person = await WireClient.ConnectAsync(endPoint);
        using WireClient silent = await WireClient.ConnectAsync(endPoint);
        await person.SendAsync("/who\n");
        Assert.Equal(host.Context.Welcome, await person.ReadLineAsync());
        using (ada)
        using (bo)
        {
            for (ulong id = 1; id <= 100; id++)
            {
                await ada.SendAsync(WireFrame.Publish(lobby, id, $"{id}"));
            }

            await ada.UntilAsync(frame => frame.Type == FrameType.Entry && frame.Entry.Id == 100);
            Task stop = host.StopAsync(TimeSpan.FromSeconds(30));
            foreach (WireClient client in new[] { ada, bo })
            {
                ulong last = 0;
                WireFrame bye = await client.UntilAsync(frame =>
                {
                    last = frame.Type == FrameType.Entry ? frame.Entry.Id : last;
                    return frame.Type == FrameType.Bye;
                });
                Assert.Equal((ushort)DisconnectReason.ServerStopping, bye.Bye.Code);
                Assert.True(client == ada || last == 100, $"bo's last entry before the end was that of id {last}.");
                Assert.Null(await client.ReadAsync());
                client.Dispose();
            }

            Assert.EndsWith("bye: server stopping\n", await person.ReadToEndAsync(), StringComparison.Ordinal);
            Assert.Equal("", await silent.ReadToEndAsync());
            person.Dispose();
            silent.Dispose();
            await stop.WaitAsync(Patience, TestContext.Current.CancellationToken);
        }

        Assert.Same(host.StopAsync(TimeSpan.Zero), host.StopAsync(TimeSpan.Zero));
        Assert.True(host.Completion.IsCompletedSuccessfully);
        Assert.Equal(0, time.TimerCount);
        Assert.Equal(0, host.Context.ConnectionCount);
        Assert.Equal(0, host.Context.Sessions.Count);
        Assert.Equal(0, host.Context.Pool.RentedBytes);

        await using ChatServer again = await ChatServer.StartAsync(options with { Port = endPoint.Port, TimeProvider = TimeProvider.System }, TestContext.Current.CancellationToken);
        Assert.Equal(endPoint, again.EndPoint);
        (WireClient back, _) = await WireClient.JoinAsync(endPoint, "ada", tls: tls);
        back.Dispose();
    }

    [Fact]
    public async Task Over_sockets_frozen_clients_do_not_hold_it_up()
    {
        var options = new ChatServerOptions { Announce = false, BindAddress = IPAddress.Loopback, Port = 0, Loops = 2 };
        CancellationToken cancel = TestContext.Current.CancellationToken;
        ChatServer server = await ChatServer.StartAsync(options, cancel);
        int port = server.EndPoint.Port;
        ChatException taken = await Assert.ThrowsAsync<ChatException>(() => ChatServer.StartAsync(options with { Port = port }, cancel));
        Assert.Contains($"port {port}", taken.Message, StringComparison.Ordinal);

        var clients = new List<WireClient>();
        for (int i = 0; i < 20; i++)
        {
            clients.Add((await WireClient.JoinAsync(server.EndPoint, $"member-{i}", tls: tls)).Client);
        }

        // The first two read nothing from here on, and close nothing.
        await clients[0].SendAsync(WireFrame.Publish(1, 1, "the last word"));
        await clients[^1].UntilAsync(frame => frame.Type == FrameType.Entry && frame.Entry.Kind == EntryKind.Message);
        Task stop = server.StopAsync(TimeSpan.FromSeconds(3));
        foreach (WireClient client in clients.Skip(2))
        {
            WireFrame bye = await client.UntilAsync(frame => frame.Type == FrameType.Bye);
            Assert.Equal((ushort)DisconnectReason.ServerStopping, bye.Bye.Code);
            client.Dispose();
        }

        await stop.WaitAsync(Patience, cancel);
        await using ChatServer again = await ChatServer.StartAsync(options with { Port = port }, cancel);
        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task A_stopped_server_answers_its_application_and_does_nothing()
    {
        ChatServer server = await ChatServer.StartAsync(new ChatServerOptions { Announce = false, BindAddress = IPAddress.Loopback, Port = 0 }, TestContext.Current.CancellationToken);
        (WireClient ada, _) = await WireClient.JoinAsync(server.EndPoint, "ada", tls: tls);
        ada.Dispose();
        await server.StopAsync();
        await server.StopAsync();
        await server.DisposeAsync();
        Assert.True(server.Completion.IsCompletedSuccessfully);
        CancellationToken cancel = TestContext.Current.CancellationToken;
        Assert.Empty(server.GetMembers("lobby"));
        Assert.Equal(0, server.MemberCount);
        Assert.False(await server.NoticeAsync("lobby", "anybody?", cancel));
        Assert.False(await server.SendDirectAsync("ada", "anybody?", cancel));
        Assert.False(await server.KickAsync("ada", "", cancel));
        await foreach (RoomEvent e in server.ReadAllAsync(cancel))
        {
            Assert.Fail($"{e} after the end.");
        }
    }

    private static async Task ReadUntilAsync(Stream stream, List<WireFrame> received, Predicate<WireFrame> isLast)
    {
        var bytes = new List<byte>();
        byte[] block = new byte[4096];
        using var deadline = new CancellationTokenSource(Patience);
        while (!received.Exists(isLast))
        {
            int read = await stream.ReadAsync(block, deadline.Token);
            Assert.NotEqual(0, read);
            bytes.AddRange(block.AsSpan(0, read));
            received.AddRange(WireFrame.Parse([.. bytes], out int used));
            bytes.RemoveRange(0, used);
        }
    }

    private static long Newest(ServerHost host)
    {
        host.Context.Rooms.LobbyRoom.Who(out long sequence);
        return sequence;
    }

    private static void Until(Func<bool> isSo) => Assert.True(SpinWait.SpinUntil(isSo, Patience), "It did not come to that in time.");
}

/// <inheritdoc/>
[Collection("whole process")]
public sealed class StoppingOverPlainTests() : StoppingTests(tls: false);

/// <inheritdoc/>
[Collection("whole process")]
public sealed class StoppingOverTlsTests() : StoppingTests(tls: true);
