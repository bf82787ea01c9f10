using System.CommandLine;
using LanChat.Throughput;

var program = new RootCommand("Measures LanChat.") { ServeCommand.Make() };
foreach (Command command in PeerCommands.Make())
{
    program.Add(command);
}

return await program.Parse(args).InvokeAsync();
