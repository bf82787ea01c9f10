using LanChat.Transport;
using LanChat.Transport.Sockets;
using Xunit;

namespace LanChat.Tests.Support;

/// <summary>What carries a test's connections; the test is skipped where there is no such thing.</summary>
internal static class TestTransport
{
    /// <summary>Sockets as on systems without poll.</summary>
    internal static PlatformTransport Select { get; } = new(static () => new SocketPoller(new SelectReadiness()), SocketLink.Over);

    internal static PlatformTransport Of(ServerTransport kind)
    {
        PlatformTransport? transport = kind switch
        {
            ServerTransport.Epoll => PlatformTransport.Epoll,
            ServerTransport.Sockets => PlatformTransport.Sockets,
            _ => PlatformTransport.Automatic,
        };
        Assert.SkipWhen(transport is null, $"there is no {kind} here");
        return transport!;
    }
}
