using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;

namespace LanChat.Samples;

/// <summary>The server's command line, and what it means for the library.</summary>
internal static class ServerCommand
{
    // The library holds a burst for a while before the rate counts: who pastes a few lines is not told off.
    private const int BurstSeconds = 5;

    // Links that have said nothing yet, and callers who are about to be told that the server is full.
    private const int MoreConnections = 100;

    private const int MaxServerNameBytes = 48;
    private const int MaxWelcomeBytes = 1024;

    internal static RootCommand Create()
    {
        Option<string> name = CommandLines.Text("--name", "The server's name (default: the machine's).", 1, MaxServerNameBytes);
        name.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value.Any(char.IsControl))
            {
                result.AddError("--name takes one line, without control characters.");
            }
        });
        Option<string> welcome = CommandLines.Text("--welcome", "What each caller gets to read first.", 0, MaxWelcomeBytes);
        var bind = new Option<IPAddress?>("--bind") { Description = "The address to listen on (default: all).", HelpName = "ADDR", CustomParser = ParseAddress };
        Option<int> port = CommandLines.Number("--port", "The TCP port to listen on; 0: one that is free.", 9090, 0, IPEndPoint.MaxPort);
        Option<int> discoveryPort = CommandLines.DiscoveryPort();
        var noDiscovery = new Option<bool>("--no-discovery") { Description = "Do not announce the server on the network." };
        var legacyBeacon = new Option<bool>("--legacy-beacon")
        {
            Description = "Also announce it to clients of the first generation, and let other machines talk in unencrypted lines of text, which they do.",
        };
        Option<string[]> interfaces = CommandLines.Interfaces("The network interfaces to announce it on (default: all but those of containers and tunnels).");
        Option<string?> identity = CommandLines.NotBlank(new Option<string?>("--identity")
        {
            Description = "The directory of the server's key (default: one in your data directory; several servers have one each).",
            HelpName = "DIR",
        });
        Option<JoinCode?> joinCode = CommandLines.JoinCode("Let in only who has this code; auto makes one and shows it. A phrase of your own is easier to guess.", isMade: true);
        Option<string?> operatorFile = CommandLines.NotBlank(new Option<string?>("--operator")
        {
            Description = "The file of the operator's token, made at the first start (default: operator.key beside the server's key).",
            HelpName = "FILE",
        });
        var allowPlaintext = new Option<bool>("--allow-plaintext")
        {
            Description = "Accept unencrypted callers from other machines: everyone on the way can read along and change what they say.",
        };
        Option<int> history = CommandLines.Number("--history", "Entries kept per room.", 1_000, 0, 10_000_000);
        Option<int> maxMembers = CommandLines.Number("--max-members", "People on the server.", 500, 1, 1_000_000);
        Option<int> rate = CommandLines.Number("--rate", "Messages a second and person, five times as many at once; 0: no limit.", 20, 0, 1_000_000);
        var idle = new Option<TimeSpan?>("--idle")
        {
            Description = "End who says nothing for so long: a number with ms, s, m or h (default: never).",
            HelpName = "TIME",
            CustomParser = result => TimeValue.Parse(result, TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(365)),
        };

        var command = new RootCommand("A LanChat server. Lines you type are notices to everyone; /help lists what else you can say; exit stops it.")
        {
            name, bind, port, welcome, discoveryPort, noDiscovery, legacyBeacon, interfaces, identity, joinCode, operatorFile, allowPlaintext, history, maxMembers, rate, idle,
        };
        command.SetAction((arguments, _) =>
        {
            int perSecond = arguments.GetValue(rate);
            int members = arguments.GetValue(maxMembers);
            var options = new ChatServerOptions
            {
                Welcome = arguments.GetValue(welcome),
                BindAddress = arguments.GetValue(bind),
                Port = arguments.GetValue(port),
                JoinCode = arguments.GetValue(joinCode),
                AllowPlaintext = arguments.GetValue(allowPlaintext),
                Announce = !arguments.GetValue(noDiscovery),
                DiscoveryPort = arguments.GetValue(discoveryPort),
                LegacyBeacon = arguments.GetValue(legacyBeacon),
                Interfaces = arguments.GetValue(interfaces) ?? [],
                MaxHistoryEntries = arguments.GetValue(history),
                MaxMembers = members,
                MaxRoomMembers = members,
                MaxConnections = members + MoreConnections,
                PublishRate = perSecond,
                PublishBurst = Math.Max(1, perSecond * BurstSeconds),
                IdleTimeout = arguments.GetValue(idle),
            };
            var secrets = new ServerSecrets
            {
                IdentityDirectory = arguments.GetValue(identity),
                OperatorFile = arguments.GetValue(operatorFile),
                ShowsJoinCode = CommandLines.IsJoinCodeMade(arguments, joinCode),
            };
            return ServerProgram.RunAsync(arguments.GetValue(name) is { } chosen ? options with { Name = chosen } : options, secrets);
        });
        return command;
    }

    private static IPAddress? ParseAddress(ArgumentResult result)
    {
        if (!IPAddress.TryParse(result.Tokens[0].Value, out IPAddress? address))
        {
            result.AddError($"'{result.Tokens[0].Value}' is no address: give one of this machine's, such as 127.0.0.1 or ::.");
        }

        return address;
    }
}
