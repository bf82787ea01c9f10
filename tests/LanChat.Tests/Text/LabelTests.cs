using LanChat.Text;
using Xunit;

namespace LanChat.Tests.Text;

/// <summary>Labels: texts that cannot look the same and differ by what is not seen.</summary>
public sealed class LabelTests
{
    [Theory]
    [InlineData("Den", "Den")]
    [InlineData("", "")]
    [InlineData("The  Den", "The Den")]
    [InlineData("  The\t\n Den\u00A0\u2003\u3000", "The Den")]
    [InlineData("A \u200B B", "A B")]
    [InlineData("\u200BDen\u2060", "Den")]
    [InlineData("D\u00ADe\u034Fn\uFE0F", "Den")]
    [InlineData("\u115FDen\u1160\u3164\uFFA0", "Den")]
    [InlineData("Den\u2800", "Den")]
    [InlineData("D\u200Den", "Den")]
    [InlineData("Den\U000E0100", "Den")]
    [InlineData(" \u200B\u3164 \u2800 ", "")]
    [InlineData("Caf\u00E9 \U0001F375", "Caf\u00E9 \U0001F375")]
    [InlineData("\u001B[2J\u202EDen", "\uFFFD[2J\uFFFDDen")]
    public void What_is_not_seen_goes_and_white_space_is_one_space(string text, string label) => Assert.Equal(label, Label.Of(text));

    [Fact]
    public void A_label_of_a_label_is_the_same()
    {
        for (int scalar = 0; scalar <= 0x10FFFF; scalar++)
        {
            if (scalar is < 0xD800 or > 0xDFFF)
            {
                string label = Label.Of($" a{char.ConvertFromUtf32(scalar)} b ");
                if (Label.Of(label) != label)
                {
                    Assert.Fail($"U+{scalar:X4}");
                }
            }
        }
    }

    /// <summary>As many as Unicode 16 has in DerivedCoreProperties.txt.</summary>
    [Fact]
    public void All_default_ignorable_code_points_are_invisible() =>
        Assert.Equal(4_174, Enumerable.Range(0, 0x110000).Count(NameCharacters.IsInvisible));
}
