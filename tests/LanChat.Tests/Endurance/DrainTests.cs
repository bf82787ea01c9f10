using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using LanChat.Connections;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Endurance;

/// <summary>A server full of people that stops: it is over in time, everybody who listens is told, and nothing is left of it in the process.</summary>
/// <remarks>
/// <para><c>LanChat.Tests --filter-class "*DrainTests" --show-live-output on</c></para>
/// <para>One client in twenty is frozen: it has joined, reads nothing, and more waits for it than its connection holds. Of the others, one in ten speaks TLS.
/// LANCHAT_TEST_DRAIN_CLIENTS: how many clients (100; 1,000 with LANCHAT_TEST_LONG=1). LANCHAT_TEST_DRAIN_CYCLES: how many servers one after the other, on each transport (1; 5).
/// LANCHAT_TEST_DRAIN_SECONDS: what they are given to stop (5).</para>
/// </remarks>
[Collection("whole process")]
public sealed class DrainTests
{
    private const int OneInFrozen = 20;
    private const int OneInTls = 10;
    private const int Talkers = 4;

    // What loopback takes for a connection that reads nothing: the kernel's send buffer starts at 2.6 MB there. A megabyte more, and the rest is the server's to hold.
    private const int LoudMessages = 900;
    private const int LoudBytes = 4_000;

    // On a machine with nothing else to do a stop takes its timeout and the second that its documentation names. To the exact second it is tested on fake time (StoppingTests).
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(10);

    private readonly int _clients = TestLength.Size("LANCHAT_TEST_DRAIN_CLIENTS", 100, 1_000);
    private readonly int _cycles = TestLength.Size("LANCHAT_TEST_DRAIN_CYCLES", 1, 5);

    // In the short form as well: whoever reads has to be told in it, also on a busy machine.
    private readonly TimeSpan _timeout = TimeSpan.FromSeconds(TestLength.Size("LANCHAT_TEST_DRAIN_SECONDS", 5, 5));

    [Theory]
    [InlineData(ServerTransport.Epoll)]
    [InlineData(ServerTransport.Sockets)]
    public async Task A_full_server_stops_in_time_tells_everyone_and_leaves_nothing(ServerTransport transport)
    {
        TestTransport.Of(transport);
        using var unobserved = new UnobservedExceptions();
        for (int cycle = 0; cycle < _cycles; cycle++)
        {
            await CycleAsync(transport);
        }

        Assert.Empty(unobserved.Found);
    }

    [Theory]
    [InlineData(ServerTransport.Epoll)]
    [InlineData(ServerTransport.Sockets)]
    public async Task Clients_that_come_back_do_not_hold_the_stop_up_and_are_told_that_the_room_began_anew(ServerTransport transport)
    {
        TestTransport.Of(transport);
        using var unobserved = new UnobservedExceptions();
        int sockets = ProcessResources.Sockets;
        var time = new CountingTimeProvider();
        ChatServerOptions options = Den.Options with { Transport = transport, TimeProvider = time };
        Den den = await Den.OpenAsync(options);
        var guests = new (ChatClient Client, ChatRoom Room)[_clients / 2];
        for (int i = 0; i < guests.Length; i++)
        {
            // They knock all the while: at the door that is being closed, at the closed one, and at the next.
            ChatClient client = await den.ConnectAsync(TestClient.Options with
            {
                Name = $"guest-{i}",
                Plaintext = i % OneInTls != 0,
                TimeProvider = time,
                MaxReconnectDelay = TimeSpan.FromMilliseconds(100),
            });
            guests[i] = (client, await client.JoinAsync("lobby"));
        }

        // Nobody is stuck, so it takes no deadline to come to the end.
        var patient = TimeSpan.FromHours(1);
        for (int restart = 0; restart < 3; restart++)
        {
            Task<Reset>[] resets = [.. guests.Select(guest => FirstAsync<Reset>(guest.Room.ReadAllAsync()))];
            await den.Host.StopAsync(patient).WaitAsync(Den.Patience);
            AssertNothingIsLeft(den.Host);
            den = await Den.OpenAsync(options with { Port = den.EndPoint.Port });
            Reset[] told = await Task.WhenAll(resets).WaitAsync(Den.Patience);
            Assert.Single(told.Select(reset => reset.Epoch).Distinct());
            Den.Until(() => guests.All(guest => guest.Room.MemberCount == guests.Length), "all are back and know it");
            SendResult[] sent = await Task.WhenAll(guests.Select(guest => guest.Room.SendAsync("here again").AsTask())).WaitAsync(Den.Patience);
            Assert.All(sent, result => Assert.True(result.IsAccepted, $"{result.Outcome} {result.Reason} {result.Text}"));
        }

        await Task.WhenAll(guests.Select(guest => guest.Client.DisposeAsync().AsTask())).WaitAsync(Den.Patience);
        await den.Host.StopAsync(patient).WaitAsync(Den.Patience);
        AssertNothingIsLeft(den.Host);
        Assert.Equal(0, time.TimerCount);
        Den.Until(() => ProcessResources.Sockets <= sockets, "all sockets are gone");
        Assert.Empty(unobserved.Found);
    }

