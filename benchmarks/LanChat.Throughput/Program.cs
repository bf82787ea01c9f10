using System.CommandLine;
using LanChat.Throughput;

var program = new RootCommand("Measures LanChat.") { ServeCommand.Make(), RunCommand.Make(), FloorCommand.Make() };
foreach (Command command in PeerCommands.Make())
{
    program.Add(command);
}

// Whoever is interrupted has servers to end first.
return await program.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(10) });
