using System.CommandLine;
using System.CommandLine.Invocation;
using System.Net.NetworkInformation;
using System.Text;

namespace LanChat.Samples;

/// <summary>Options and settings that both command lines share the form of.</summary>
internal static class CommandLines
{
    private const string JoinCodeVariable = "LANCHAT_JOIN_CODE";
    private const string MakeOne = "auto";

    // A command that was cancelled may say goodbye; a client takes about two seconds at most for that.
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Makes an option that takes a whole number within bounds.</summary>
    internal static Option<int> Number(string name, string description, int defaultValue, int low, int high)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => defaultValue };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, out int number) && (number < low || number > high))
            {
                result.AddError($"{name} takes a number from {low} to {high}; {number} is out of range.");
            }
        });
        return option;
    }

    /// <summary>Makes an option that takes a text whose UTF-8 has a number of bytes within bounds.</summary>
    internal static Option<string> Text(string name, string description, int minBytes, int maxBytes)
    {
        var option = new Option<string>(name) { Description = description, HelpName = "TEXT" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && Encoding.UTF8.GetByteCount(token.Value) is var bytes && (bytes < minBytes || bytes > maxBytes))
            {
                result.AddError($"{name} takes {minBytes} to {maxBytes} bytes of UTF-8; this has {bytes}.");
            }
        });
        return option;
    }

    internal static Option<int> DiscoveryPort() => Number("--discovery-port", "The UDP port on which servers are announced and found.", 5005, 1, 65_535);

    internal static Option<string[]> Interfaces(string description)
    {
        var option = new Option<string[]>("--interface")
        {
            Description = description,
            HelpName = "NAME",
            AllowMultipleArgumentsPerToken = true,
            Arity = ArgumentArity.OneOrMore,
        };

        // It takes whatever follows it, a misspelled option as well.
        option.Validators.Add(result =>
        {
            string[] names = [.. NetworkInterface.GetAllNetworkInterfaces().Select(network => network.Name)];
            foreach (string name in result.Tokens.Select(token => token.Value).Except(names, StringComparer.OrdinalIgnoreCase))
            {
                result.AddError($"--interface: there is no network interface '{name}'; there are: {string.Join(", ", names)}.");
            }
        });
        return option;
    }

    /// <summary>Makes the option for a join code. Other users of the machine can read the arguments of a program, but not its environment, so the code may stand there as well.</summary>
    /// <param name="description">What it is for.</param>
    /// <param name="isMade">Whether <c>auto</c> makes one.</param>
    internal static Option<JoinCode?> JoinCode(string description, bool isMade)
    {
        return new Option<JoinCode?>("--join-code")
        {
            Description = $"{description} Other users of this machine may see it in the list of programs; in the environment variable {JoinCodeVariable} they do not.",
            HelpName = isMade ? "auto|CODE" : "CODE",
            CustomParser = result => Read(result.Tokens[0].Value, result.AddError),
            DefaultValueFactory = result => Environment.GetEnvironmentVariable(JoinCodeVariable) is { Length: > 0 } code ? Read(code, result.AddError) : null,
        };

        JoinCode? Read(string text, Action<string> complain)
        {
            try
            {
                return isMade && text == MakeOne ? LanChat.JoinCode.Generate() : new JoinCode(text);
            }
            catch (ArgumentException)
            {
                // Not repeated: it may be a part of somebody's secret.
                complain($"--join-code (or {JoinCodeVariable}) takes one line of 1 to {LanChat.JoinCode.MaxBytes} bytes of UTF-8.");
                return null;
            }
        }
    }

    /// <summary>Says whether the code was made here, so that nobody knows it yet.</summary>
    internal static bool IsJoinCodeMade(ParseResult arguments, Option<JoinCode?> option) =>
        (arguments.GetResult(option) is { Tokens: [var given] } ? given.Value : Environment.GetEnvironmentVariable(JoinCodeVariable)) == MakeOne;

    /// <summary>Has an option refuse a value with nothing in it, such as a variable that is not set leaves in a script.</summary>
    internal static Option<T> NotBlank<T>(Option<T> option)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value)))
            {
                result.AddError($"{option.Name} takes {option.HelpName}, and this is empty.");
            }
        });
        return option;
    }

    /// <summary>Runs a command. An argument that starts with @ is text, not a file to read.</summary>
    /// <param name="command">The command.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="endsOnSignals">Whether Ctrl-C and SIGTERM cancel the command's token; otherwise the command sees to them.</param>
    internal static Task<int> RunAsync(RootCommand command, string[] args, bool endsOnSignals)
    {
        ParseResult result = command.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });

        // Messages are expected on standard output, not the help; what is wrong is on standard error.
        if (result.Action is ParseErrorAction error)
        {
            error.ShowHelp = false;
        }

        // Without a value the library leaves both signals to the system, whose way is to end the process where it stands.
        return result.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = endsOnSignals ? EndTimeout : null });
    }
}
