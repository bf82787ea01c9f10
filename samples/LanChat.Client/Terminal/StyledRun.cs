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

    private static string Clean(string text)
    {
        bool isClean = true;
        foreach (Rune rune in text.EnumerateRunes())
        {
            isClean &= !IsForbidden(rune);
        }

        // A lone surrogate is enumerated as the replacement character; so what has one is made anew, too.
        if (isClean && !text.Contains('\uFFFD', StringComparison.Ordinal) && !text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            return text;
        }

        var clean = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            clean.Append(rune.Value == '\t' ? " " : (IsForbidden(rune) ? Rune.ReplacementChar : rune).ToString());
        }

        return clean.ToString();
    }

    // Control characters; line and paragraph separator; what turns the direction of writing around; the byte order mark.
    private static bool IsForbidden(Rune rune) =>
        Rune.IsControl(rune) || rune.Value is 0x2028 or 0x2029 or 0x061C or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) or 0xFEFF;
}
