using System.Globalization;
using System.Text;
using LanChat.Text;
using Xunit;

namespace LanChat.Tests.Text;

public sealed class ForbiddenScalarsTests
{
    // The rule once more, as docs/protocol.md section 9 words it, by another way than the code's.
    private static bool ForbiddenByTheProtocol(int scalar)
    {
        if (CharUnicodeInfo.GetUnicodeCategory(scalar) == UnicodeCategory.Control) // C0, DEL, C1
            return scalar != 0x0A && scalar != 0x09;

        int[] others =
        [
            0x2028, 0x2029,
            0x061C, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069,
            0xFEFF,
        ];
        bool isNoncharacter = (scalar >= 0xFDD0 && scalar <= 0xFDEF) || scalar % 0x10000 is 0xFFFE or 0xFFFF;
        return others.Contains(scalar) || isNoncharacter || (scalar >= 0xE0000 && scalar <= 0xE007F);
    }

    [Fact]
    public void Every_scalar_is_decided_as_the_protocol_says()
    {
        for (int scalar = 0; scalar <= 0x10FFFF; scalar++)
        {
            if (Rune.IsValid(scalar) && ForbiddenByTheProtocol(scalar) != ForbiddenScalars.Contains(scalar))
                Assert.Fail($"U+{scalar:X4}");
        }
    }

    [Fact]
    public void Every_scalar_alone_and_amid_others_is_replaced_if_forbidden_and_kept_if_not()
    {
        Span<byte> text = stackalloc byte[16];
        Span<byte> scratch = stackalloc byte[48];
        Span<char> units = stackalloc char[2];
        for (int scalar = 0; scalar <= 0x10FFFF; scalar++)
        {
            if (!Rune.TryCreate(scalar, out Rune rune))
                continue;

            text[0] = (byte)'a';
            int length = 1 + rune.EncodeToUtf8(text[1..]);
            "\u00E9z"u8.CopyTo(text[length..]);

            foreach (Range range in new[] { 1..length, 0..(length + 3) })
            {
                ReadOnlySpan<byte> input = text[range];
                TextCheck check = TextRules.TrySanitize(input, scratch, out ReadOnlySpan<byte> clean);
                bool kept = check == TextCheck.Ok && input.Overlaps(clean, out int offset) && offset == 0 && clean.Length == input.Length;
                bool replaced = check == TextCheck.Ok && clean.SequenceEqual(range.Start.Value == 1 ? "\uFFFD"u8 : "a\uFFFD\u00E9z"u8);
                if (ForbiddenByTheProtocol(scalar) ? !replaced : !kept)
                    Assert.Fail($"U+{scalar:X4} in {range}");
            }

            ReadOnlySpan<char> utf16 = units[..rune.EncodeToUtf16(units)];
            if (ForbiddenScalars.AreAbsentFrom(utf16) == ForbiddenByTheProtocol(scalar))
                Assert.Fail($"U+{scalar:X4} in UTF-16");
        }
    }
}
