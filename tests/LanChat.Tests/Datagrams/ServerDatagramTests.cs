using System.Text;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Datagrams;

/// <summary>What a server does with genuine datagrams: the same as with frames by TCP, answered the way they came.</summary>
public sealed class ServerDatagramTests
{
    private readonly MemoryServer _server = new(tls: true, udp: true);

    [Fact]
    public void A_message_by_UDP_is_in_the_room_for_all_and_acknowledged()
    {
        MemoryCaller bo = _server.Join("bo");
        DatagramCaller ada = DatagramCaller.Join(_server, "ada");
        bo.Frames();

        ada.Say(WireFrame.Publish(1, 1, "hello"));

        Assert.Equal((1UL, 3UL), AckOf(Assert.Single(ada.Answers())));
        Assert.Equal("Entry Message 3 ada: hello", Assert.Single(bo.Frames()).ToString());
        Assert.Equal("Entry Message 3 ada: hello", ada.Tcp.Frames()[^1].ToString());
    }

    [Fact]
    public void A_direct_message_by_UDP_reaches_the_mailbox_and_is_acknowledged_by_UDP()
    {
        MemoryCaller bo = _server.Join("bo");
        DatagramCaller ada = DatagramCaller.Join(_server, "ada");
        bo.Frames();
        ada.Tcp.Frames();

        ada.Say(WireFrame.Direct(1, "bo", "between us"));

        Assert.Equal((1UL, 1UL), AckOf(Assert.Single(ada.Answers())));
        Assert.Equal("Entry Direct 1 ada: between us", Assert.Single(bo.Frames()).ToString());
        Assert.Empty(ada.Tcp.Frames());
    }

    [Fact]
    public void A_repeat_is_answered_again_and_said_once()
    {
        DatagramCaller ada = DatagramCaller.Join(_server, "ada");
        for (int i = 0; i < 3; i++)
        {
            ada.Say(WireFrame.Publish(1, 1, "hello"));
        }

        Assert.Equal([2UL, 2UL, 2UL], ada.Answers().Select(answer => AckOf(answer).Sequence));
        Assert.Single(ada.Tcp.Frames(), frame => frame.ToString() == "Entry Message 2 ada: hello");
    }

    [Fact]
    public void A_rejection_comes_by_UDP_each_time_it_is_asked_for()
    {
        DatagramCaller ada = DatagramCaller.Join(_server, "ada");
        ada.Tcp.Frames();
        ada.Say(WireFrame.Publish(99, 1, "nowhere"));
        ada.Say(WireFrame.Publish(99, 1, "nowhere"));
        Assert.Equal(["Rejected 1 17", "Rejected 1 17"], ada.Answers().Select(answer => answer.ToString()));
        Assert.Empty(ada.Tcp.Frames());
    }

    /// <summary>Hostile input 28.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_same_id_by_both_ways_is_said_once_and_answered_by_both(bool isUdpFirst)
    {
        DatagramCaller ada = DatagramCaller.Join(_server, "ada");
        ada.Tcp.Frames();
        byte[] publish = WireFrame.Publish(1, 1, "hello");
        ada.Tcp.Client.Write(isUdpFirst ? [] : publish);
        if (isUdpFirst)
        {
            ada.Say(publish);
        }

        _server.Run();
        ada.Say(publish);
        ada.Tcp.Say(publish);

        Assert.All(ada.Answers(), answer => Assert.Equal((1UL, 2UL), AckOf(answer)));
        List<WireFrame> frames = ada.Tcp.Frames();
        Assert.Single(frames, frame => frame.Type == FrameType.Entry);
        Assert.All(frames.Where(frame => frame.Type == FrameType.Ack), answer => Assert.Equal((1UL, 2UL), AckOf(answer)));
        Assert.Contains(frames, frame => frame.Type == FrameType.Ack);
        Assert.False(ada.Tcp.IsClosed);
    }

    [Fact]
    public void An_id_above_the_next_one_is_dropped_and_no_violation()
    {
        DatagramCaller ada = DatagramCaller.Join(_server, "ada");
        ada.Tcp.Frames();
        ada.Say(WireFrame.Publish(1, 2, "too early"));
        ada.Say(WireFrame.Publish(1, 0, "no id"));
        Assert.Empty(ada.Answers());
        ada.Say(WireFrame.Publish(1, 1, "one"));
        ada.Say(WireFrame.Publish(1, 2, "two"));
        Assert.Equal([2UL, 3UL], ada.Answers().Select(answer => AckOf(answer).Sequence));
        Assert.Equal(["Entry Message 2 ada: one", "Entry Message 3 ada: two"], ada.Tcp.Frames().Select(frame => frame.ToString()));
    }

    [Fact]
    public void An_id_that_has_left_the_window_is_dropped_and_no_violation()
    {
        DatagramCaller ada = DatagramCaller.Join(_server, "ada");
        byte[] late = ada.Seal(WireFrame.Publish(1, 1, "late"));
        for (ulong id = 1; id <= 1025; id++)
        {
            ada.Tcp.Say(WireFrame.Publish(1, id, "x"));
        }

        ada.Send(late);
        Assert.Empty(ada.Answers());
        ada.Tcp.Say(WireFrame.Publish(1, 1026, "still here"));
        Assert.False(ada.Tcp.IsClosed);
    }

