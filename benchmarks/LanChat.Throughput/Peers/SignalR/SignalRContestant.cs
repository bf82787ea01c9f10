using System.Diagnostics;

namespace LanChat.Throughput;

/// <summary>ASP.NET Core SignalR over WebSocket, in the framework that this program runs on.</summary>
internal sealed class SignalRContestant(bool isTls) : Contestant
{
    internal override string Name => isTls ? "signalr-tls" : "signalr";

    internal override bool IsTls => isTls;

    // As many threads as the processors it may run on.
    internal override bool HasLoops => true;

    internal override ProcessStartInfo Server(int port, int loops, string directory)
    {
        ProcessStartInfo start = isTls ? Programs.Own("signalr", "--port", $"{port}", "--tls") : Programs.Own("signalr", "--port", $"{port}");

        // What a project of the web SDK gets by default, which this program is none of. (The runtime does without where it may use one core only.)
        start.Environment["DOTNET_gcServer"] = "1";

        // Compiled as this program is, not with the runtime's defaults: in runs of a second those made a delivery dearer.

        // Settings are looked for there, and there are none.
        start.WorkingDirectory = directory;
        return start;
    }

    internal override Wire NewWire(string room, bool receives) => new SignalRWire(room, receives);
}
