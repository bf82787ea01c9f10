using Xunit;

namespace LanChat.Tests.Text;

public sealed class TerminalTextTests
{
    [Fact]
    public void A_text_keeps_its_lines_and_loses_what_steers_a_screen() => Assert.Equal("a\uFFFD[2J\n\tb\uFFFD", TerminalText.Sanitize("a\e[2J\n\tb\u202E"));

    [Fact]
    public void A_line_is_one_line() => Assert.Equal("a b c", TerminalText.SanitizeToLine(" a\nb\tc\n"));

    [Theory]
    [InlineData("e", 8, 8)]
    [InlineData("e", 9, 8)]
    [InlineData("e", 200, 8)]
    [InlineData("", 200, 8)]
    [InlineData("e\u200D", 9, 8)]
    public void No_character_carries_more_than_eight_marks(string carrier, int marks, int kept)
    {
        string text = carrier + new string('\u0301', marks) + "b" + new string('\u0301', marks);
        string expected = carrier + new string('\u0301', kept) + "b" + new string('\u0301', kept);
        Assert.Equal(expected, TerminalText.Sanitize(text));
        Assert.Equal(expected, TerminalText.SanitizeToLine(text));
        Assert.Equal(carrier.Replace("\u200D", "", StringComparison.Ordinal) + expected[carrier.Length..], LanChat.Text.Label.Of(text));
    }

    [Theory]
    [InlineData("\u1160")]
    [InlineData("\uFFA0")]
    public void What_is_drawn_as_nothing_does_not_begin_another_eight_marks(string nothing)
    {
        string full = "a" + new string('\u0301', 8);
        string text = full + nothing + new string('\u0301', 8);
        Assert.Equal(full + nothing, TerminalText.Sanitize(text));
        Assert.Equal(full, LanChat.Text.Label.Of(text));
        Assert.Equal(full, LanChat.Text.Label.Of(full + "\u2800" + new string('\u0301', 8)));
    }

    [Fact]
    public void A_clean_text_is_returned_itself()
    {
        const string Clean = "grüße, 日本 👩‍👩‍👧";
        Assert.Same(Clean, TerminalText.Sanitize(Clean));
    }

    [Fact]
    public void Nothing_is_no_text()
    {
        Assert.Throws<ArgumentNullException>(() => TerminalText.Sanitize(null!));
        Assert.Throws<ArgumentNullException>(() => TerminalText.SanitizeToLine(null!));
    }
}
