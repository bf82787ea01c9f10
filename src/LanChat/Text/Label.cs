using System.Text;

namespace LanChat.Text;

/// <summary>Makes a label of a stranger's text: what stands beside others in a list, and must not look like one of them without being equal to it.</summary>
/// <remarks>The sanitizer lets a message hold what is drawn as nothing, because emoji and some scripts need it. In a label it would only tell apart what looks the same, so it goes, and white
/// space counts as one space wherever there is any.</remarks>
internal static class Label
{
    /// <summary>Neither white space nor ignorable by its properties, and drawn as nothing.</summary>
    private const int BlankBraille = 0x2800;

    internal static string Of(ReadOnlySpan<byte> utf8) => Of(Encoding.UTF8.GetString(utf8));

    /// <summary>Makes one line without invisible characters, and with single spaces between visible ones. Never throws; empty when nothing of the text is visible.</summary>
    internal static string Of(string text)
    {
        var label = new StringBuilder(text.Length);
        bool isSpaceDue = false;
        var marks = default(MarkLimit);
        foreach (Rune rune in TextRules.Sanitize(text).EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune))
            {
                isSpaceDue = label.Length > 0;
            }
            else if (!NameCharacters.IsInvisible(rune.Value) && rune.Value != BlankBraille && !marks.IsBeyond(rune))
            {
                label.Append(isSpaceDue ? " " : "").Append(rune);
                isSpaceDue = false;
            }
        }

        return label.ToString();
    }
}
