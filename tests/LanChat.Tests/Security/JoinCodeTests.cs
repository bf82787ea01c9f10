using System.Text;
using Xunit;

namespace LanChat.Tests.Security;

public sealed class JoinCodeTests
{
    private const string Generated = "7H3K-9QXA-PM2D-WZ41";

    [Fact]
    public void A_generated_code_has_four_groups_of_four_and_is_another_each_time()
    {
        string[] codes = [.. Enumerable.Range(0, 100).Select(_ => JoinCode.Generate().Text)];

        Assert.All(codes, code => Assert.Matches("^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$", code));
        Assert.Equal(codes.Length, codes.Distinct().Count());
    }

    [Theory]
    [InlineData("7h3k-9qxa-pm2d-wz41")]
    [InlineData("7H3K9QXAPM2DWZ41")]
    [InlineData(" 7H3K-9QXA-pm2d-WZ41  ")]
    [InlineData("7-H-3-K-9QXAPM2DWZ41-")]
    [InlineData("7H3K-9QXA-PM2D-WZ4I")]
    [InlineData("7H3K-9QXA-PM2D-WZ4l")]
    public void A_generated_code_may_be_typed_in_several_ways(string typed)
    {
        Assert.Equal(Generated, new JoinCode(typed).Text);
        Assert.True(new JoinCode(Generated).Matches(Encoding.UTF8.GetBytes(typed)));
    }

    [Theory]
    [InlineData("7H3K-9QXA-PM2D-WZ42")]
    [InlineData("7H3K-9QXA-PM2D-WZ4")]
    [InlineData("7H3K-9QXA-PM2D-WZ411")]
    [InlineData("7H3K 9QXA PM2D WZ41")]
    [InlineData("")]
    [InlineData("\u001B[2J")]
    public void Anything_else_is_not_it(string typed) => Assert.False(new JoinCode(Generated).Matches(Encoding.UTF8.GetBytes(typed)));

    [Theory]
    [InlineData("open sesame", "Open sesame")]
    [InlineData("open sesame", "open-sesame")]
    [InlineData("open sesame", "open  sesame")]
    public void A_phrase_counts_as_it_is_written(string phrase, string other)
    {
        Assert.Equal(phrase, new JoinCode(phrase).Text);
        Assert.False(new JoinCode(phrase).Matches(Encoding.UTF8.GetBytes(other)));
    }

    [Fact]
    public void Two_ways_to_write_the_same_letter_are_one()
    {
        Assert.Equal("caf\u00E9", new JoinCode("cafe\u0301").Text);
        Assert.True(new JoinCode("cafe\u0301").Matches("caf\u00E9"u8));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("two\nlines")]
    [InlineData("tab\tbed")]
    [InlineData("bidi\u202E")]
    public void What_is_no_line_of_text_is_no_code_and_is_not_repeated(string text)
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(() => new JoinCode(text));

        Assert.True(text.Trim().Length == 0 || !refused.Message.Contains(text, StringComparison.Ordinal));
    }

    [Fact]
    public void A_code_has_at_most_128_bytes()
    {
        Assert.Equal(128, new JoinCode(new string('\u00E9', 64)).Text.Length * 2);
        Assert.DoesNotContain("xxx", Assert.Throws<ArgumentException>(() => new JoinCode(new string('x', 129))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => new JoinCode(null!));
        Assert.Throws<ArgumentException>(() => new JoinCode("half a pair \uD800"));
    }

    [Fact]
    public void No_record_or_string_shows_it()
    {
        var code = new JoinCode("open sesame");

        Assert.All(
            [code.ToString(), $"{new ChatServerOptions { JoinCode = code }}", $"{new ChatClientOptions { JoinCode = code }}"],
            text => Assert.DoesNotContain("sesame", text, StringComparison.Ordinal));
    }

    [Fact]
    public void The_keys_for_a_server_are_derived_once()
    {
        var code = new JoinCode("open sesame");
        var server = new ServerId([.. new byte[31], 1]);

        Assert.Same(code.KeysFor(server), code.KeysFor(server));
        Assert.NotSame(code.KeysFor(server), code.KeysFor(new ServerId([.. new byte[31], 2])));
    }
}
