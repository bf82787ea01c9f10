using System.CommandLine;
using LanChat.Throughput;

return await new RootCommand("Measures LanChat.") { ServeCommand.Make(), FloorCommand.Make(), RunCommand.Make() }.Parse(args).InvokeAsync();
