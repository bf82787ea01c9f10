using Xunit;

namespace LanChat.Tests.Discovery;

/// <summary>What a server may call itself.</summary>
public sealed class BeaconOptionsTests
{
    [Theory]
    [InlineData("two\nlines")]
    [InlineData("two\r\nlines")]
    [InlineData("a\ttab")]
    [InlineData("\u001B[2J")]
    [InlineData("nul\0")]
    [InlineData("\u007F")]
    [InlineData("\u009B2J")]
    public void Names_and_topics_with_control_characters_are_refused_when_they_are_set(string text)
    {
        using ServerIdentity identity = ServerIdentity.Create();
        Func<object>[] settings =
        [
            () => new ChatServerOptions { Name = text },
            () => new ChatServerOptions { Topic = text },
            () => new DiscoveryBeaconOptions { Identity = identity, Name = text },
            () => new DiscoveryBeaconOptions { Identity = identity, Topic = text },
        ];

        Assert.All(settings, set => Assert.Contains("one line", Assert.Throws<ArgumentException>(set).Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Names_of_one_line_in_any_script_are_taken() => Assert.Equal("Das Büro 🍵", new ChatServerOptions { Name = "Das Büro 🍵", Topic = "" }.Name);
}
