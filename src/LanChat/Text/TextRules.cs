using System.Text;
using System.Text.Unicode;

namespace LanChat.Text;

/// <summary>Says what <see cref="TextRules.TrySanitize"/> made of a text.</summary>
internal enum TextCheck
{
    /// <summary>The text may be kept.</summary>
    Ok,

    /// <summary>It is not UTF-8: truncated, overlong, a surrogate, or beyond U+10FFFF.</summary>
    BadUtf8,

    /// <summary>With its forbidden characters replaced it is longer than allowed.</summary>
    TooLong,
}

/// <summary>The sanitizer: the one way by which a stranger's text gets into a room, onto a screen or into a log line.</summary>
/// <remarks><para>A text is strict UTF-8 in which each of the <see cref="ForbiddenScalars"/> was replaced by U+FFFD. The server refuses what is not
/// UTF-8 and replaces before it measures (<see cref="TrySanitize"/>); a client trusts no server and replaces again when it draws
/// (<see cref="SanitizeToString"/>), where invalid bytes become U+FFFD too.</para>
/// <para>A text that is clean already, which nearly every one is, costs a vectorised scan and is handed back itself.</para></remarks>
internal static class TextRules
{
    /// <summary>Checks a text that arrived, and replaces what must not be passed on.</summary>
    /// <param name="utf8">The bytes as they came.</param>
    /// <param name="scratch">Takes the text if something had to be replaced. <b>Its length is the limit</b> of the text after replacement, in bytes.</param>
    /// <param name="clean">The text: <paramref name="utf8"/> itself when it was clean, else the front of <paramref name="scratch"/>; empty when refused.</param>
    internal static TextCheck TrySanitize(ReadOnlySpan<byte> utf8, Span<byte> scratch, out ReadOnlySpan<byte> clean)
    {
        clean = default;
        if (!ForbiddenScalars.IsCleanAscii(utf8))
        {
            if (!Utf8.IsValid(utf8))
                return TextCheck.BadUtf8;

            if (ForbiddenScalars.IndexIn(utf8) >= 0)
                return Replace(utf8, scratch, out clean);
        }

        if (utf8.Length > scratch.Length)
            return TextCheck.TooLong;

        clean = utf8;
        return TextCheck.Ok;
    }

    /// <summary>Decodes bytes for drawing; what is invalid or forbidden becomes U+FFFD. Never throws.</summary>
    internal static string SanitizeToString(ReadOnlySpan<byte> utf8) => Sanitize(Encoding.UTF8.GetString(utf8));

    /// <summary>The same, on one line: for names and reasons, which stand inside of sentences and log lines.</summary>
    internal static string SanitizeToLine(ReadOnlySpan<byte> utf8) => SanitizeToLine(Encoding.UTF8.GetString(utf8));

    /// <inheritdoc cref="SanitizeToLine(ReadOnlySpan{byte})"/>
    internal static string SanitizeToLine(string text) => Sanitize(text).Replace('\n', ' ').Replace('\t', ' ').Trim();

    /// <summary>Replaces lone surrogates and forbidden characters by U+FFFD; returns the same string if there are none. Never throws.</summary>
    internal static string Sanitize(string text)
    {
        if (ForbiddenScalars.AreAbsentFrom(text))
            return text;

        var clean = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
            clean.Append(ForbiddenScalars.Contains(rune.Value) ? Rune.ReplacementChar : rune);

        return clean.ToString();
    }

    private static TextCheck Replace(ReadOnlySpan<byte> utf8, Span<byte> scratch, out ReadOnlySpan<byte> clean)
    {
        int length = 0;
        foreach (ReadOnlySpan<byte> piece in new CleanPieces(utf8))
        {
            if (!piece.TryCopyTo(scratch[length..]))
            {
                clean = default;
                return TextCheck.TooLong;
            }

            length += piece.Length;
        }

        clean = scratch[..length];
        return TextCheck.Ok;
    }
}
