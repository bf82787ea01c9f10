using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace LanChat.Tests.Support;

/// <summary>The client sample on a terminal, as a user has it: started from a shell, whose terminal settings were noted before.</summary>
internal sealed partial class TerminalClient : IAsyncDisposable
{
    private string _settings = "";

    private TerminalClient(TmuxSession terminal) => Terminal = terminal;

    internal TmuxSession Terminal { get; }

    /// <summary>Gets the id of the client's process.</summary>
    internal int ProcessId { get; private set; }

    /// <summary>Starts a client and waits until it is in the lobby.</summary>
    internal static async Task<TerminalClient> JoinAsync(SampleServer server, string name, int columns = 80, int rows = 24, string environment = "")
    {
        TerminalClient client = await StartAsync(server, $"--name {name}", columns, rows, environment);
        await client.Terminal.UntilInputAsync($"{name}>");
        return client;
    }

    /// <summary>Starts a client; what it shows is to be seen.</summary>
    internal static async Task<TerminalClient> StartAsync(SampleServer server, string arguments, int columns = 80, int rows = 24, string environment = "")
    {
        TmuxSession terminal = await TmuxSession.StartAsync(columns, rows);
        var client = new TerminalClient(terminal);
        try
        {
            client._settings = await client.ReadSettingsAsync();

            // Known servers of its own: a port that comes again, with another server behind it, is no changed key.
            string command = $"dotnet {SampleProcess.PathOf("LanChat.Client")} --server localhost:{server.Port} --timeout {SampleServer.ClientTimeout} {arguments}";
            await terminal.SayAsync($"clear; XDG_DATA_HOME={server.DataHome}/terminal {environment} sh -c 'echo client $$.; exec {command}'");
            TmuxScreen screen = await terminal.UntilAsync(screen => screen.Lines.Any(line => ClientId().IsMatch(line)), "the client's process id");
            client.ProcessId = int.Parse(ClientId().Match(string.Join('\n', screen.Lines)).Groups[1].Value, CultureInfo.InvariantCulture);
            return client;
        }
        catch
        {
            await terminal.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends a signal to the client's process.</summary>
    internal async Task SignalAsync(string signal)
    {
        using Process process = Process.Start("kill", [$"-{signal}", ProcessId.ToString(CultureInfo.InvariantCulture)]);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>Waits for the shell, and holds the terminal to what it was before: its settings, its cursor, and that it wraps.</summary>
    internal async Task AssertShellAsItWasAsync()
    {
        await Terminal.UntilAsync(screen => screen.LastLine.EndsWith('$'), "the shell's prompt");
        Assert.Equal(_settings, await ReadSettingsAsync());
        Assert.True((await Terminal.CaptureAsync()).IsCursorVisible);

        // Bracketed paste would show as its brackets.
        await Terminal.PasteAsync("echo pasted");
        await Terminal.UntilRowAsync("$ echo pasted");
        await Terminal.PressAsync("Enter");
        await Terminal.UntilAsync(screen => screen.Lines.Contains("pasted"), "what the shell echoes");
    }

    public ValueTask DisposeAsync() => Terminal.DisposeAsync();

    private async Task<string> ReadSettingsAsync()
    {
        await Terminal.SayAsync("clear; echo; echo settings; stty -g | tr -d '\\n'; echo .");
        TmuxScreen screen = await Terminal.UntilAsync(screen => screen.Lines.Contains("settings") && Settings().IsMatch(string.Concat(screen.Lines)), "the terminal's settings");
        return Settings().Match(string.Concat(screen.Lines)).Groups[1].Value;
    }

    [GeneratedRegex(@"^client (\d+)\.$", RegexOptions.Multiline)]
    private static partial Regex ClientId();

    [GeneratedRegex(@"settings([0-9a-f:]+)\.")]
    private static partial Regex Settings();
}
