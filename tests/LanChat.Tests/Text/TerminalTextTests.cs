using Xunit;

namespace LanChat.Tests.Text;

public sealed class TerminalTextTests
{
    [Fact]
    public void A_text_keeps_its_lines_and_loses_what_steers_a_screen() => Assert.Equal("a\uFFFD[2J\n\tb\uFFFD", TerminalText.Sanitize("a\e[2J\n\tb\u202E"));

    [Fact]
    public void A_line_is_one_line() => Assert.Equal("a b c", TerminalText.SanitizeToLine(" a\nb\tc\n"));

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