    [Fact]
    public void A_PING_is_answered_and_what_has_no_place_in_a_datagram_is_dropped()
    {
        DatagramCaller ada = DatagramCaller.Join(_server, "ada");
        ada.Say(WireFrame.Bytes(new PingFrame { Opaque = 7 }));
        Assert.Equal(7UL, Assert.Single(ada.Answers()).Decode<PongFrame>().Opaque);

        ada.Tcp.Frames();
        ada.Say(WireFrame.Join("games"));
        ada.Say(WireFrame.Goodbye());
        ada.Say(WireFrame.Bytes(new CommandFrame { Id = 1, Verb = "kick"u8, Argument = "ada"u8 }));
        ada.Say([0, 0, 0, 2, (byte)FrameType.Publish, 0]);
        ada.Say([0, 0, 0, 1, 0x48]);
        Assert.Empty(ada.Answers());
        Assert.Empty(ada.Tcp.Frames());
        Assert.False(ada.Tcp.IsClosed);
    }

    [Fact]
    public void The_rate_counts_as_by_TCP()
    {
        var server = new MemoryServer(new ChatServerOptions { Loops = 1, PublishRate = 1, PublishBurst = 2 }, tls: true, udp: true);
        DatagramCaller ada = DatagramCaller.Join(server, "ada");
        ada.Say(WireFrame.Publish(1, 1, "one"));
        ada.Tcp.Say(WireFrame.Publish(1, 2, "two"));
        ada.Say(WireFrame.Publish(1, 3, "three"));
        Assert.Equal("Rejected 3 14", ada.Answers()[^1].ToString());
    }

    [Fact]
    public void Text_passes_the_sanitizer_and_opaque_bodies_go_as_they_are()
    {
        DatagramCaller ada = DatagramCaller.Join(_server, "ada");
        ada.Say(WireFrame.Publish(1, 1, "red \u001b[31m"));
        ada.Say(WireFrame.Bytes(new PublishFrame { Room = 1, Id = 2, Flags = PublishFrame.OpaqueFlag, Body = [0, 0xFF] }));
        ada.Say(WireFrame.Bytes(new PublishFrame { Room = 1, Id = 3, Body = [0xC3, 0x28] }));
        List<WireFrame> entries = ada.Tcp.Frames().FindAll(frame => frame.Type == FrameType.Entry && frame.Entry.Kind == EntryKind.Message);
        Assert.Equal(["red \uFFFD[31m", Encoding.UTF8.GetString([0, 0xFF])], entries.Select(entry => Encoding.UTF8.GetString(entry.Entry.Body)));
        Assert.Equal("Rejected 3 22", ada.Answers()[^1].ToString());
    }

    [Fact]
    public void Datagrams_keep_no_dead_connection_alive()
    {
        DatagramCaller ada = DatagramCaller.Join(_server, "ada");
        ada.Tcp.Frames();
        for (int i = 0; i < 8 && !ada.Tcp.IsClosed; i++)
        {
            _server.Advance(TimeSpan.FromSeconds(5));
            ada.Say(WireFrame.Bytes(new PingFrame { Opaque = 1 }));
            ada.Tcp.Frames();
        }

        Assert.True(ada.Tcp.IsClosed);
    }

    [Fact]
    public void A_message_by_UDP_is_no_silence_for_the_idle_limit()
    {
        var server = new MemoryServer(new ChatServerOptions { Loops = 1, IdleTimeout = TimeSpan.FromSeconds(10) }, tls: true, udp: true);
        DatagramCaller ada = DatagramCaller.Join(server, "ada");
        for (ulong id = 1; id <= 4; id++)
        {
            server.Advance(TimeSpan.FromSeconds(6));
            ada.Say(WireFrame.Publish(1, id, "still here"));
        }

        ada.Tcp.Frames();
        Assert.False(ada.Tcp.IsClosed);
    }

    [Fact]
    public void Plain_connections_have_no_UDP()
    {
        MemoryCaller plain = _server.ConnectPlain();
        plain.Say(WireFrame.Hello("ada"));
        WireFrame welcome = plain.Frames()[0];
        Assert.Equal((0, 0UL), (welcome.Welcome.UdpPort, welcome.Welcome.UdpConnection));
        Assert.Equal(new byte[32], welcome.Welcome.UdpSecret.ToArray());
        Assert.Equal(0, _server.Context.Datagrams!.ConnectionCount);
    }

    [Fact]
    public void A_server_without_UDP_says_so()
    {
        var server = new MemoryServer(tls: true);
        MemoryCaller ada = server.Join("ada");
        WireFrame welcome = ada.Frames()[0];
        Assert.Equal(0, welcome.Welcome.UdpPort);
        Assert.Equal(new byte[32], welcome.Welcome.UdpSecret.ToArray());
    }

    [Fact]
    public void Each_WELCOME_has_a_number_and_a_secret_of_its_own()
    {
        WireFrame[] welcomes = [.. Enumerable.Range(0, 20).Select(i => _server.Join($"member-{i}").Frames()[0])];
        Assert.Equal(20, welcomes.Select(welcome => welcome.Welcome.UdpConnection).Distinct().Count());
        Assert.Equal(20, welcomes.Select(welcome => Convert.ToHexString(welcome.Welcome.UdpSecret)).Distinct().Count());
        Assert.All(welcomes, welcome => Assert.Equal(9090, welcome.Welcome.UdpPort));
        Assert.Equal(20, _server.Context.Datagrams!.ConnectionCount);
    }

    private static (ulong Id, ulong Sequence) AckOf(WireFrame frame) => (frame.Ack.Id, frame.Ack.Sequence);
}
