using System.Net.Security;
using System.Security.Authentication;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>What is not taken for TLS, and what is not spoken in it.</summary>
public sealed class TlsRefusalTests : IDisposable
{
    private readonly MemoryServer _server = new(Callers.Patient);
    private readonly HandshakeCount _count = new();

    public void Dispose() => _count.Dispose();

    [Theory]
    [InlineData("hello\n")]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    public void Lines_of_text_are_not_spoken_inside(string text)
    {
        MemoryCaller caller = _server.ConnectTls();
        caller.Say(text);
        Assert.Equal(DisconnectReason.ProtocolViolation, caller.Frames().LastWord());
        Assert.True(caller.IsClosed);
    }

    [Fact]
    public void Garbage_behind_a_first_byte_of_TLS_is_closed()
    {
        for (int seed = 1; seed <= (TestLength.IsLong ? 5_000 : 200); seed++)
        {
            var random = new Random(TestLength.Seed(seed));
            byte[] bytes = new byte[random.Next(1, 400)];
            random.NextBytes(bytes);
            bytes[0] = 0x16;
            if (bytes.Length > 10 && random.Next(2) == 0)
            {
                // The header of a record, around garbage.
                new byte[] { 3, 1, 0, (byte)random.Next(250), 1, 0, 0 }.CopyTo(bytes, 1);
            }

            (MemoryLink link, MemoryClient client) = _server.Network.Connect();
            client.Write(bytes);
            _server.Host.Accept(link);
            _server.Run();
            if (!link.IsClosed)
            {
                _server.Advance(5);
            }

            Assert.True(link.IsClosed, $"Seed {TestLength.Seed(seed)}");
        }

        Assert.Equal(0, _count.Completed);
        Assert.Equal(0, _server.Context.ConnectionCount);
    }

    [Fact]
    public void A_flood_before_the_end_of_the_handshake_is_cut_off()
    {
        (MemoryLink link, MemoryClient client) = _server.Network.Connect();
        _server.Host.Accept(link);

        // One record after the other, each the start of a hello that never ends.
        byte[] record = [0x16, 3, 1, 0x20, 0, 1, 0xFF, 0xFF, 0xFF, .. new byte[0x2000 - 4]];
        for (int i = 0; i < 20 && !link.IsClosed; i++)
        {
            client.Write(record);
            _server.Run();
        }

        Assert.True(link.IsClosed);
        Assert.Equal((0, 1), (_count.Completed, _count.Failed));
    }

    [Fact]
    [HostileInput(37, "a peer with TLS 1.1")]
    public void TLS_1_1_is_refused_with_the_alert_for_it()
    {
        // A ClientHello of version 3.2 with two suites of its time, and nothing newer.
        byte[] hello = [3, 2, .. new byte[32], 0, 0, 4, 0xC0, 0x13, 0x00, 0x2F, 1, 0];
        (MemoryLink link, MemoryClient client) = _server.Network.Connect();
        client.Write([0x16, 3, 1, 0, (byte)(hello.Length + 4), 1, 0, 0, (byte)hello.Length, .. hello]);
        _server.Host.Accept(link);
        _server.Run();
        const byte Alert = 0x15;
        const byte ProtocolVersion = 70;
        byte[] answer = client.ReadAll();
        Assert.Equal((Alert, ProtocolVersion), (answer[0], answer[^1]));
        Assert.True(link.IsClosed);
    }

    [Fact]
    [HostileInput(37, "a peer without ALPN")]
    public void A_client_that_names_other_protocols_is_refused_and_one_that_names_none_is_not()
    {
        SslClientAuthenticationOptions other = TestIdentity.ClientOptions();
        other.ApplicationProtocols = [SslApplicationProtocol.Http2];
        MemoryCaller web = _server.ConnectTls(other);
        Assert.IsType<AuthenticationException>(web.Client.Tls!.Failure);
        SslClientAuthenticationOptions none = TestIdentity.ClientOptions();
        none.ApplicationProtocols = null;
        MemoryCaller ada = _server.ConnectTls(none);
        ada.Say(WireFrame.Hello("ada"));
        ada.Frames().Only(FrameType.Welcome);
        Assert.Equal((1, 1), (_count.Completed, _count.Failed));
    }
}
