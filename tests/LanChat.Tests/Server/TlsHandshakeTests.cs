using System.Net;
using System.Security.Authentication;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>Handshakes, good and bad, in memory and in fake time: each ends in a member or in nothing.</summary>
public sealed class TlsHandshakeTests : IDisposable
{
    private static readonly IPAddress Elsewhere = IPAddress.Parse("192.168.1.7");

    private readonly MemoryServer _server = new(Callers.Patient);
    private readonly HandshakeCount _count = new();

    public void Dispose() => _count.Dispose();

    [Fact]
    public void Over_TLS_a_caller_from_elsewhere_is_welcome_and_sees_the_servers_key()
    {
        MemoryCaller ada = _server.ConnectTls(TestIdentity.ClientOptions(pin: TestIdentity.Shared.Id), Elsewhere);
        ada.Say([.. WireFrame.Hello("ada"), .. WireFrame.Join("lobby")]);
        List<WireFrame> frames = ada.Frames();
        Assert.Equal(TestIdentity.Shared.Id, new ServerId(frames.Only(FrameType.Welcome).Welcome.ServerId));
        frames.Only(FrameType.Joined);
        Assert.Equal((1, 0), (_count.Completed, _count.Failed));
    }

    [Fact]
    public void What_is_said_together_with_the_last_of_the_handshake_is_answered()
    {
        (MemoryLink link, MemoryClient client) = _server.Network.Connect();
        client.StartTls();
        client.Write([.. WireFrame.Hello("ada"), .. WireFrame.Join("lobby")]);
        _server.Host.Accept(link);
        _server.Run();
        long before = client.ToServer.Written;
        client.ReadAll();
        Assert.True(client.ToServer.Written > before + 100);

        // All of it in one receive, and nothing after it.
        var caller = new MemoryCaller(_server, client);
        Assert.Equal(
            [FrameType.Welcome, FrameType.Joined, FrameType.Roster], caller.Frames().Select(frame => frame.Type));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    public void A_handshake_in_small_pieces_is_a_handshake(int bytes)
    {
        (MemoryLink link, MemoryClient client) = _server.Network.Connect();
        client.ToServer.NextPiece = client.FromServer.NextPiece = Pieces.Of(bytes);
        client.FromServer.Capacity = 10;
        client.StartTls();
        _server.Host.Accept(link);
        var caller = new MemoryCaller(_server, client);
        caller.Secure();
        caller.Say(WireFrame.Hello("ada"));
        var frames = new List<WireFrame>();
        for (int i = 0; i < 100 && frames.Count == 0; i++)
        {
            frames.AddRange(caller.Frames());
        }

        frames.Only(FrameType.Welcome);
    }

    [Fact]
    [HostileInput(2, "one byte per second before TLS")]
    public void A_caller_that_stops_anywhere_in_the_handshake_is_closed_five_seconds_after_it_connected()
    {
        int tried = 0;
        foreach (int stop in Places())
        {
            (MemoryLink link, MemoryClient client) = _server.Network.Connect();
            int left = stop;
            client.ToServer.NextPiece = () =>
            {
                client.ToServer.IsStalled = --left == 0;
                return 1;
            };
            Try(link, client);
            _server.Advance(4.9);
            Assert.False(link.IsClosed);
            _server.Advance(0.1);
            Assert.True(link.IsClosed, $"after {stop} bytes");
            tried++;
        }

        Assert.Equal((0, tried), (_count.Completed, _count.Failed));
        Assert.Equal(0, _server.Context.ConnectionCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_handshake_cut_anywhere_leaves_nothing(bool reset)
    {
        int tried = 0;
        foreach (int cut in Places())
        {
            (MemoryLink link, MemoryClient client) = _server.Network.Connect();
            client.ToServer.CutAt(cut, reset);
            Try(link, client);
            Assert.True(link.IsClosed, $"after {cut} bytes");
            tried++;
        }

        Assert.Equal((0, tried), (_count.Completed, _count.Failed));
        Assert.Equal(0, _server.Context.ConnectionCount);
    }

    [Fact]
    [HostileInput(4)]
    public void A_client_that_says_nothing_inside_or_refuses_the_key_is_ended_at_the_same_deadline()
    {
        // TLS 1.3: the server's handshake is over before the client has looked at the certificate.
        MemoryCaller silent = _server.ConnectTls();
        MemoryCaller refuses = _server.ConnectTls(TestIdentity.ClientOptions(pin: default(ServerId)));
        Assert.IsType<AuthenticationException>(refuses.Client.Tls!.Failure);
        _server.Advance(4.9);
        Assert.False(silent.IsClosed);
        _server.Advance(0.1);
        Assert.Equal(DisconnectReason.ProtocolViolation, silent.Frames().LastWord());
        Assert.True(silent.IsClosed);

        // It closes nothing by itself: the last word's second is over too.
        _server.Advance(2);
        Assert.Equal(0, _server.Context.ConnectionCount);
        Assert.Equal(2, _count.Completed + _count.Failed);
    }

    [Fact]
    [HostileInput(2, "one byte per second before the welcome")]
    public void Half_a_HELLO_inside_does_not_move_the_deadline()
    {
        MemoryCaller ada = _server.ConnectTls();
        byte[] hello = WireFrame.Hello("ada");
        _server.Advance(3);
        ada.Say(hello.AsSpan(0, 40));
        _server.Advance(1.9);
        Assert.False(ada.IsClosed);
        _server.Advance(0.1);
        Assert.Equal(DisconnectReason.ProtocolViolation, ada.Frames().LastWord());
    }

    [Fact]
    public void What_a_client_says_right_before_it_ends_is_heard()
    {
        MemoryCaller bo = _server.Join("bo");
        MemoryCaller ada = _server.ConnectTls();
        ada.Client.Write([.. WireFrame.Hello("ada"), .. WireFrame.Join("lobby")]);
        ada.Frames();
        ada.Client.Write(WireFrame.Publish(1, 1, "bye all"));
        ada.Client.End();
        _server.Run();
        List<WireFrame> heard = bo.Frames();
        Assert.Equal(["bye all"], heard.Texts());
        Assert.Equal("ada", heard.Entries(EntryKind.Left)[0].LeftParts().Name);
        Assert.Equal(1, _server.Context.ConnectionCount);
    }

    /// <summary>Where a client's part of a handshake may stop, every few bytes.</summary>
    private IEnumerable<int> Places()
    {
        MemoryCaller whole = _server.ConnectTls();
        int bytes = (int)whole.Client.ToServer.Written;
        whole.Client.Reset();
        _server.Run();
        _count.Restart();
        for (int place = 1; place < bytes; place += TestLength.IsLong ? 1 : 13)
        {
            yield return place;
        }
    }

    private void Try(MemoryLink link, MemoryClient client)
    {
        client.StartTls();
        _server.Host.Accept(link);
        for (int i = 0; i < 3; i++)
        {
            _server.Run();
            client.ReadAll();
        }

        _server.Run();
    }
}
