using System.Text;
using LanChat.Security;
using Xunit;

namespace LanChat.Tests.Fuzzing;

public sealed class KnownServersFuzzTests
{
    private const string Times = "2026-11-16T08:00:00Z 2026-11-21T12:34:56Z";

    // Three servers' lines take a few kilobytes of strings; a file that allocates much more has made something of nothing.
    private const long MaxAllocatedBytes = 256 << 10;

    [Fact]
    [HostileInput(38, "a million mutations of known_servers")]
    public void No_file_makes_the_reader_throw_and_what_is_read_is_written_so_that_it_is_read_again()
    {
        static string Id(char digit) => new(digit, 64);
        string whole = $"# comment\n{Id('0')[..63]}1 {Times} den.local:9090,[::1]:9090 The Den\n{Id('9')} {Times} - Höhle\n{Id('7')} {Times} [fe80::1%3]:1 \n";
        var corpus = new Corpus(
            [Encoding.UTF8.GetBytes(whole), Encoding.UTF8.GetBytes($"\uFEFF{Id('a')} {Times} - \r\n"), []],
            "\n"u8.ToArray(), "\r"u8.ToArray(), " "u8.ToArray(), ","u8.ToArray(), "-"u8.ToArray(), "#"u8.ToArray(), ":"u8.ToArray(), "\e[2J"u8.ToArray(), "\u202E"u8.ToArray(), [0xC2], [0xFF], [0]);
        int read = 0;

        Fuzz.Check(corpus, file =>
        {
            if (!KnownServersFormat.TryRead(file, out List<KnownServer> servers, out int line, out string complaint))
            {
                return line > 0 && complaint.Length > 0 ? null : "it is refused without a line and a reason";
            }

            read++;
            string written = KnownServersFormat.Write(servers);
            bool isStable = KnownServersFormat.TryRead(Encoding.UTF8.GetBytes(written), out List<KnownServer> again, out _, out _) && KnownServersFormat.Write(again) == written;
            return isStable ? null : "it is written otherwise than it was read";
        }, MaxAllocatedBytes);

        Assert.NotEqual(0, read);
    }
}
