using System.Text;
using Xunit;

namespace LanChat.Tests.Fuzzing;

public sealed class AddressFuzzTests
{
    private const long MaxAllocatedBytes = 64 << 10;

    [Fact]
    [HostileInput(38, "a million mutations of addresses")]
    public void No_text_makes_the_reader_of_addresses_and_links_throw_and_what_is_read_is_written_as_it_was()
    {
        const string Id = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
        string[] good =
        [
            "den", "den:80", "127.0.0.1:80", "::1", "[::1]", "[::1]:80", "[fe80::1%eth0]:80", "den.example.org:65535", "höhle.example:1", "lanchat://den", "lanchat://den:80/", $"lanchat://den:80/#{Id}",
            $"LANCHAT://[2001:db8::1]:9090#{Id}",
        ];
        var corpus = new Corpus([.. good.Select(Encoding.UTF8.GetBytes)], "["u8.ToArray(), "]"u8.ToArray(), ":"u8.ToArray(), "/"u8.ToArray(), "#"u8.ToArray(), "%"u8.ToArray(), "lanchat://"u8.ToArray(), "\e"u8.ToArray(), "\n"u8.ToArray());
        int read = 0;

        Fuzz.Check(corpus, bytes =>
        {
            string text = Encoding.UTF8.GetString(bytes);
            if (!ServerAddress.TryParse(text, out ServerAddress? address))
            {
                return null;
            }

            read++;
            string written = address.ToString();
            bool isLink = text.Contains('#', StringComparison.Ordinal);
            return (address.Id is not null) != isLink ? "a link lost its key, or found one"
                : TerminalText.SanitizeToLine(written) != written ? "it is not fit for a screen"
                : address.EndPoint is null || address.Port is < 1 or > 65535 ? "it leads nowhere"
                : !ServerAddress.TryParse(written, out ServerAddress? again) || again != address ? $"it is written as {written}"
                : null;
        }, MaxAllocatedBytes);

        Assert.NotEqual(0, read);
    }
}
