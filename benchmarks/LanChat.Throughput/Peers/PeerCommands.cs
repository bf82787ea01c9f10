using System.CommandLine;

namespace LanChat.Throughput;

/// <summary>The commands by which this program starts the servers that live in it, and checks all of them. Nobody else needs them, so help does not show them.</summary>
internal static class PeerCommands
{
    internal static IReadOnlyList<Command> Make() => [SignalRCommand.Make(), ThreadsCommand.Make(), CheckPeersCommand.Make()];
}
