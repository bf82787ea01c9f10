using System.Net;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>The key of who does not give one. Alone: every server that other tests start meanwhile may take the same kept one.</summary>
[Collection("whole process")]
public sealed class KeptKeyTests
{
    [Fact]
    public async Task The_key_is_kept_from_one_start_to_the_next_and_released_at_the_stop()
    {
        var options = new ChatServerOptions { BindAddress = IPAddress.Loopback, Port = FreePort.Tcp() };
        ChatServer first = await ChatServer.StartAsync(options, TestContext.Current.CancellationToken);
        ServerId id = first.Id;
        await first.DisposeAsync();
        await using ChatServer second = await ChatServer.StartAsync(options, TestContext.Current.CancellationToken);
        Assert.Equal(id, second.Id);
    }
}
