using System.CommandLine;

namespace LanChat.Samples;

/// <summary>The client's command line.</summary>
internal static class ClientCommand
{
    // What the wire has room for; the server decides what it takes.
    private const int MaxNameBytes = 255;

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(5);

    internal static RootCommand Create()
    {
        var server = new Option<ServerAddress>("--server")
        {
            Description = "Where the server is; the port is 9090 unless given; an IPv6 address with a port is written [::1]:9090.",
            HelpName = "HOST[:PORT]",
            Required = true,
            CustomParser = ServerAddress.Parse,
        };
        Option<string> name = CommandLines.Text("--name", "The name to go by (default: the server gives one).", 0, MaxNameBytes);
        Option<string> room = CommandLines.Text("--room", "The room to join (default: lobby).", 1, MaxNameBytes);
        var timeout = new Option<TimeSpan?>("--timeout")
        {
            Description = "How long connecting may take: a number with ms, s, m or h (default: 5s).",
            HelpName = "TIME",
            CustomParser = result => TimeValue.Parse(result, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)),
        };

        var command = new RootCommand("A LanChat client. Lines you type are said to the room; /help lists what else you can say; exit leaves.")
        {
            server, name, room, timeout,
        };
        command.SetAction((arguments, cancelled) => new ClientProgram(
            arguments.GetRequiredValue(server),
            arguments.GetValue(name) ?? "",
            arguments.GetValue(room) ?? "lobby",
            arguments.GetValue(timeout) ?? DefaultTimeout).RunAsync(cancelled));
        return command;
    }
}
