using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Security;
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
    private readonly MeterListener _meter = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private int _completed;
    private int _failed;

    public TlsHandshakeTests()
    {
        _meter.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Name == "lanchat.server.handshakes")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meter.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            // Servers of other tests count too, on other threads.
            if (Environment.CurrentManagedThreadId == _thread)
            {
                _ = (string?)tags[0].Value == "completed" ? _completed++ : _failed++;
            }
        });
        _meter.Start();
    }

    public void Dispose() => _meter.Dispose();

    [Fact]
    public void Over_TLS_a_caller_from_elsewhere_is_welcome_and_sees_the_servers_key()
    {
        MemoryCaller ada = Connect(TestIdentity.ClientOptions(pin: TestIdentity.Shared.Id), Elsewhere);
        ada.Say([.. WireFrame.Hello("ada"), .. WireFrame.Join("lobby")]);
        List<WireFrame> frames = ada.Frames();
        Assert.Equal(TestIdentity.Shared.Id, new ServerId(frames.Only(FrameType.Welcome).Welcome.ServerId));
        frames.Only(FrameType.Joined);
        Assert.Equal((1, 0), (_completed, _failed));
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

        Assert.Equal((0, tried), (_completed, _failed));
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

        Assert.Equal((0, tried), (_completed, _failed));
        Assert.Equal(0, _server.Context.ConnectionCount);
    }

    [Fact]
    public void A_client_that_says_nothing_inside_or_refuses_the_key_is_ended_at_the_same_deadline()
    {
        // TLS 1.3: the server's handshake is over before the client has looked at the certificate.
        MemoryCaller silent = Connect();
        MemoryCaller refuses = Connect(TestIdentity.ClientOptions(pin: default(ServerId)));
        Assert.IsType<AuthenticationException>(refuses.Client.Tls!.Failure);
        _server.Advance(4.9);
        Assert.False(silent.IsClosed);
        _server.Advance(0.1);
        Assert.Equal(DisconnectReason.ProtocolViolation, silent.Frames().LastWord());
        Assert.True(silent.IsClosed);

        // It closes nothing by itself: the last word's second is over too.
        _server.Advance(2);
        Assert.Equal(0, _server.Context.ConnectionCount);
        Assert.Equal(2, _completed + _failed);
    }

    [Fact]
    public void Half_a_HELLO_inside_does_not_move_the_deadline()
    {
        MemoryCaller ada = Connect();
        byte[] hello = WireFrame.Hello("ada");
        _server.Advance(3);
        ada.Say(hello.AsSpan(0, 40));
        _server.Advance(1.9);
        Assert.False(ada.IsClosed);
        _server.Advance(0.1);
        Assert.Equal(DisconnectReason.ProtocolViolation, ada.Frames().LastWord());
    }

    [Theory]
    [InlineData("hello\n")]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    public void Lines_of_text_are_not_spoken_inside(string text)
    {
        MemoryCaller caller = Connect();
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

        Assert.Equal(0, _completed);
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
        Assert.Equal((0, 1), (_completed, _failed));
    }

    [Fact]
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
    public void A_client_that_names_other_protocols_is_refused_and_one_that_names_none_is_not()
    {
        SslClientAuthenticationOptions other = TestIdentity.ClientOptions();
        other.ApplicationProtocols = [SslApplicationProtocol.Http2];
        MemoryCaller web = Connect(other);
        Assert.IsType<AuthenticationException>(web.Client.Tls!.Failure);
        SslClientAuthenticationOptions none = TestIdentity.ClientOptions();
        none.ApplicationProtocols = null;
        MemoryCaller ada = Connect(none);
        ada.Say(WireFrame.Hello("ada"));
        ada.Frames().Only(FrameType.Welcome);
        Assert.Equal((1, 1), (_completed, _failed));
    }

    [Fact]
    public void What_a_client_says_right_before_it_ends_is_heard()
    {
        MemoryCaller bo = _server.Join("bo");
        MemoryCaller ada = Connect();
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
        MemoryCaller whole = Connect();
        int bytes = (int)whole.Client.ToServer.Written;
        whole.Client.Reset();
        _server.Run();
        _completed = 0;
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

    private MemoryCaller Connect(SslClientAuthenticationOptions? options = null, IPAddress? address = null)
    {
        (MemoryLink link, MemoryClient client) = _server.Network.Connect(address);
        client.StartTls(options);
        _server.Host.Accept(link);
        _server.Run();
        var caller = new MemoryCaller(_server, client);
        caller.Secure();
        return caller;
    }
}
