using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>TLS on the chat port over real sockets, pool and threads included.</summary>
public sealed class TlsSocketTests : IAsyncLifetime
{
    private ChatServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await ChatServer.StartAsync(
        new ChatServerOptions { BindAddress = IPAddress.Loopback, Port = 0, Loops = 2, Identity = TestIdentity.Shared, PublishRate = 0 },
        TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_client_sees_the_servers_key_and_talks(SslProtocols version)
    {
        using WireClient ada = await WireClient.ConnectAsync(_server.EndPoint);
        SslClientAuthenticationOptions options = TestIdentity.ClientOptions(pin: _server.Id);
        options.EnabledSslProtocols = version;
        await ada.SecureAsync(options);
        Assert.Equal((version, "lanchat/1"), (ada.Tls!.SslProtocol, ada.Tls.NegotiatedApplicationProtocol.ToString()));

        await ada.SendAsync([.. WireFrame.Hello("ada"), .. WireFrame.Join("lobby")]);
        WireFrame welcome = await ada.ExpectAsync(FrameType.Welcome);
        Assert.Equal(_server.Id, new ServerId(welcome.Welcome.ServerId));
        await ada.ExpectAsync(FrameType.Joined);
        await ada.ExpectAsync(FrameType.Roster);
        await ada.SendAsync(WireFrame.Publish(1, 1, "hello"));
        WireFrame entry = await ada.UntilAsync(frame => frame.Type == FrameType.Entry && frame.Entry.Kind == EntryKind.Message);
        Assert.Equal("hello"u8.ToArray(), entry.Entry.Body.ToArray());
    }
}
