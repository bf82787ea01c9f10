using System.Globalization;
using System.Text;

namespace LanChat.Text;

/// <summary>Finds the marks beyond those that one character may carry where it is drawn: piled up, they would be painted over the lines above and below.</summary>
internal struct MarkLimit
{
    private const int Max = NameRule.MaxMarksPerGrapheme;

    // No mark is below it.
    private const char FirstMark = '\u0300';

    private int _marks;

    /// <summary>Takes the next scalar. True: it is to be left out.</summary>
    internal bool IsBeyond(Rune rune)
    {
        // A joiner, or a letter that is drawn as nothing, stands between two marks without being anything to carry them.
        UnicodeCategory category = Rune.GetUnicodeCategory(rune);
        bool isMark = category is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;
        _marks = isMark ? _marks + 1 : category == UnicodeCategory.Format || NameCharacters.IsInvisible(rune.Value) ? _marks : 0;
        return isMark && _marks > Max;
    }

    /// <summary>Leaves them out. Returns the same string when there are none.</summary>
    /// <param name="clean">Without lone surrogates.</param>
    internal static string Apply(string clean)
    {
        if (clean.AsSpan().IndexOfAnyInRange(FirstMark, char.MaxValue) < 0)
        {
            return clean;
        }

        var limit = default(MarkLimit);
        StringBuilder? kept = null;
        int at = 0;
        foreach (Rune rune in clean.EnumerateRunes())
        {
            if (limit.IsBeyond(rune))
            {
                kept ??= new StringBuilder(clean, 0, at, clean.Length);
            }
            else
            {
                kept?.Append(rune);
            }

            at += rune.Utf16SequenceLength;
        }

        return kept?.ToString() ?? clean;
    }
}
