using System.Diagnostics;
using System.Globalization;
using System.Text;
using Xunit;

namespace LanChat.Tests.Support;

/// <summary>A real terminal to run a program in: tmux with a server of its own, typed into and looked at from outside.</summary>
/// <remarks>What is on the screen is waited for, with a deadline; a failure shows the screen. Disposing ends the server and all in it.</remarks>
internal sealed class TmuxSession : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private readonly string _socket = $"lanchat-{Guid.NewGuid():N}";

    private TmuxSession()
    {
    }

    /// <summary>Starts a shell, with <c>$ </c> as its prompt, in a terminal of a size. Skips the test where there is no tmux.</summary>
    internal static async Task<TmuxSession> StartAsync(int columns = 80, int rows = 24)
    {
        if (!IsInstalled("tmux") || !IsInstalled("stty"))
        {
            Assert.Skip("Needs tmux and stty.");
        }

        var session = new TmuxSession();
        await session.RunAsync("-f", "/dev/null", "-u", "new-session", "-d", "-x", Text(columns), "-y", Text(rows), "env PS1='$ ' ENV= LC_ALL=C.UTF-8 TERM=screen-256color sh");
        await session.UntilAsync(screen => screen.LastLine == "$", "the shell's prompt");
        return session;
    }

    /// <summary>Types a text, as if key by key.</summary>
    internal Task TypeAsync(string text) => RunAsync("send-keys", "-l", "--", text);

    /// <summary>Presses keys by tmux's names: <c>Enter</c>, <c>Up</c>, <c>C-c</c>.</summary>
    internal Task PressAsync(params string[] keys) => RunAsync(["send-keys", .. keys]);

    /// <summary>Types a text and presses Enter.</summary>
    internal async Task SayAsync(string text)
    {
        await TypeAsync(text);
        await PressAsync("Enter");
    }

    /// <summary>Sends bytes as the terminal itself would.</summary>
    internal Task SendAsync(string text) => RunAsync(["send-keys", "-H", .. Encoding.UTF8.GetBytes(text).Select(one => one.ToString("x2", CultureInfo.InvariantCulture))]);

    /// <summary>Pastes a text, in brackets where the program asked for them.</summary>
    internal async Task PasteAsync(string text)
    {
        await RunAsync("set-buffer", "--", text);
        await RunAsync("paste-buffer", "-p");
    }

    internal Task ResizeAsync(int columns, int rows) => RunAsync("resize-window", "-x", Text(columns), "-y", Text(rows));

    /// <summary>Takes a picture of the screen.</summary>
    internal async Task<TmuxScreen> CaptureAsync()
    {
        // Both at one moment: text and cursor belong together.
        string[] lines = (await RunAsync("display-message", "-p", "#{cursor_x} #{cursor_y} #{cursor_flag}", ";", "capture-pane", "-p")).TrimEnd('\n').Split('\n');
        int[] numbers = [.. lines[0].Split(' ').Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
        return new TmuxScreen([.. lines.Skip(1).Select(line => line.TrimEnd())], numbers[0], numbers[1], numbers[2] == 1);
    }

    /// <summary>Returns all that the screen and its scrollback show.</summary>
    internal Task<string> CaptureAllAsync() => RunAsync("capture-pane", "-p", "-S", "-");

    /// <summary>Returns all that the screen and its scrollback show, with the sequences of their styles.</summary>
    internal Task<string> CaptureStyledAsync() => RunAsync("capture-pane", "-p", "-e", "-S", "-");

    /// <summary>Returns what the screen shows, with the sequences of its styles.</summary>
    internal Task<string> CaptureStyledScreenAsync() => RunAsync("capture-pane", "-p", "-e");

    /// <summary>Returns the title that a program gave the terminal.</summary>
    internal Task<string> ReadTitleAsync() => RunAsync("display-message", "-p", "#{pane_title}");

    /// <summary>Waits until the screen is as wanted.</summary>
    internal async Task<TmuxScreen> UntilAsync(Func<TmuxScreen, bool> isWanted, string wanted)
    {
        using var timer = new PeriodicTimer(Interval);
        using var deadline = new CancellationTokenSource(Deadline);
        TmuxScreen screen = await CaptureAsync();
        while (!isWanted(screen))
        {
            try
            {
                await timer.WaitForNextTickAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                throw new InvalidOperationException($"Expected {wanted} within {Deadline.TotalSeconds} s. The screen, cursor at column {screen.CursorColumn} of row {screen.CursorRow}:\n{string.Join('\n', screen.Lines)}");
            }

            screen = await CaptureAsync();
        }

        return screen;
    }

    /// <summary>Waits for a row that ends in a text.</summary>
    internal Task<TmuxScreen> UntilRowAsync(string end) => UntilAsync(screen => screen.Lines.Any(line => line.EndsWith(end, StringComparison.Ordinal)), $"a row that ends in '{end}'");

    /// <summary>Waits until the last row with text is this one, with the cursor at its end.</summary>
    internal Task<TmuxScreen> UntilInputAsync(string input) => UntilAsync(screen => screen.LastLine == input.TrimEnd(), $"'{input}' as the last row");

    public async ValueTask DisposeAsync() => await RunAsync("kill-server");

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task<string> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("tmux", ["-L", _socket, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        foreach (string variable in (string[])["TMUX", "NO_COLOR", "COLORTERM"])
        {
            start.Environment.Remove(variable);
        }

        // Without a locale of UTF-8, tmux shows underscores.
        start.Environment["LC_ALL"] = "C.UTF-8";
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("tmux did not start.");
        using var deadline = new CancellationTokenSource(Deadline);
        Task<string> errors = process.StandardError.ReadToEndAsync(deadline.Token);
        string output = await process.StandardOutput.ReadToEndAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"tmux {string.Join(' ', arguments)}: {await errors}");
    }
}

/// <summary>What a terminal shows: rows without their trailing spaces, and where the cursor is.</summary>
internal sealed record TmuxScreen(IReadOnlyList<string> Lines, int CursorColumn, int CursorRow, bool IsCursorVisible)
{
    internal string LastLine => Lines.LastOrDefault(line => line.Length > 0) ?? "";

    /// <summary>Gets the row above the input.</summary>
    internal string Status => Lines.Count(line => line.Length > 0) > 1 ? Lines.Where(line => line.Length > 0).ElementAt(Lines.Count(line => line.Length > 0) - 2) : "";
}
