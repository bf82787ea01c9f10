using System.CommandLine;
using System.Net;
using LanChat;
using LanChat.Throughput;

// A server without limits, console or discovery, for load generators: it serves until it is told to stop.
var port = new Option<int>("--port") { Description = "TCP port; 0 for any that is free", DefaultValueFactory = _ => 9090 };
var loops = new Option<int>("--loops") { Description = "Event loops", DefaultValueFactory = _ => 1 };
var serve = new Command("serve", "Serves plain frames on loopback, without limits") { port, loops };
serve.SetAction(async (arguments, cancellationToken) =>
{
    using ServerIdentity identity = ServerIdentity.Create();
    await using ChatServer server = await ChatServer.StartAsync(
        new ChatServerOptions
        {
            Name = "throughput",
            Identity = identity,
            Announce = false,
            BindAddress = IPAddress.Loopback,
            Port = arguments.GetValue(port),
            Loops = arguments.GetValue(loops),
            MaxMembers = 100_000,
            MaxConnections = 100_000,
            MaxRoomMembers = 100_000,
            PublishRate = 0,
            ControlRate = 1_000_000,
            HeartbeatInterval = TimeSpan.FromHours(1),
        },
        cancellationToken);
    Console.WriteLine($"listening on {server.EndPoint}");
    await Task.Delay(Timeout.Infinite, cancellationToken).ContinueWith(_ => { }, TaskScheduler.Default);
});

var program = new RootCommand("Measures LanChat.") { serve };
foreach (Command command in PeerCommands.Make())
{
    program.Add(command);
}

return await program.Parse(args).InvokeAsync();
