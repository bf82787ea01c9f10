using System.Text;
using LanChat.Text;
using Xunit;

namespace LanChat.Tests.Text;

public sealed class TextRulesTests
{
    public static TheoryData<byte[]> NotUtf8 => new()
    {
        new byte[] { 0xC0, 0x9B },                // overlong ESC-like
        new byte[] { 0xC0, 0x80 },                // overlong NUL
        new byte[] { 0xE0, 0x80, 0x8A },          // overlong LF
        new byte[] { 0xF0, 0x80, 0x80, 0x8A },
        new byte[] { 0xED, 0xA0, 0x80 },          // high surrogate
        new byte[] { 0xED, 0xBF, 0xBF },          // low surrogate
        new byte[] { 0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80 }, // a pair of them (CESU-8)
        new byte[] { 0x61, 0xC3 },                // truncated
        new byte[] { 0xE2, 0x82 },
        new byte[] { 0xF0, 0x9F, 0x98 },
        new byte[] { 0x80 },
        new byte[] { 0xF4, 0x90, 0x80, 0x80 },    // beyond U+10FFFF
        new byte[] { 0xFF },
    };

    [Theory]
    [MemberData(nameof(NotUtf8))]
    [HostileInput(18, "half a surrogate pair", "overlong UTF-8")]
    public void What_is_not_utf8_is_refused(byte[] bytes)
    {
        Assert.Equal(TextCheck.BadUtf8, Sanitize(bytes, 100, out _));
        Assert.Equal(TextCheck.BadUtf8, Sanitize([.. "\u0007 first"u8, .. bytes, (byte)'z'], 100, out _));
    }

    [Theory]
    [MemberData(nameof(NotUtf8))]
    public void What_is_not_utf8_is_drawn_as_replacement_characters(byte[] bytes)
    {
        string drawn = TextRules.SanitizeToString([(byte)'a', .. bytes, (byte)'z']);

        Assert.Matches("^aa?\uFFFD+z$", drawn);
    }

    [Theory]
    [InlineData("\u001B[31mred", "\uFFFD[31mred")]
    [InlineData("over\rwrite", "over\uFFFDwrite")]
    [InlineData("\u202Eevil", "\uFFFDevil")]
    [InlineData("two\nlines\tand a tab", "two\nlines\tand a tab")]
    [InlineData("joiners are fine: 👩‍👩‍👧 \u200D\u200C", "joiners are fine: 👩‍👩‍👧 \u200D\u200C")]
    [InlineData("", "")]
    public void Forbidden_characters_become_U_FFFD(string text, string expected)
    {
        Assert.Equal(TextCheck.Ok, Sanitize(Encoding.UTF8.GetBytes(text), 100, out byte[] clean));
        Assert.Equal(expected, Encoding.UTF8.GetString(clean));
        Assert.Equal(expected, TextRules.Sanitize(text));
        Assert.Equal(expected, TextRules.SanitizeToString(Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void The_limit_is_measured_after_replacement()
    {
        byte[] bells = [7, 7, 7];
        Assert.Equal(TextCheck.TooLong, Sanitize(bells, 8, out _));
        Assert.Equal(TextCheck.Ok, Sanitize(bells, 9, out byte[] grown));
        Assert.Equal(9, grown.Length);

        byte[] tags = Encoding.UTF8.GetBytes("\U000E0041\U000E0042");
        Assert.Equal(8, tags.Length);
        Assert.Equal(TextCheck.Ok, Sanitize(tags, 6, out byte[] shrunk));
        Assert.Equal(6, shrunk.Length);
    }

    [Fact]
    public void A_clean_text_fills_the_limit_and_not_a_byte_more()
    {
        byte[] text = new byte[4096];
        text.AsSpan().Fill((byte)'x');

        Assert.Equal(TextCheck.Ok, Sanitize(text, 4096, out _));
        Assert.Equal(TextCheck.TooLong, Sanitize(text, 4095, out _));
    }

    [Fact]
    public void Bad_utf8_that_is_too_long_is_bad_utf8() => Assert.Equal(TextCheck.BadUtf8, Sanitize([0x61, 0x61, 0xFF], 2, out _));

    [Fact]
    public void Lone_surrogates_are_drawn_as_replacement_characters()
    {
        Assert.Equal("a\uFFFDb", TextRules.Sanitize("a\uD83Db"));
        Assert.Equal("\uFFFD\uFFFD", TextRules.Sanitize("\uDE00\uD83D"));
    }

    [Fact]
    public void Any_utf8_becomes_clean_utf8_within_three_times_its_length_and_stays_so() =>
        HostileText.Check(HostileText.Utf8, utf8 =>
        {
            Assert.Equal(TextCheck.Ok, Sanitize(utf8, utf8.Length * 3, out byte[] once));
            Assert.Equal(Oracle(utf8), Encoding.UTF8.GetString(once));

            byte[] scratch = new byte[once.Length];
            Assert.Equal(TextCheck.Ok, TextRules.TrySanitize(once, scratch, out ReadOnlySpan<byte> twice));
            Assert.True(twice.IsEmpty || twice.Overlaps(once, out int offset) && offset == 0 && twice.Length == once.Length, "clean input is not copied");
        });

    [Fact]
    public void Any_bytes_at_all_are_refused_or_sanitized_as_drawn() =>
        HostileText.Check(HostileText.Bytes, bytes =>
        {
            TextCheck check = Sanitize(bytes, bytes.Length * 3, out byte[] clean);
            Assert.Equal(IsStrictUtf8(bytes), check == TextCheck.Ok);

            string drawn = TextRules.SanitizeToString(bytes);
            Assert.Equal(Oracle(bytes), drawn);
            if (check == TextCheck.Ok)
                Assert.Equal(drawn, Encoding.UTF8.GetString(clean));
        });

    [Fact]
    public void Pieces_of_any_bytes_are_the_text_that_is_drawn() =>
        HostileText.Check(HostileText.Bytes, bytes =>
        {
            var joined = new List<byte>();
            foreach (ReadOnlySpan<byte> piece in new CleanPieces(bytes))
            {
                Assert.False(piece.IsEmpty);
                joined.AddRange(piece);
            }

            Assert.Equal(Oracle(bytes), Encoding.UTF8.GetString([.. joined]));
            Assert.True(joined.Count <= bytes.Length * 3);
        });

    [Fact]
    public void Any_string_becomes_clean_and_a_clean_one_is_returned_itself() =>
        HostileText.Check(HostileText.Utf16, text =>
        {
            string once = TextRules.Sanitize(text);
            Assert.True(ForbiddenScalars.AreAbsentFrom(once));
            Assert.Same(once, TextRules.Sanitize(once));
        });

    private static TextCheck Sanitize(byte[] utf8, int limit, out byte[] clean)
    {
        TextCheck check = TextRules.TrySanitize(utf8, new byte[limit], out ReadOnlySpan<byte> span);
        clean = span.ToArray();
        return check;
    }

    private static string Oracle(byte[] bytes)
    {
        var text = new StringBuilder();
        foreach (Rune rune in Encoding.UTF8.GetString(bytes).EnumerateRunes())
            text.Append(ForbiddenScalars.Contains(rune.Value) ? "\uFFFD" : rune.ToString());

        return text.ToString();
    }

    private static bool IsStrictUtf8(byte[] bytes)
    {
        try
        {
            new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
