using System.Buffers;
using System.Text;

namespace LanChat.Text;

/// <summary>The scalars that never travel in a text: the ones that move a cursor, reorder a line, hide, or are no characters at all.</summary>
/// <remarks>Everything else passes, so an emoji newer than this table does too. The table is <see cref="Contains"/>; the two search sets below it
/// are shortcuts over it, and a test walks all 1,114,112 code points to show that they agree.</remarks>
internal static class ForbiddenScalars
{
    /// <summary>ASCII that passes: all that prints, line feed and tab.</summary>
    private static readonly SearchValues<byte> CleanAscii = SearchValues.Create(
        "\t\n !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"u8);

    /// <summary>Every first byte under which UTF-8 keeps a forbidden scalar; most scalars under the non-ASCII ones are harmless, and are decoded to see.</summary>
    private static readonly SearchValues<byte> SuspectLeadBytes = SearchValues.Create(
        0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F,
        0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x1C, 0x1D, 0x1E, 0x1F, 0x7F,
        0xC2, 0xD8, 0xE2, 0xEF, 0xF0, 0xF1, 0xF2, 0xF3, 0xF4);

    /// <summary>Every forbidden scalar below U+10000; those above are found by decoding the surrogates.</summary>
    private static readonly SearchValues<char> ForbiddenUnits = SearchValues.Create(FindForbiddenUnits());

    internal static bool Contains(int scalar) => scalar switch
    {
        '\t' or '\n' => false,
        < 0x20 => true,                                   // C0
        >= 0x7F and <= 0x9F => true,                      // DEL, C1: U+009B alone begins an escape sequence on 8-bit terminals
        0x061C or 0x200E or 0x200F => true,               // bidirectional marks
        >= 0x2028 and <= 0x202E => true,                  // line and paragraph separator, bidirectional embeddings and overrides
        >= 0x2066 and <= 0x2069 => true,                  // bidirectional isolates
        0xFEFF => true,                                   // byte order mark
        >= 0xFDD0 and <= 0xFDEF => true,                  // noncharacters
        >= 0xE0000 and <= 0xE007F => true,                // tags: invisible text
        _ => (scalar & 0xFFFE) == 0xFFFE,                 // the last two of each plane: noncharacters
    };

    /// <summary>Finds the first forbidden scalar.</summary>
    /// <param name="validUtf8">Valid UTF-8: at the found places it is decoded without further checks.</param>
    internal static int IndexIn(ReadOnlySpan<byte> validUtf8)
    {
        int at = 0;
        while (true)
        {
            int hit = validUtf8[at..].IndexOfAny(SuspectLeadBytes);
            if (hit < 0)
                return -1;

            at += hit;
            Rune.DecodeFromUtf8(validUtf8[at..], out Rune rune, out int bytes);
            if (Contains(rune.Value))
                return at;

            at += bytes;
        }
    }

    /// <summary>Says whether the text is ASCII without a forbidden character: one vectorised scan, and the answer for most lines ever sent.</summary>
    internal static bool IsCleanAscii(ReadOnlySpan<byte> utf8) => !utf8.ContainsAnyExcept(CleanAscii);

    /// <summary>Says whether the text is valid UTF-16 without a forbidden scalar.</summary>
    internal static bool AreAbsentFrom(ReadOnlySpan<char> utf16)
    {
        if (utf16.ContainsAny(ForbiddenUnits))
            return false;

        int at = utf16.IndexOfAnyInRange('\uD800', '\uDFFF');
        while (at >= 0 && at < utf16.Length)
        {
            if (Rune.DecodeFromUtf16(utf16[at..], out Rune rune, out int units) != OperationStatus.Done || Contains(rune.Value))
                return false;

            at += units;
        }

        return true;
    }

    private static char[] FindForbiddenUnits()
    {
        var found = new List<char>();
        for (int unit = 0; unit <= char.MaxValue; unit++)
        {
            if (Contains(unit))
                found.Add((char)unit);
        }

        return [.. found];
    }
}
