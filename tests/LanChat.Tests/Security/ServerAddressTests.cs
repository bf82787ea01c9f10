using Xunit;

namespace LanChat.Tests.Security;

public sealed class ServerAddressTests
{
    private const string Id = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    [Theory]
    [InlineData("den", "den", 9090)]
    [InlineData("den:80", "den", 80)]
    [InlineData("127.0.0.1:80", "127.0.0.1", 80)]
    [InlineData("::1", "::1", 9090)]
    [InlineData("[::1]", "::1", 9090)]
    [InlineData("[::1]:80", "::1", 80)]
    [InlineData("[fe80::1%eth0]:80", "fe80::1%eth0", 80)]
    [InlineData("lanchat://den", "den", 9090)]
    [InlineData("lanchat://den:80/", "den", 80)]
    public void An_address_is_read_as_people_write_it(string text, string host, int port) =>
        Assert.Equal(new ServerAddress(host, port), ServerAddress.Parse(text));

    [Theory]
    [InlineData("lanchat://den:80/#" + Id)]
    [InlineData("LANCHAT://den:80#" + Id)]
    public void A_link_names_the_key_that_must_answer(string link) =>
        Assert.Equal(new ServerAddress("den", 80, ServerId.Parse(Id)), ServerAddress.Parse(link));

    [Theory]
    [InlineData("den:80")]
    [InlineData("[::1]:80")]
    [InlineData("lanchat://den:80/#" + Id)]
    [InlineData("lanchat://[::1]:80/#" + Id)]
    public void What_it_writes_it_reads(string text) => Assert.Equal(text, ServerAddress.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData(":80")]
    [InlineData("den:")]
    [InlineData("den:0")]
    [InlineData("den:65536")]
    [InlineData("den:-1")]
    [InlineData("den: 80")]
    [InlineData("[::1")]
    [InlineData("[den]:80")]
    [InlineData("a b")]
    [InlineData("den\n")]
    [InlineData("\u061c")]
    [InlineData("\u3000")]
    [InlineData("de\u3000n")]
    [InlineData("e\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301")]
    [InlineData("de\u202en:80")]
    [InlineData("[fe80::1%\u001b[2J]:80")]
    [InlineData("fe80::1%eth0\nden")]
    [InlineData("http://den")]
    [InlineData("den/#" + Id)]
    [InlineData("lanchat://den:80/#")]
    [InlineData("lanchat://den:80/#" + Id + "00")]
    [InlineData("lanchat://den:80/#00112233445566778899aabbccddeeff00112233445566778899aabbccddeexy")]
    public void Anything_else_is_no_address_least_of_all_a_link_with_a_broken_id(string text) => Assert.False(ServerAddress.TryParse(text, out _));

    [Theory]
    [InlineData(Id, "008J-4CT4-ANK7-F24S")]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "ZZZZ-ZZZZ-ZZZZ-ZZZZ")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", "0000-0000-0000-0000")]
    public void A_fingerprint_is_the_first_80_bits_in_four_groups(string id, string fingerprint) => Assert.Equal(fingerprint, ServerId.Parse(id).Fingerprint);

    [Theory]
    [InlineData("den", 0)]
    [InlineData("den", 70_000)]
    [InlineData("", 9090)]
    public void An_address_that_cannot_be_is_refused_when_it_is_made(string host, int port) => Assert.ThrowsAny<ArgumentException>(() => new ServerAddress(host, port));
}
