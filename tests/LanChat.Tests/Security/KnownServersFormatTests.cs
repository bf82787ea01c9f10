using System.Text;
using LanChat.Security;
using LanChat.Tests.Support;
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

    /// <summary>Whatever is in the file: no exception, and what is read is written so that the same is read again.</summary>
    [Fact]
    public void Reading_never_throws_and_what_was_read_is_stable()
    {
        int seed = TestLength.Seed(20261121);
        var random = new Random(seed);
        byte[] good = Encoding.UTF8.GetBytes($"# comment\n{Good}\n{Id.Replace('0', '9')} {Times} - Höhle\n{Id.Replace('0', '7')} {Times} [fe80::1%3]:1 \n");
        byte[] interesting = [0, (byte)'\n', (byte)'\r', (byte)' ', (byte)',', (byte)'-', (byte)'#', (byte)':', 0x1B, 0x7F, 0x80, 0xC2, 0xFF];
        int read = 0;
        int inputs = TestLength.IsLong ? 1_000_000 : 30_000;
        for (int input = 0; input < inputs; input++)
        {
            List<byte> bytes = [.. good];
            for (int changes = random.Next(6); changes > 0 && bytes.Count > 0; changes--)
            {
                int at = random.Next(bytes.Count);
                switch (random.Next(4))
                {
                    case 0:
                        bytes[at] = interesting[random.Next(interesting.Length)];
                        break;
                    case 1:
                        bytes[at] = (byte)random.Next(256);
                        break;
                    case 2:
                        bytes.RemoveRange(at, random.Next(Math.Min(40, bytes.Count - at)));
                        break;
                    default:
                        bytes.InsertRange(at, bytes.GetRange(at, random.Next(Math.Min(200, bytes.Count - at))));
                        break;
                }
            }

            byte[] file = [.. bytes];
            try
            {
                if (KnownServersFormat.TryRead(file, out List<KnownServer> servers, out int line, out string complaint))
                {
                    read++;
                    string written = KnownServersFormat.Write(servers);
                    Assert.Equal(written, KnownServersFormat.Write(Read(written)));
                }
                else
                {
                    Assert.True(line > 0 && complaint.Length > 0);
                }
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Input {input}, {Convert.ToHexString(file)}; repeat with LANCHAT_TEST_SEED={seed}", exception);
            }
        }

        // Both sides were exercised.
        Assert.InRange(read, inputs / 50, inputs - (inputs / 50));
    }

    private static List<KnownServer> Read(string text)
    {
        Assert.True(KnownServersFormat.TryRead(Encoding.UTF8.GetBytes(text), out List<KnownServer> servers, out int line, out string complaint), $"line {line}: {complaint}");
        return servers;
    }
}
