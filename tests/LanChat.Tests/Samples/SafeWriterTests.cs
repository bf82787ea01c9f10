using LanChat.Samples;
using Xunit;

namespace LanChat.Tests.Samples;

public sealed class SafeWriterTests
{
    [Theory]
    [InlineData("\e]0;title\a\u009B31m\r", "\uFFFD]0;title\uFFFD\uFFFD31m\uFFFD")]
    [InlineData("a\tb\nc", "a b\nc")]
    [InlineData("0123456789012345", "0123456789012345")]
    [InlineData("01234567890123456789abcdefgh", "01234567890123456789\n    abcdefgh")]
    [InlineData("01234567890123456789abcdefghijklmnopqrst", "01234567890123456789\n    abcdefghijklmnop\n    qrst")]
    [InlineData("0123456789012345678日本", "0123456789012345678\n    日本")]
    [InlineData("short\n    0123456789012345abcd", "short\n    0123456789012345\n    abcd")]
    public async Task What_is_printed_steers_no_screen_and_its_folds_are_indented(string text, string printed)
    {
        using var stream = new StringWriter { NewLine = "\n" };
        await using var writer = new SafeWriter(() => stream, () => 20);
        await writer.WriteLineAsync(text);
        writer.WriteLine(text);
        await writer.WriteAsync(text);
        Assert.Equal($"{printed}\n{printed}\n{printed}", stream.ToString());
    }

    [Fact]
    public async Task Into_a_pipe_and_where_it_is_to_be_copied_nothing_is_folded()
    {
        string text = new('x', 100);
        using var stream = new StringWriter { NewLine = "\n" };
        await using var pipe = new SafeWriter(() => stream, columns: null);
        await using var screen = new SafeWriter(() => stream, () => 20);
        await pipe.WriteLineAsync(text);
        await screen.Unfolded.WriteLineAsync(text);
        Assert.Equal($"{text}\n{text}\n", stream.ToString());
    }

    [Fact]
    public async Task A_screen_whose_width_is_not_known_is_none()
    {
        string text = new('x', 100);
        using var stream = new StringWriter { NewLine = "\n" };
        await using var writer = new SafeWriter(() => stream, () => 0);
        await writer.WriteLineAsync(text);
        Assert.Equal($"{text}\n", stream.ToString());
    }
}
