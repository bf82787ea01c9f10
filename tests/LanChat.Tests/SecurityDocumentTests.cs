using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests;

/// <summary>docs/security.md says what holds: its numbers are those of the code.</summary>
public sealed class SecurityDocumentTests
{
    private static readonly string Text = string.Join(' ', File.ReadAllText(Path.Combine(Repository.Root, "src/LanChat/docs/security.md")).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    [Fact]
    public void Its_numbers_are_those_of_the_code()
    {
        var browser = new ServerBrowserOptions();
        Says($"({browser.MaxServers} at most, {browser.MaxServersPerAddress} from one address)");
        Says("no more than eight marks on one character", LanChat.Text.NameRule.MaxMarksPerGrapheme, 8);
        Says("after five in a minute from one address", LanChat.Security.ProofLimits.MaxWrong, 5);
        Says("after five in a minute from one address", (int)LanChat.Security.ProofLimits.Window.TotalMinutes, 1);
    }

    [Fact]
    public void What_it_refuses_to_promise_is_said_first() => Assert.InRange(Text.IndexOf("The server reads everything", StringComparison.Ordinal), 0, 800);

    private static void Says(string sentence, int actual = 0, int written = 0)
    {
        Assert.Contains(sentence, Text, StringComparison.Ordinal);
        Assert.Equal(written, actual);
    }
}
