using System.Globalization;
using System.Text;

namespace LanChat.Text;

/// <summary>Says which characters a name may hold: letters (L*), decimal digits (Nd), the marks that belong to letters (Mn, Mc), and <c>_ - .</c></summary>
/// <remarks>The general category alone is not enough: some letters and marks are drawn as nothing, so two names could look the same and differ.
/// Those are Unicode's Default_Ignorable_Code_Points, all of which are listed here.</remarks>
internal static class NameCharacters
{
    internal static bool IsAllowed(Rune rune)
    {
        if (rune.IsAscii)
            return char.IsAsciiLetterOrDigit((char)rune.Value) || rune.Value is '_' or '-' or '.';

        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.DecimalDigitNumber
                or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark => !IsInvisible(rune.Value),
            _ => false,
        };
    }

    internal static bool IsMark(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    internal static bool IsInvisible(int scalar) => scalar switch
    {
        0x00AD => true,                        // soft hyphen
        0x034F => true,                        // combining grapheme joiner
        0x061C => true,                        // Arabic letter mark
        0x115F or 0x1160 => true,              // Hangul choseong and jungseong filler
        0x17B4 or 0x17B5 => true,              // Khmer inherent vowels
        >= 0x180B and <= 0x180F => true,       // Mongolian variation selectors
        >= 0x200B and <= 0x200F => true,       // zero width space and joiners, directional marks
        >= 0x202A and <= 0x202E => true,       // bidirectional embeddings and overrides
        >= 0x2060 and <= 0x206F => true,       // word joiner, invisible operators, bidirectional isolates
        0x3164 or 0xFFA0 => true,              // Hangul filler, full and half width
        >= 0xFE00 and <= 0xFE0F => true,       // variation selectors
        0xFEFF => true,                        // byte order mark
        >= 0xFFF0 and <= 0xFFF8 => true,       // unassigned
        >= 0x1BCA0 and <= 0x1BCA3 => true,     // shorthand format controls
        >= 0x1D173 and <= 0x1D17A => true,     // musical beams, ties, slurs, phrases
        >= 0xE0000 and <= 0xE0FFF => true,     // tags, variation selectors supplement, unassigned
        _ => false,
    };
}