    private async Task CycleAsync(ServerTransport transport)
    {
        var time = new CountingTimeProvider();
        var log = new RecordingLoggerFactory();
        ChatServerOptions options = Den.Options with { Transport = transport, TimeProvider = time, LoggerFactory = log, MaxLagBytes = 64 << 20 };
        (int sockets, int threads) = (ProcessResources.Sockets, ProcessResources.LoopThreads);

        Den den = await Den.OpenAsync(options);
        int frozenCount = _clients / OneInFrozen;
        var frozen = new List<Socket>();
        for (int i = 0; i < frozenCount; i++)
        {
            frozen.Add(await Den.JoinFrozenAsync(den.EndPoint, $"frozen-{i}", "lobby", "loud"));
        }

        (ChatClient Client, ChatRoom Lobby)[] live = await JoinLiveAsync(den, _clients - frozenCount, time);
        await TalkLoudAsync(den, live[0].Client, frozenCount);

        // Somebody listens, some talk, and the stop comes in the middle of it.
        var accepted = new ConcurrentBag<string>();
        Task<List<string>> hearing = HearAsync(live[0].Lobby);
        Task[] talking = [.. live.TakeLast(Talkers).Select((guest, n) => TalkAsync(guest.Lobby, n, accepted))];
        Den.Until(() => accepted.Count >= Talkers * 10, "the talkers talk");

        long start = Stopwatch.GetTimestamp();
        await den.Host.StopAsync(_timeout).WaitAsync(Den.Patience);
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        Den.Print($"{transport}: {_clients} clients, {frozenCount} of them frozen: {took.TotalSeconds:F2} s for a stop of {_timeout.TotalSeconds} s");
        Assert.True(took < _timeout + TimeSpan.FromSeconds(1) + Slack, $"The stop took {took}.");

        // Those who were cut off at the deadline are the frozen ones, and nobody else.
        Assert.Contains(log.Logger.Lines, line => line.Text == $"The stop's deadline came; {frozenCount} connections are cut off");

        // The port is free at once, while those who were cut off still hold their ends.
        Den again = await Den.OpenAsync(options with { Port = den.EndPoint.Port });
        Assert.Equal(den.EndPoint, again.EndPoint);
        await again.Host.StopAsync(_timeout).WaitAsync(Den.Patience);

        foreach ((ChatClient client, _) in live)
        {
            Assert.Equal(DisconnectReason.ServerStopping, await client.Completion.WaitAsync(Den.Patience));
        }

        await Task.WhenAll(talking).WaitAsync(Den.Patience);
        List<string> heard = await hearing.WaitAsync(Den.Patience);
        Assert.Equal(heard.Count, heard.Distinct().Count());
        Assert.Empty(accepted.Except(heard));

        AssertNothingIsLeft(den.Host);
        Assert.Equal(0, time.TimerCount);

        // The last thing that a loop's thread does is to say that it has ended.
        Den.Until(() => ProcessResources.LoopThreads <= threads, "the loops' threads are gone");
        Den.Until(() => ProcessResources.Sockets <= sockets + frozenCount, "the server's sockets, and those of its clients, are gone");
        frozen.ForEach(socket => socket.Dispose());
        Den.Until(() => ProcessResources.Sockets <= sockets, "all sockets are gone");
    }

