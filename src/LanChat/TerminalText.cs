using LanChat.Text;

namespace LanChat;

/// <summary>The sanitizer, for apps that draw texts of their own beside those of this library: what a stranger may have had a hand in is safe to print afterwards.</summary>
/// <remarks>Names and texts in events, results, exceptions and log lines of this library have passed it already, and <see cref="RoomEvent.ToText"/> draws them in lines that cannot be mistaken for each
/// other. All members may be used from any thread and never throw but for null.</remarks>
public static class TerminalText
{
    /// <summary>Replaces by U+FFFD what could move a cursor, begin an escape sequence, turn the direction of writing around or hide: control characters but line feed and tab, bidirectional controls, line and
    /// paragraph separators, the byte order mark, tags, noncharacters and lone surrogates. Marks beyond eight on one character are left out.</summary>
    /// <returns>The same string when there is nothing to replace.</returns>
    /// <exception cref="ArgumentNullException">There is no text.</exception>
    public static string Sanitize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return MarkLimit.Apply(TextRules.Sanitize(text));
    }

    /// <summary>The same on one line: line feeds and tabs become spaces, and those at both ends are taken off.</summary>
    /// <exception cref="ArgumentNullException">There is no text.</exception>
    public static string SanitizeToLine(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return MarkLimit.Apply(TextRules.SanitizeToLine(text));
    }
}
