using System.CommandLine;
using LanChat.Throughput;

return await new RootCommand("Measures LanChat.") { ServeCommand.Make() }.Parse(args).InvokeAsync();
