using Xunit;

namespace LanChat.Tests.Client;

public sealed class ClientOptionsTests
{
    [Fact]
    public void The_defaults_are_those_that_the_documentation_says()
    {
        var options = new ChatClientOptions();

        Assert.Equal(("", TimeSpan.FromSeconds(5), 1024, 1024, 50), (options.Name, options.ConnectTimeout, options.MaxBufferedEvents, options.MaxOpenSends, options.ReplayEntries));
        Assert.Equal((true, TimeSpan.FromHours(24), TimeSpan.FromSeconds(30)), (options.Reconnect, options.ReconnectTimeout, options.MaxReconnectDelay));
        Assert.Equal((16_384, true, 5005, 0), (options.MaxWaitingSends, options.Rediscover, options.DiscoveryPort, options.DiscoveryInterfaces.Count));
        Assert.Same(TimeProvider.System, options.TimeProvider);
        Assert.Same(KnownServers.Default, options.KnownServers);
        Assert.False(options.Plaintext);
    }

    [Fact]
    public void Values_are_checked_when_set()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChatClientOptions { Name = new string('x', 256) });
        Assert.ThrowsAny<ArgumentException>(() => new ChatClientOptions { Name = "\ud83d" });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChatClientOptions { ConnectTimeout = TimeSpan.Zero });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChatClientOptions { ConnectTimeout = TimeSpan.FromHours(1.1) });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChatClientOptions { MaxBufferedEvents = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChatClientOptions { MaxBufferedEvents = (1 << 20) + 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChatClientOptions { MaxOpenSends = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChatClientOptions { MaxOpenSends = 65_536 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChatClientOptions { ReplayEntries = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChatClientOptions { ReplayEntries = 65_536 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChatClientOptions { ReconnectTimeout = TimeSpan.FromMilliseconds(999) });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChatClientOptions { ReconnectTimeout = TimeSpan.FromDays(31) });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChatClientOptions { MaxReconnectDelay = TimeSpan.FromMilliseconds(99) });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChatClientOptions { MaxReconnectDelay = TimeSpan.FromHours(1.1) });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChatClientOptions { MaxWaitingSends = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChatClientOptions { DiscoveryPort = 0 });
        Assert.Throws<ArgumentNullException>(() => new ChatClientOptions { DiscoveryInterfaces = null! });
        Assert.Throws<ArgumentNullException>(() => new ChatClientOptions { TimeProvider = null! });
        Assert.Throws<ArgumentNullException>(() => new ChatClientOptions { LoggerFactory = null! });
        Assert.Throws<ArgumentNullException>(() => new ChatClientOptions { KnownServers = null! });
    }

    [Fact]
    public void No_name_at_all_is_the_empty_name() => Assert.Equal("", new ChatClientOptions { Name = null! }.Name);
}
