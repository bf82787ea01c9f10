using System.CommandLine;

namespace LanChat.Samples;

/// <summary>The client's command line.</summary>
internal static class ClientCommand
{
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
        var name = new Option<string>("--name") { Description = "The name to go by (default: the server gives one).", HelpName = "NAME", DefaultValueFactory = _ => "" };
        var room = new Option<string>("--room") { Description = "The room to join.", HelpName = "ROOM", DefaultValueFactory = _ => "lobby" };
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
            arguments.GetRequiredValue(name),
            arguments.GetRequiredValue(room),
            arguments.GetValue(timeout) ?? DefaultTimeout).RunAsync(cancelled));
        return command;
    }
}