    private static void AssertNothingIsLeft(ServerHost host)
    {
        Assert.Equal(0, host.Context.ConnectionCount);
        Assert.Equal(0, host.Context.Sessions.Count);
        Assert.Equal(0, host.Context.Pool.RentedBytes);
        Assert.Equal(0, host.Context.Pool.RentedSegments);
        Assert.True(host.Completion.IsCompletedSuccessfully);
        Assert.All(host.Loops, loop => Assert.True(loop.Loop.Completion.IsCompletedSuccessfully));
    }

    private static async Task<(ChatClient Client, ChatRoom Lobby)[]> JoinLiveAsync(Den den, int count, TimeProvider time)
    {
        var live = new (ChatClient, ChatRoom)[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, cancel) =>
        {
            ChatClientOptions options = TestClient.Options with
            {
                Name = $"live-{i}",
                Plaintext = i % OneInTls != 0,
                ConnectTimeout = Den.Patience,
                Reconnect = false,
                TimeProvider = time,

                // The listener's; nobody else takes any.
                MaxBufferedEvents = i == 0 ? 1 << 20 : 16,
            };
            ChatClient client = await den.ConnectAsync(options);
            live[i] = (client, await client.JoinAsync("lobby", cancel));
        });
        return live;
    }

    /// <summary>Fills what lies between the server and those who read nothing.</summary>
    private static async Task TalkLoudAsync(Den den, ChatClient speaker, int frozenCount)
    {
        ChatRoom loud = await speaker.JoinAsync("loud");
        Den.Until(() => loud.MemberCount == frozenCount + 1 && den.Server.GetMembers("loud").Count == frozenCount + 1, "the frozen have joined");
        string text = new('x', LoudBytes);
        SendResult[] sent = await Task.WhenAll(Enumerable.Range(0, LoudMessages).Select(_ => loud.SendAsync(text).AsTask())).WaitAsync(Den.Patience);
        Assert.All(sent, result => Assert.True(result.IsAccepted, $"{result.Outcome} {result.Reason} {result.Text}"));
    }

    private static async Task TalkAsync(ChatRoom lobby, int number, ConcurrentBag<string> accepted)
    {
        for (int i = 0; ; i++)
        {
            string text = $"{number}:{i}";
            SendResult sent = await lobby.SendAsync(text);
            if (!sent.IsAccepted)
            {
                Assert.Equal(DisconnectReason.ServerStopping, sent.Reason);
                return;
            }

            accepted.Add(text);
        }
    }

    private static async Task<TEvent> FirstAsync<TEvent>(IAsyncEnumerable<RoomEvent> events)
    {
        await foreach (RoomEvent e in events)
        {
            if (e is TEvent found)
            {
                return found;
            }
        }

        throw new EndOfStreamException($"The events ended before a {typeof(TEvent).Name}.");
    }

    private static async Task<List<string>> HearAsync(ChatRoom lobby)
    {
        var heard = new List<string>();
        await foreach (RoomEvent e in lobby.ReadAllAsync())
        {
            Assert.IsNotType<Gap>(e);
            if (e is MessageReceived message)
            {
                heard.Add(message.Text);
            }
        }

        return heard;
    }
}
