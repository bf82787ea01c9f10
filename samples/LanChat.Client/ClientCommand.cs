using System.CommandLine;
using System.CommandLine.Parsing;

namespace LanChat.Samples;

/// <summary>The client's command line.</summary>
internal static class ClientCommand
{
    // What the wire has room for; the server decides what it takes.
    private const int MaxNameBytes = 255;

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(5);

    internal static RootCommand Create()
    {
        var server = new Option<ServerAddress?>("--server")
        {
            Description = "Where the server is (default: the one found on the network). The port is 9090 unless given; an IPv6 address with a port is written [::1]:9090; "
                + "a link, lanchat://HOST:PORT/#ID, also says which key it must have.",
            HelpName = "HOST[:PORT]",
            CustomParser = ParseServer,
        };
        Option<int> discoveryPort = CommandLines.DiscoveryPort();
        Option<string[]> interfaces = CommandLines.Interfaces("The network interfaces to look for servers on (default: all but those of containers and tunnels).");
        var plain = new Option<bool>("--plain") { Description = "Talk unencrypted: anyone on the way can read along and change what is said." };
        Option<JoinCode?> joinCode = CommandLines.JoinCode("The server's join code: then only a server will do that proves to have it too. Without it you are asked for it on a terminal, if the server asks.", isMade: false);
        var operatorFile = new Option<string?>("--operator")
        {
            Description = $"Ask for operator rights, proved by the token in this file or in a copy of it (default: {OperatorToken.FileName} of this user's own servers).",
            HelpName = "FILE",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var forget = new Option<bool>("--forget")
        {
            Description = "Forget the key that is known for the server, and take the one it shows now: after it was set up anew.",
        };
        Option<string> name = CommandLines.Text("--name", "The name to go by (default: the server gives one).", 0, MaxNameBytes);
        Option<string> room = CommandLines.Text("--room", "The room to join (default: lobby).", 1, MaxNameBytes);
        var timeout = new Option<TimeSpan?>("--timeout")
        {
            Description = "How long connecting may take: a number with ms, s, m or h (default: 5s).",
            HelpName = "TIME",
            CustomParser = result => TimeValue.Parse(result, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)),
        };
        var transport = new Option<string>("--transport")
        {
            Description = "How messages travel: tcp; udp, encrypted as well, and by tcp after all where that does not get through; or random, anew for each.",
            DefaultValueFactory = _ => "tcp",
        };
        transport.AcceptOnlyFromAmong(TransportChoice.Words);
        var noReconnect = new Option<bool>("--no-reconnect") { Description = "Exit when the server is lost, instead of connecting again." };

        var command = new RootCommand("A LanChat client. Lines you type are said to the room; /help lists what else you can say; exit leaves.")
        {
            server, name, room, timeout, noReconnect, discoveryPort, interfaces, transport, plain, forget, joinCode, operatorFile,
        };
        command.SetAction((arguments, cancelled) => new ClientProgram(new ClientSettings
        {
            Server = arguments.GetValue(server),
            Name = arguments.GetValue(name) ?? "",
            Room = arguments.GetValue(room) ?? "lobby",
            Timeout = arguments.GetValue(timeout) ?? DefaultTimeout,
            DiscoveryPort = arguments.GetValue(discoveryPort),
            Interfaces = arguments.GetValue(interfaces) ?? [],
            Transport = TransportChoice.Of(arguments.GetValue(transport)!),
            IsPlain = arguments.GetValue(plain),
            Reconnects = !arguments.GetValue(noReconnect),
            Forgets = arguments.GetValue(forget),
            JoinCode = arguments.GetValue(joinCode),
            OperatorFile = arguments.GetResult(operatorFile) is null ? null : arguments.GetValue(operatorFile) ?? OperatorToken.DefaultPath,
        }).RunAsync(cancelled));
        return command;
    }

    private static ServerAddress? ParseServer(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (!ServerAddress.TryParse(text, out ServerAddress? address))
        {
            result.AddError($"'{text}' is no server: give HOST or HOST:PORT, such as localhost:9090 or [::1]:9090, or a whole link, lanchat://HOST:PORT/#ID.");
        }

        return address;
    }
}
