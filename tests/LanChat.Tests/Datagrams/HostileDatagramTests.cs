using System.Net;
using LanChat.Datagrams;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Datagrams;

/// <summary>Datagrams that are not what they should be: nobody is told, nothing is said, and the connection does not notice. Hostile inputs 26 and 29.</summary>
public sealed class HostileDatagramTests
{
    private static readonly IPAddress Elsewhere = IPAddress.Parse("192.0.2.66");

    private readonly MemoryServer _server = new(tls: true, udp: true);
    private readonly DatagramCaller _ada;

    public HostileDatagramTests()
    {
        _ada = DatagramCaller.Join(_server, "ada");
        _ada.Tcp.Frames();
    }

    [Fact]
    public void A_replayed_datagram_is_dropped()
    {
        byte[] datagram = _ada.Seal(WireFrame.Publish(1, 1, "hello"));
        _ada.Send(datagram);
        Assert.Single(_ada.Answers());
        _ada.Tcp.Frames();
        _ada.Send(datagram);
        AssertDropped();
    }

    [Fact]
    public void A_datagram_that_is_late_by_2000_is_dropped_and_one_that_is_late_by_1000_is_not()
    {
        byte[] old = _ada.Seal(WireFrame.Publish(1, 1, "late"), counter: 1);
        byte[] late = _ada.Seal(WireFrame.Publish(1, 1, "late, but not too late"), counter: 1001);
        _ada.Send(_ada.Seal(WireFrame.Bytes(new PingFrame { Opaque = 1 }), counter: 2001));
        _ada.Answers();

        _ada.Send(old);
        Assert.Empty(_ada.Answers());
        Assert.Empty(_ada.Tcp.Frames());
        _ada.Send(late);
        Assert.Equal(FrameType.Ack, Assert.Single(_ada.Answers()).Type);
    }

    [Fact]
    public void Two_thousand_datagrams_in_any_order_are_each_looked_at_once()
    {
        int seed = TestLength.Seed(7);
        byte[][] datagrams = [.. Enumerable.Range(1, 2000).Select(id => _ada.Seal(WireFrame.Publish(1, (ulong)id, $"{id}")))];
        new Random(seed).Shuffle(datagrams);
        foreach (byte[] datagram in datagrams)
        {
            _ada.Send(datagram);
        }

        // What came out of order was dropped; what was said is in order, and once.
        string[] said = [.. _ada.Tcp.Frames().Select(frame => frame.ToString())];
        Assert.Equal(Enumerable.Range(1, said.Length).Select(id => $"Entry Message {id + 1} ada: {id}"), said);
        Assert.False(_ada.Tcp.IsClosed);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(DatagramLayout.ConnectionAt)]
    [InlineData(DatagramLayout.CounterAt)]
    [InlineData(DatagramLayout.FrameAt - 1)]
    [InlineData(DatagramLayout.FrameAt)]
    [InlineData(DatagramLayout.FrameAt + 12)]
    [InlineData(-16)]
    [InlineData(-1)]
    public void A_changed_bit_in_any_field_drops_it(int at)
    {
        byte[] datagram = _ada.Seal(WireFrame.Publish(1, 1, "hello"));
        datagram[at < 0 ? datagram.Length + at : at] ^= 1;
        _ada.Send(datagram);
        AssertDropped();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(33)]
    [InlineData(1201)]
    public void A_datagram_of_a_wrong_length_is_dropped(int bytes)
    {
        byte[] datagram = _ada.Seal(WireFrame.Publish(1, 1, new string('x', bytes)));
        _ada.Send(bytes > 1000 ? datagram : datagram[..bytes]);
        AssertDropped();
    }

    [Fact]
    public void The_highest_counter_is_the_last_that_is_taken()
    {
        _ada.Send(_ada.Seal(WireFrame.Publish(1, 1, "the last"), counter: ulong.MaxValue));
        Assert.Equal(FrameType.Ack, Assert.Single(_ada.Answers()).Type);
        _ada.Tcp.Frames();
        _ada.Send(_ada.Seal(WireFrame.Publish(1, 2, "after it"), counter: 2));
        _ada.Send(_ada.Seal(WireFrame.Publish(1, 2, "after it"), counter: ulong.MaxValue));
        _ada.Send(_ada.Seal(WireFrame.Publish(1, 2, "after it"), counter: 0));
        AssertDropped(id: 2);
    }

    [Fact]
    public void A_datagram_sealed_for_the_other_direction_is_dropped()
    {
        MemoryCaller tcp = _server.Connect();
        tcp.Say(WireFrame.Hello("bo"));
        WireFrame welcome = tcp.Frames()[0];
        var bo = new DatagramCaller(_server, tcp, welcome);
        using DatagramKey wrong = DatagramKey.ToClient(welcome.Welcome.UdpSecret);
        bo.Send(bo.Seal(WireFrame.Bytes(new PingFrame { Opaque = 1 }), key: wrong));
        Assert.Empty(bo.Answers());
        bo.Say(WireFrame.Bytes(new PingFrame { Opaque = 1 }));
        Assert.Single(bo.Answers());
    }

