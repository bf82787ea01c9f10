using System.Text;

namespace LanChat.Samples.Terminal;

/// <summary>A piece of a line in one style. All that reaches the terminal's screen is made of these, and to make one replaces whatever could steer a terminal.</summary>
internal readonly record struct StyledRun
{
    /// <summary>Makes a run.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="style">Parameters of SGR from <see cref="Painter"/>; empty for none.</param>
    internal StyledRun(string text, string style = "")
    {
        Text = Clean(text);
        Style = style;
    }

    internal string Text { get; }

    internal string Style { get; }

    // A line feed has no place in a run: what has lines is split at them before.
    private static string Clean(string text) => TerminalText.Sanitize(text).Replace('\t', ' ').Replace('\n', (char)Rune.ReplacementChar.Value);
}
