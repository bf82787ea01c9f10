using System.CommandLine;
using System.Net;
using LanChat.Diagnostics;

namespace LanChat.Throughput;

/// <summary>A server for load generators outside this program: no limits as far as options go, and neither heartbeat, console nor discovery. It serves on loopback until it is told to stop.</summary>
internal static class ServeCommand
{
    /// <summary>How long the number of members stays the same before memory is put in order.</summary>
    private static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(1);

    /// <summary>The part of one processor below which nothing is going on.</summary>
    private const double IdlePart = 0.05;

    internal static Command Make()
    {
        var port = new Option<int>("--port") { Description = "TCP port; 0 for any that is free", DefaultValueFactory = _ => 9090 };
        var plain = new Option<bool>("--plain") { Description = "Accept plain frames from everywhere; from this machine they always are" };
        var loops = new Option<int>("--loops") { Description = "Event loops", DefaultValueFactory = _ => 1 };
        var transport = new Option<ServerTransport>("--transport") { Description = "What carries the connections" };
        var serve = new Command("serve", "Serves loopback without limits, for a load generator; warms up for two seconds before it listens") { port, plain, loops, transport };
        serve.SetAction((arguments, cancellationToken) => ServeAsync(
            WithoutLimits() with
            {
                Port = arguments.GetValue(port),
                AllowPlaintext = arguments.GetValue(plain),
                Loops = arguments.GetValue(loops),
                Transport = arguments.GetValue(transport),
            },
            cancellationToken));
        return serve;
    }

    private static ChatServerOptions WithoutLimits() => new()
    {
        Name = "throughput",
        Announce = false,
        BindAddress = IPAddress.Loopback,
        MaxMembers = 1_000_000,
        MaxConnections = 2_000_000,
        MaxRooms = 1_000_000,
        MaxRoomsPerSession = 1_000,
        MaxRoomMembers = 1_000_000,
        MaxTextBytes = 60_000,
        MaxLagBytes = 1 << 30,
        MemoryBudgetBytes = 1L << 40,
        PublishRate = 0,
        ControlRate = 1_000_000,
        HeartbeatInterval = TimeSpan.FromHours(1),

        // Nobody here waits for its last message, and a signal is to end the process at once.
        StopTimeout = TimeSpan.Zero,
    };

    private static async Task<int> ServeAsync(ChatServerOptions options, CancellationToken cancellationToken)
    {
        using ServerIdentity identity = ServerIdentity.Create();
        options = options with { Identity = identity };
        try
        {
            await WarmUp.RunAsync(options, cancellationToken);
            Collect();
            (long sends, long bytes) = (LoopTraffic.Sends, LoopTraffic.Bytes);
            await using ChatServer server = await ChatServer.StartAsync(options, cancellationToken);
            Console.WriteLine($"listening on {server.EndPoint}");
            await CollectAfterChangesAsync(server, cancellationToken);
            await Console.Error.WriteLineAsync($"sent {LoopTraffic.Bytes - bytes} bytes in {LoopTraffic.Sends - sends} sends");
        }
        catch (OperationCanceledException)
        {
            // A signal, before it listened.
        }
        catch (ChatException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }

        return 0;
    }

    // Whoever measures the memory of idle members sees the resident set, in which the garbage of their coming (buffers, arrays that were outgrown) stays until something
    // collects it, and an idle server allocates nothing that would. So it is collected once after members have come or gone, when they are all there and nothing is going on:
    // a collection in the middle of a measurement of messages would be measured with them.
    private static async Task CollectAfterChangesAsync(ChatServer server, CancellationToken cancellationToken)
    {
        int members = 0;
        bool hasChanged = false;
        TimeSpan used = Environment.CpuUsage.TotalTime;
        using var timer = new PeriodicTimer(QuietTime);
        using CancellationTokenRegistration stop = cancellationToken.Register(timer.Dispose);
        while (await timer.WaitForNextTickAsync(CancellationToken.None))
        {
            int before = members;
            TimeSpan usedBefore = used;
            members = server.MemberCount;
            used = Environment.CpuUsage.TotalTime;
            hasChanged |= members != before;
            if (hasChanged && members == before && used - usedBefore < QuietTime * IdlePart)
            {
                hasChanged = false;
                Collect();
                used = Environment.CpuUsage.TotalTime;
            }
        }
    }

    private static void Collect() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
