namespace LanChat.Samples.Terminal;

/// <summary>A terminal with a screen on it: lines that wait to be printed, and the block below them.</summary>
internal sealed class Display(RawTerminal terminal, Painter painter)
{
    // How long to wait for a stop to come and go. Where programs cannot be stopped, it does not come.
    private const int MaxStopWaits = 5;
    private static readonly TimeSpan StopWait = TimeSpan.FromMilliseconds(50);

    // GNU screen, xterm and the Linux console cut; all others wrap anew. tmux calls itself screen, too.
    private readonly Screen _screen = new(reflows: !Cuts(Environment.GetEnvironmentVariable));
    private readonly List<StyledLine> _lines = [];
    private int _takeovers;

    internal Painter Painter => painter;

    internal Size Size => terminal.Size;

    /// <summary>Has lines printed with the next update.</summary>
    internal void Print(IEnumerable<StyledLine> lines) => _lines.AddRange(lines);

    /// <summary>Has a text printed with the next update.</summary>
    internal void Print(string text, string style = "") => Print(StyledLine.Of(text, style));

    /// <summary>Prints what waits and draws the block: one write.</summary>
    internal void Update(IReadOnlyList<StyledLine> waiting, Func<Size, StyledLine> status, StyledLine prompt, LineEditor editor)
    {
        if (terminal.Takeovers != _takeovers)
        {
            _takeovers = terminal.Takeovers;
            _screen.Forget();
        }

        Size size = terminal.Size;
        terminal.Write(_screen.Update(size, _lines, Block.Compose(size, painter, waiting, status(size), prompt, editor)));
        _lines.Clear();
    }

    internal void Clear() => terminal.Write(_screen.Clear());

    /// <summary>Prints what waits and takes the block away.</summary>
    internal void Close()
    {
        terminal.Write(_screen.Close(terminal.Size, _lines));
        _lines.Clear();
    }

    /// <summary>Gives the terminal to the shell until it lets the program go on.</summary>
    internal async Task SuspendAsync()
    {
        Close();
        terminal.Suspend();

        // A stop stops these waits as well. Several, since time goes on meanwhile and ends the one that was under way: the signal that says that the
        // program goes on, and takes the terminal over, still comes before the last.
        for (int i = 0; i < MaxStopWaits && !terminal.IsRaw; i++)
        {
            await Task.Delay(StopWait);
        }

        if (!terminal.IsRaw)
        {
            terminal.Resume();
        }
    }

    private static bool Cuts(Func<string, string?> environment)
    {
        string term = environment("TERM") ?? "";
        return environment("TMUX") is null && (environment("XTERM_VERSION") is not null || environment("STY") is not null || term == "linux");
    }
}
