using System.Text;
using LanChat.Text;
using Xunit;

namespace LanChat.Tests.Text;

public sealed class NameClashTests
{
    [Theory]
    [InlineData("Ada", "aDA")]
    [InlineData("Zoë", "Zoe\u0308")]            // NFC and NFD
    [InlineData("ada", "ａｄａ")]               // full width
    [InlineData("ada7", "ada７")]
    [InlineData("file", "ﬁle")]                 // ligature
    [InlineData("bob", "b0b")]
    [InlineData("lil", "1i1")]
    [InlineData("Ian", "lan")]
    [InlineData("ılker", "ilker")]              // dotless i
    [InlineData("paypal", "раураl")]            // Cyrillic er, a, u
    [InlineData("CEO", "СЕО")]                  // Cyrillic capitals
    [InlineData("josé", "jоsé")]                // Cyrillic o between Latin letters
    [InlineData("nóra", "nό\u0072a")]           // Greek omicron with tonos
    [InlineData("tom", "τοm")]                  // Greek tau, omicron
    [InlineData("KATE", "ΚΑΤΕ")]                // Greek capitals
    [InlineData("Σίσυφος", "ΣΊΣΥΦΟΣ")]          // final sigma
    [InlineData("ёж", "ЁЖ")]
    [InlineData("𐐀𐐁", "𐐨𐐩")]                  // Deseret: case beyond U+FFFF
    [InlineData("ⅷ1", "ⅷl")]
    [HostileInput(15, "names in another case", "names in NFC and NFD", "names in full width", "names in Cyrillic")]
    public void Names_that_look_alike_are_one(string one, string other) => Assert.Equal(NameKey.Of(one), NameKey.Of(other));

    [Fact]
    public void Each_name_in_ASCII_has_the_same_key_on_the_message_path()
    {
        Span<char> key = stackalloc char[NameRule.MaxGraphemes];
        for (int c = 0; c < 256; c++)
        {
            byte[] name = [(byte)'B', (byte)c, (byte)'0'];
            bool isName = NameRule.CheckRoom(name, out _, out string expected) == NameCheck.Ok;
            Assert.Equal(isName, NameKey.TryWriteAscii(name, key));
            Assert.True(!isName || key[..name.Length].SequenceEqual(expected), expected);
        }

        Assert.True(NameKey.TryWriteAscii(Encoding.UTF8.GetBytes(new string('x', NameRule.MaxGraphemes)), key));
        Assert.False(NameKey.TryWriteAscii(Encoding.UTF8.GetBytes(new string('x', NameRule.MaxGraphemes + 1)), key));
        Assert.False(NameKey.TryWriteAscii("Zoë"u8, key));
    }

    [Theory]
    [InlineData("ada", "adа2")]
    [InlineData("ada", "ädä")]
    [InlineData("ada-b", "ada_b")]
    [InlineData("ada.b", "adab")]
    [InlineData("guest-17", "guest-18")]
    [InlineData("guest-2", "guest-22")]
    [InlineData("bo", "ho")]
    [InlineData("李", "林")]
    public void Names_that_differ_are_two(string one, string other) => Assert.NotEqual(NameKey.Of(one), NameKey.Of(other));

    [Fact]
    public void Guest_names_of_different_numbers_never_clash()
    {
        // The server gives guest-N: distinct N must have distinct keys, or it would refuse its own names.
        var keys = new HashSet<string>();
        for (int n = 1; n <= 20_000; n++)
        {
            Assert.Equal(NameCheck.Ok, NameRule.Check(Encoding.ASCII.GetBytes($"guest-{n}"), out _, out string key));
            Assert.True(keys.Add(key), $"guest-{n}");
        }
    }
}
