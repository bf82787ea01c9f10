using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using LanChat.Diagnostics;

namespace LanChat.Throughput;

/// <summary>A server for load generators outside this program: no limits as far as options go, and neither heartbeat, console nor discovery. It serves on loopback until it is told to stop.</summary>
internal static class ServeCommand
{
    internal static Command Make()
    {
        var port = new Option<int>("--port") { Description = "TCP port; 0 for any that is free", DefaultValueFactory = _ => 9090 };
        var plain = new Option<bool>("--plain") { Description = "Accept plain frames from everywhere; from this machine they always are" };
        var loops = new Option<int>("--loops") { Description = "Event loops", DefaultValueFactory = _ => 1 };
        var transport = new Option<ServerTransport>("--transport") { Description = "What carries the connections" };
        var lag = new Option<int>("--max-lag") { Description = "Bytes by which a connection may fall behind a room before it is ended", DefaultValueFactory = _ => 1 << 30 };
        lag.Validators.Add(static result => Demand(result, result.GetValueOrDefault<int>() is >= 64 << 10 and <= 1 << 30, "--max-lag must be from 64 KiB to 1 GiB."));
        port.Validators.Add(static result => Demand(result, result.GetValueOrDefault<int>() is >= IPEndPoint.MinPort and <= IPEndPoint.MaxPort, "--port must be from 0 to 65535."));
        loops.Validators.Add(static result => Demand(result, result.GetValueOrDefault<int>() is >= 1 and <= 256, "--loops must be from 1 to 256."));
        var serve = new Command("serve", "Serves loopback without limits, for a load generator; warms up for two seconds before it listens") { port, plain, loops, transport, lag };
        serve.SetAction((arguments, cancellationToken) => ServeAsync(
            WithoutLimits() with
            {
                Port = arguments.GetValue(port),
                AllowPlaintext = arguments.GetValue(plain),
                Loops = arguments.GetValue(loops),
                Transport = arguments.GetValue(transport),
                MaxLagBytes = arguments.GetValue(lag),
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
        MaxConnectionsPerAddress = 2_000_000,
        MaxUnwelcomed = 2_000_000,
        JoinRatePerAddress = 1_000_000,
        JoinBurstPerAddress = 1_000_000,
        MaxRooms = 1_000_000,
        MaxRoomsPerSession = 1_000,
        MaxRoomMembers = 1_000_000,
        MaxTextBytes = 60_000,
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
            IdleCollection.Collect();
            (long sends, long bytes) = (LoopTraffic.Sends, LoopTraffic.Bytes);
            await using ChatServer server = await ChatServer.StartAsync(options, cancellationToken);
            Console.WriteLine($"listening on {server.EndPoint}");
            await IdleCollection.RunAsync(() => server.MemberCount, cancellationToken);
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

    private static void Demand(OptionResult result, bool isTrue, string text)
    {
        if (!isTrue)
        {
            result.AddError(text);
        }
    }
}
