using System.CommandLine;
using System.Runtime.InteropServices;
using LanChat.Throughput;

var program = new RootCommand("Measures LanChat.") { ServeCommand.Make(), RunCommand.Make(), FloorCommand.Make() };
foreach (Command command in PeerCommands.Make())
{
    program.Add(command);
}

// The first SIGINT or SIGTERM asks the command to end, which may have servers of others to end; the second ends the process. In place of System.CommandLine's own handling, which
// ends the process by itself after a time, and aborts it when the signal meets the end.
using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
return await program.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }, stop.Token);

void Stop(PosixSignalContext signal)
{
    signal.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
}
