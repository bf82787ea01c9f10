using System.ComponentModel;
using System.Net;
using LanChat.Connections;
using LanChat.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace LanChat.Tests.Server;

[Collection("whole process")]
public sealed class StartFailureTests
{
    [Fact]
    public async Task A_start_that_fails_at_its_last_step_leaves_nothing_running()
    {
        var time = new FakeTimeProvider();
        int port = FreePort.Tcp();
        var options = new ChatServerOptions
        {
            BindAddress = IPAddress.Loopback,
            Port = port,
            Identity = TestIdentity.Shared,
            DiscoveryPort = FreePort.Udp(),
            TimeProvider = time,
            LoggerFactory = new FailingLoggerFactory(),
        };
        await Assert.ThrowsAsync<InvalidOperationException>(() => ServerHost.ListenAsync(options));

        // The tick and the loops' timers; and the port.
        Assert.Equal(0, time.TimerCount);
        await using ChatServer again = await ChatServer.StartAsync(
            new ChatServerOptions { Announce = false, BindAddress = IPAddress.Loopback, Port = port, Identity = TestIdentity.Shared }, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_loop_that_cannot_be_made_is_said_in_a_sentence_and_takes_the_others_with_it()
    {
        var time = new FakeTimeProvider();
        var options = new ChatServerOptions { Loops = 3, Identity = TestIdentity.Shared, TimeProvider = time };
        var made = new List<MemoryPoller>();
        ChatException exception = Assert.Throws<ChatException>(() => new ServerHost(
            options,
            () =>
            {
                if (made.Count == 2)
                {
                    throw new Win32Exception(24);
                }

                made.Add(new MemoryPoller());
                return made[^1];
            },
            listen: null));

        Assert.Contains("2 of 3 event loops", exception.Message, StringComparison.Ordinal);
        Assert.All(made, static poller => Assert.True(poller.IsDisposed));
        Assert.Equal(0, time.TimerCount);
    }

    /// <summary>An app's logging that fails where the server announces itself, which is the last thing it does.</summary>
    private sealed class FailingLoggerFactory : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) => categoryName == "LanChat.Discovery" ? throw new InvalidOperationException("no logger") : NullLogger.Instance;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }
    }
}
