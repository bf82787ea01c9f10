using System.Text;
using LanChat.Security;
using Xunit;

namespace LanChat.Tests.Security;

public sealed class KnownServersFormatTests
{
    private const string Id = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    private const string OtherId = "99112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    private const string Times = "2026-11-16T08:00:00Z 2026-11-21T12:34:56Z";
    private const string Good = $"{Id} {Times} den.local:9090,[::1]:9090 The Den";

    [Fact]
    public void A_line_is_read_as_it_is_documented()
    {
        KnownServer server = Assert.Single(Read($"\uFEFF# comment\r\n\n{Good}\r\n"));

        Assert.Equal((ServerId.Parse(Id), "The Den"), (server.Id, server.Name));
        Assert.Equal(["den.local:9090", "[::1]:9090"], server.Addresses);
        Assert.Equal(new DateTimeOffset(2026, 11, 21, 12, 34, 56, TimeSpan.Zero), server.LastUsed);
    }

    [Fact]
    [HostileInput(11, "known_servers empty")]
    public void Nothing_at_all_is_no_server() => Assert.Empty(Read(""));

    [Theory]
    [InlineData("x")]
    [InlineData($"{Id} {Times}")]
    [InlineData($" {Good}")]
    [InlineData($"0{Good}")]
    [InlineData($"{Id} 2026-11-16 2026-11-21T12:34:56Z - Den")]
    [InlineData($"{Id} 2026-11-16T08:00:00+01:00 2026-11-21T12:34:56Z - Den")]
    [InlineData($"{Id} {Times}  Den")]
    [InlineData($"{Id} {Times} den:1,,den:2 Den")]
    [InlineData($"{Id} {Times} den Den")]
    [InlineData($"{Id} {Times} den:1,den:1 Den")]
    [InlineData($"{Id} {Times} - Den\u001b[2J")]
    [InlineData($"{Id} {Times} - Den ")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000 2026-11-16T08:00:00Z 2026-11-16T08:00:00Z - Nobody")]
    [InlineData($"{Good}\n{Id} {Times} - Den")]
    [InlineData($"{Good}\n{OtherId} {Times} [::1]:9090 Another")]
    public void A_line_that_is_anything_else_is_an_error_with_its_number(string text)
    {
        Assert.False(KnownServersFormat.TryRead(Encoding.UTF8.GetBytes($"# first\n{text}\n# last"), out _, out int line, out string complaint));

        Assert.Equal(text.Contains('\n', StringComparison.Ordinal) ? 3 : 2, line);
        Assert.NotEmpty(complaint);
    }

    [Fact]
    public void What_is_not_UTF_8_is_an_error() =>
        Assert.False(KnownServersFormat.TryRead([.. Encoding.UTF8.GetBytes(Good), 0xFF], out _, out _, out _));

    [Fact]
    public void More_servers_than_are_kept_are_an_error()
    {
        string Line(int i) => $"{i:x64} {Times} - Den\n";
        string full = string.Concat(Enumerable.Range(1, KnownServers.MaxCount).Select(Line));

        Assert.Equal(KnownServers.MaxCount, Read(full).Count);
        Assert.False(KnownServersFormat.TryRead(Encoding.UTF8.GetBytes(full + Line(KnownServers.MaxCount + 1)), out _, out _, out _));
    }

    private static List<KnownServer> Read(string text)
    {
        Assert.True(KnownServersFormat.TryRead(Encoding.UTF8.GetBytes(text), out List<KnownServer> servers, out int line, out string complaint), $"line {line}: {complaint}");
        return servers;
    }
}
