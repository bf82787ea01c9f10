using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Endurance;

/// <summary>The server program with a few hundred people on it, some of them frozen, told to stop from outside.</summary>
/// <remarks><c>LanChat.Tests --filter-class "*DrainProcessTests"</c>. LANCHAT_TEST_DRAIN_PROCESS_CLIENTS: how many clients (100; 400 with LANCHAT_TEST_LONG=1).</remarks>
public sealed class DrainProcessTests
{
    private const int Frozen = 8;

    // What the program gives its people before it cuts them off: the library's default.
    private static readonly TimeSpan StopTimeout = new ChatServerOptions().StopTimeout;

    // Loopback takes 2.6 MB for somebody who reads nothing. More waits behind it, but less than would end them for being too slow.
    private const int LoudMessages = 900;
    private const int LoudBytes = 4_000;

    [Theory]
    [InlineData(PosixSignal.SIGTERM)]
    [InlineData(PosixSignal.SIGINT)]
    public async Task A_signal_tells_all_who_listen_and_waits_for_the_frozen_no_longer_than_it_says(PosixSignal signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no signals to send on Windows.");
        Assert.SkipWhen(signal == PosixSignal.SIGINT && !SampleProcess.HeedsInterrupts(), "Ctrl-C is ignored here, and so it is by what is started from here.");
        int count = TestLength.Size("LANCHAT_TEST_DRAIN_PROCESS_CLIENTS", 100, 400);
        await using SampleServer server = await SampleServer.StartAsync("--bind", "127.0.0.1", "--rate", "0", "--max-members", $"{count + Frozen}");
        var endPoint = new IPEndPoint(IPAddress.Loopback, server.Port);

        var frozen = new List<Socket>();
        for (int i = 0; i < Frozen; i++)
        {
            frozen.Add(await Den.JoinFrozenAsync(endPoint, $"frozen-{i}", "lobby", "loud"));
        }

        var live = new ChatClient[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, cancel) =>
        {
            ChatClientOptions options = TestClient.Options with { Name = $"live-{i}", Plaintext = i % 10 != 0, ConnectTimeout = Den.Patience, MaxBufferedEvents = 16, Reconnect = false };
            live[i] = await ChatClient.ConnectAsync(endPoint, options, cancel);
            await live[i].JoinAsync("lobby", cancel);
        });
        ChatRoom loud = await live[0].JoinAsync("loud");
        Den.Until(() => loud.MemberCount == Frozen + 1, "the frozen have joined");
        await Task.WhenAll(Enumerable.Range(0, LoudMessages).Select(_ => loud.SendAsync(new string('x', LoudBytes)).AsTask())).WaitAsync(Den.Patience);

        long start = Stopwatch.GetTimestamp();
        server.Process.Signal(signal);
        foreach (ChatClient client in live)
        {
            Assert.Equal(DisconnectReason.ServerStopping, await client.Completion.WaitAsync(Den.Patience));
        }

        // Less would mean that nobody was stuck; the end itself has the deadline of every process here.
        SampleEnd end = await server.Process.EndAsync();
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        Den.Print($"{signal}: {count} clients and {Frozen} frozen ones: {took.TotalSeconds:F2} s");
        Assert.True(took >= StopTimeout, $"It took {took}: the frozen were not waited for.");
        Assert.Equal(0, end.ExitCode);
        Assert.Empty(end.Errors);
        frozen.ForEach(socket => socket.Dispose());
    }
}
