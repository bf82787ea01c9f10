using LanChat.Samples;
using LanChat.Samples.Terminal;
using Xunit;

namespace LanChat.Tests.Terminal;

public class TextWidthTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("hello", 5)]
    [InlineData("é", 1)]
    [InlineData("e\u0301", 1)]
    [InlineData("日本", 4)]
    [InlineData("ｶﾅ", 2)]
    [InlineData("ＡＢ", 4)]
    [InlineData("👋", 2)]
    [InlineData("👋🏽", 2)]
    [InlineData("👨‍👩‍👧", 2)]
    [InlineData("🇩🇪", 2)]
    [InlineData("❤️", 2)]
    [InlineData("❤", 1)]
    [InlineData("한", 2)]
    [InlineData("ᄒ\u1161\u11AB", 2)]
    [InlineData("क\u094Dष", 2)]
    [InlineData("\u200B", 0)]
    [InlineData("⏎·●✓─", 5)]
    [InlineData("\uFFFD", 1)]
    public void A_text_takes_as_many_columns_as_terminals_draw(string text, int columns) => Assert.Equal(columns, TextWidth.Of(text));

    [Fact]
    public void A_line_is_folded_at_its_width_with_wide_characters_whole_and_the_folds_indented()
    {
        IReadOnlyList<StyledLine> rows = new StyledLine(new StyledRun("日本語日本語日本語", "1")).Fold(11);
        Assert.Equal(["日本語日本", "    語日本", "    語"], rows.Select(row => string.Concat(row.Runs.Select(run => run.Text))));
    }

    [Fact]
    public void A_line_is_cut_with_an_ellipsis() =>
        Assert.Equal("日本語…", string.Concat(new StyledLine(new StyledRun("日本語日本語日本語")).Cut(8).Runs.Select(run => run.Text)));
}