    [Fact]
    public void The_keys_of_one_connection_open_nothing_of_another()
    {
        DatagramCaller bo = DatagramCaller.Join(_server, "bo");
        bo.Tcp.Frames();
        _ada.Tcp.Frames();
        byte[] stolen = bo.Seal(WireFrame.Publish(1, 1, "in ada's name"), key: _ada.Outgoing);
        bo.Send(stolen);
        Assert.Empty(bo.Answers());
        Assert.Empty(bo.Tcp.Frames());
        AssertDropped();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Keys_die_with_their_connection(bool isTakenOver)
    {
        // A session whose client has spoken outlives its connection.
        MemoryCaller tcp = _server.Connect();
        tcp.Say([.. WireFrame.Hello("bo"), .. WireFrame.Join("lobby"), .. WireFrame.Bytes(new PingFrame())]);
        WireFrame welcome = tcp.Frames()[0];
        var old = new DatagramCaller(_server, tcp, welcome);
        if (!isTakenOver)
        {
            tcp.Client.Reset();
            _server.Run();
            old.Say(WireFrame.Publish(1, 1, "detached"));
            Assert.Empty(old.Answers());
        }

        MemoryCaller again = _server.Connect();
        again.Say([.. WireFrame.Bytes(new HelloFrame { Version = 1, Session = welcome.Welcome.Session, Token = welcome.Welcome.Token, Attempt = 9 }), .. WireFrame.Join("lobby")]);
        WireFrame second = again.Frames()[0];
        Assert.True(second.Welcome.IsResumed);
        Assert.NotEqual(welcome.Welcome.UdpConnection, second.Welcome.UdpConnection);
        Assert.NotEqual(welcome.Welcome.UdpSecret.ToArray(), second.Welcome.UdpSecret.ToArray());

        old.Say(WireFrame.Publish(1, 1, "by the old keys"));
        Assert.Empty(old.Answers());
        var now = new DatagramCaller(_server, again, second);
        now.Send(now.Seal(WireFrame.Publish(1, 1, "old keys, new number"), key: old.Outgoing));
        Assert.Empty(now.Answers());
        now.Say(WireFrame.Publish(1, 1, "by the new keys"));
        Assert.Equal(FrameType.Ack, Assert.Single(now.Answers()).Type);
        Assert.Equal(2, _server.Context.Datagrams!.ConnectionCount);
    }

    [Fact]
    public void After_goodbye_nothing_is_taken_and_nothing_is_left()
    {
        _ada.Tcp.Say(WireFrame.Goodbye());
        _ada.Say(WireFrame.Publish(1, 1, "and another thing"));
        Assert.Empty(_ada.Answers());
        Assert.Equal(0, _server.Context.Datagrams!.ConnectionCount);
    }

    [Fact]
    public void Noise_is_never_answered()
    {
        var random = new Random(TestLength.Seed(26));
        for (int i = 0; i < 5_000; i++)
        {
            byte[] noise = new byte[random.Next(1_300)];
            random.NextBytes(noise);
            if (noise.Length > 0 && random.Next(2) == 0)
            {
                noise[0] = DatagramLayout.Mark;
            }

            _ada.Send(noise);
        }

        AssertDropped();
    }

    [Fact]
    public void A_datagram_from_elsewhere_is_carried_out_but_not_answered_until_its_address_is_proved()
    {
        DatagramNetworkEnd there = _server.Datagrams.OpenClient(Elsewhere);
        _ada.End = there;
        _ada.Say(WireFrame.Publish(1, 1, "from another address"));
        Assert.Equal("Entry Message 2 ada: from another address", Assert.Single(_ada.Tcp.Frames()).ToString());
        ulong question = Assert.Single(_ada.Answers()).Decode<PingFrame>().Opaque;

        _ada.Say(WireFrame.Bytes(new PongFrame { Opaque = question + 1 }));
        _ada.Say(WireFrame.Publish(1, 1, "from another address"));
        Assert.Empty(_ada.Answers());

        _ada.Say(WireFrame.Bytes(new PongFrame { Opaque = question }));
        _ada.Say(WireFrame.Publish(1, 1, "from another address"));
        Assert.Equal(2UL, Assert.Single(_ada.Answers()).Ack.Sequence);
    }

    [Fact]
    public void Whoever_sends_genuine_datagrams_on_under_a_victims_address_makes_the_server_send_one_short_question_a_second()
    {
        DatagramNetworkEnd victim = _server.Datagrams.OpenClient(Elsewhere);
        DatagramNetworkEnd home = _ada.End;
        _ada.End = victim;
        int sent = 0;
        for (ulong id = 1; id <= 100; id++)
        {
            byte[] datagram = _ada.Seal(WireFrame.Publish(1, id, "hello"));
            sent += datagram.Length;
            _ada.Send(datagram);
        }

        byte[] question = Assert.Single(victim.Received);
        Assert.True(question.Length < sent / 100);
        _server.Advance(TimeSpan.FromSeconds(1));
        _ada.Say(WireFrame.Publish(1, 101, "hello"));
        Assert.Equal(2, victim.Received.Count);

        // Where ada is, she is answered as before.
        _ada.End = home;
        _ada.Say(WireFrame.Publish(1, 101, "hello"));
        Assert.Equal(FrameType.Ack, Assert.Single(_ada.Answers()).Type);
    }

    [Fact]
    public void Another_port_of_the_same_address_is_answered_at_once()
    {
        _ada.End = _server.Datagrams.OpenClient();
        _ada.Say(WireFrame.Publish(1, 1, "hello"));
        Assert.Equal(FrameType.Ack, Assert.Single(_ada.Answers()).Type);
    }

    // Nothing was said and nobody was told; what is right goes on working.
    private void AssertDropped(ulong id = 1)
    {
        Assert.Empty(_ada.Answers());
        Assert.Empty(_ada.Tcp.Frames());
        Assert.False(_ada.Tcp.IsClosed);
        if (id == 1)
        {
            _ada.Say(WireFrame.Bytes(new PingFrame { Opaque = 5 }));
            Assert.Equal(5UL, Assert.Single(_ada.Answers()).Decode<PongFrame>().Opaque);
        }
    }
}
