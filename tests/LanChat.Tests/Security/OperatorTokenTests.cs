using System.Runtime.Versioning;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Security;

public sealed class OperatorTokenTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private string PathOfToken => Path.Combine(_directory.Path, "deeper", OperatorToken.FileName);

    [Fact]
    public void It_is_made_once_and_is_the_same_from_then_on()
    {
        OperatorToken made = OperatorToken.LoadOrCreate(PathOfToken);
        string text = File.ReadAllText(PathOfToken);

        Assert.Matches("^[0-9a-f]{32}\n$", text);
        Assert.Equal(Proof(made), Proof(OperatorToken.LoadOrCreate(PathOfToken)));
        Assert.Equal(Proof(made), Proof(OperatorToken.Load(PathOfToken)));
        Assert.Equal(text, File.ReadAllText(PathOfToken));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(PathOfToken)!));
        Assert.NotEqual(Proof(OperatorToken.Create()), Proof(made));
    }

    [Fact]
    public void Servers_that_start_together_take_the_same()
    {
        for (int run = 0; run < 50; run++)
        {
            string[] proofs = new string[8];
            Parallel.For(0, proofs.Length, i => proofs[i] = Proof(OperatorToken.LoadOrCreate(PathOfToken)));

            Assert.Single(proofs.Distinct());
            Assert.Single(Directory.GetFiles(Path.GetDirectoryName(PathOfToken)!));
            File.Delete(PathOfToken);
        }
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void Only_the_user_can_read_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has other access rules.");
        OperatorToken.LoadOrCreate(PathOfToken);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(PathOfToken));
        File.SetUnixFileMode(PathOfToken, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        ChatException refused = Assert.Throws<ChatException>(() => OperatorToken.LoadOrCreate(PathOfToken));
        Assert.Contains("other users", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ChatException>(() => OperatorToken.Load(PathOfToken));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0123456789abcdef0123456789abcde")]
    [InlineData("0123456789abcdef0123456789abcdef0")]
    [InlineData("0123456789abcdef0123456789abcdeg\n")]
    [InlineData("0123456789abcdef0123456789abcdef\n0123456789abcdef0123456789abcdef\n")]
    [InlineData("\u00E9123456789abcdef0123456789abcdef\n")]
    public void A_damaged_file_is_said_and_what_is_in_it_is_not(string text)
    {
        OperatorToken.LoadOrCreate(PathOfToken);
        File.WriteAllText(PathOfToken, text);

        ChatException refused = Assert.Throws<ChatException>(() => OperatorToken.Load(PathOfToken));
        Assert.Contains(PathOfToken, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("0123", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Capitals_and_another_lines_end_do_not_matter()
    {
        OperatorToken made = OperatorToken.LoadOrCreate(PathOfToken);
        File.WriteAllText(PathOfToken, File.ReadAllText(PathOfToken).Trim().ToUpperInvariant() + "\r\n");

        Assert.Equal(Proof(made), Proof(OperatorToken.Load(PathOfToken)));
    }

    [Fact]
    public void Where_there_is_none_it_says_who_makes_it() =>
        Assert.Contains("first start", Assert.Throws<ChatException>(() => OperatorToken.Load(PathOfToken)).Message, StringComparison.Ordinal);

    [Fact]
    public void Where_none_can_be_kept_it_says_so()
    {
        string file = Path.Combine(_directory.Path, "file");
        File.WriteAllText(file, "");

        ChatException refused = Assert.Throws<ChatException>(() => OperatorToken.LoadOrCreate(Path.Combine(file, OperatorToken.FileName)));
        Assert.Contains("choose another file", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_record_or_string_shows_it()
    {
        OperatorToken token = OperatorToken.LoadOrCreate(PathOfToken);
        string secret = File.ReadAllText(PathOfToken).Trim();

        Assert.All(
            [token.ToString(), $"{new ChatServerOptions { OperatorToken = token }}", $"{new ChatClientOptions { OperatorToken = token }}"],
            text => Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase));
    }

    private static string Proof(OperatorToken token)
    {
        byte[] proof = new byte[32];
        token.Keys.WriteClientProof(new byte[32], proof);
        return Convert.ToHexString(proof);
    }
}
