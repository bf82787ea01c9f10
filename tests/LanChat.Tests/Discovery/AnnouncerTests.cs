using System.Net;
using LanChat.Discovery;
using Xunit;

namespace LanChat.Tests.Discovery;

/// <summary>The server's side, on a network in memory and fake time.</summary>
public sealed class AnnouncerTests : IDisposable
{
    private readonly LanFixture _lan = new();

    public void Dispose() => _lan.Dispose();

    [Fact]
    public void A_server_announces_at_0_1_and_3_seconds_and_then_every_30_or_so()
    {
        _lan.StartServer("Den");
        Assert.Equal(1, Announced);
        _lan.Advance(0.999);
        Assert.Equal(1, Announced);
        _lan.Advance(0.002);
        Assert.Equal(2, Announced);
        _lan.Advance(2);
        Assert.Equal(3, Announced);
        _lan.Advance(26.9);
        Assert.Equal(3, Announced);
        _lan.Advance(6.1);
        Assert.Equal(4, Announced);
        _lan.Advance(3600);
        Assert.InRange(Announced, 4 + 108, 4 + 134);
    }

    [Fact]
    public void A_change_is_announced_at_once_and_further_ones_once_in_five_seconds()
    {
        int members = 0;
        Announcer server = _lan.StartServer("Den", options => options with { Members = () => members });
        _lan.Advance(5);
        int before = Announced;

        for (int i = 0; i < 40; i++)
        {
            members++;
            server.Changed();
            _lan.Advance(0.1);
        }

        Assert.Equal(before + 1, Announced);
        _lan.Advance(1.1);
        Assert.Equal(before + 2, Announced);
        Assert.Equal(BeaconDefect.None, BeaconPacket.TryRead(_lan.Lan.Sent[^1].Datagram, out BeaconPacket last));
        Assert.Equal(40, last.Members);
        _lan.Advance(10);
        Assert.Equal(before + 2, Announced);
    }

    [Fact]
    public void Goodbye_is_said_three_times_and_then_nothing_more()
    {
        Announcer server = _lan.StartServer("Den");
        _lan.Advance(5);
        Task stop = server.StopAsync();
        Assert.Equal(1, _lan.Lan.TimesSent(BeaconType.Goodbye));
        _lan.Advance(0.101);
        Assert.Equal(2, _lan.Lan.TimesSent(BeaconType.Goodbye));
        Assert.False(stop.IsCompleted);
        _lan.Advance(0.2);
        Assert.Equal(3, _lan.Lan.TimesSent(BeaconType.Goodbye));
        Assert.True(stop.IsCompletedSuccessfully);
        Assert.Same(stop, server.StopAsync());

        int sent = _lan.Lan.Sent.Count;
        Ask("192.0.2.50", nonce: 1);
        _lan.Advance(100);
        Assert.Equal(sent + 1, _lan.Lan.Sent.Count);
        Assert.Equal(0, _lan.Time.TimerCount);
    }

    [Fact]
    [HostileInput(22, "a short question")]
    public void A_question_is_answered_at_once_with_its_nonce_and_with_no_more_bytes_than_it_had()
    {
        _lan.StartServer("Den");
        Ask("192.0.2.50", nonce: 77);
        _lan.Advance(0.01);

        (byte[] reply, _, IPEndPoint? to) = Assert.Single(Replies);
        Assert.Equal(new IPEndPoint(IPAddress.Parse("192.0.2.50"), 40_500), to);
        Assert.Equal(BeaconDefect.None, BeaconPacket.TryRead(reply, out BeaconPacket packet));
        Assert.Equal(77UL, packet.Nonce);
        Assert.True(BeaconSignature.IsGenuine(packet));

        foreach (int length in new[] { BeaconLayout.HeaderBytes, 100, reply.Length - 1 + (reply.Length % 2) })
        {
            _lan.Lan.Send(BeaconWriter.Solicit((ulong)length).AsSpan(0, length), new IPEndPoint(IPAddress.Parse("192.0.2.51"), 40_500), to: null);
        }

        _lan.Advance(0.01);
        Assert.All(Replies, sent => Assert.True(sent.Datagram.Length == reply.Length));
        Assert.InRange(Replies.Count(), 1, 2);
    }

    [Fact]
    [HostileInput(22, "a short question")]
    public void Questions_too_short_for_an_answer_do_not_use_up_the_answers_of_others()
    {
        _lan.StartServer("Den");
        Ask("192.0.2.50", nonce: 1);
        _lan.Advance(0.01);
        int signed = Replies.Single().Datagram.Length;
        for (int i = 0; i < 2 * ReplyLimits.MaxInAll; i++)
        {
            var from = new IPEndPoint(IPAddress.Parse($"192.0.2.{100 + (i % 20)}"), 40_500);
            _lan.Lan.Send(BeaconWriter.Solicit((ulong)i + 1000).AsSpan(0, signed - 1), from, to: null);
        }

        _lan.Advance(0.01);
        Ask("192.0.2.51", nonce: 2);
        _lan.Advance(0.01);
        Assert.Equal(2, Replies.Count());
    }

    [Fact]
    public void A_question_that_comes_by_several_ways_is_answered_once()
    {
        _lan.StartServer("Den");
        for (int i = 0; i < 5; i++)
        {
            Ask("192.0.2.50", nonce: 77);
        }

        _lan.Advance(0.01);
        Assert.Single(Replies);
    }

    [Fact]
    [HostileInput(22, "a flood of questions")]
    public void No_address_gets_more_than_five_answers_a_second_and_all_together_fifty()
    {
        _lan.StartServer("Den");
        for (int i = 0; i < 1000; i++)
        {
            Ask("192.0.2.50", nonce: (ulong)i);
            _lan.Advance(0.01);
        }

        Assert.InRange(Replies.Count(), 45, 60);
        _lan.Advance(2);
        _lan.Lan.Sent.Clear();
        for (int i = 0; i < 10_000; i++)
        {
            Ask($"192.0.2.{1 + (i % 254)}", nonce: (ulong)i);
            _lan.Advance(0.001);
        }

        Assert.InRange(Replies.Count(), 450, 600);
    }

    [Theory]
    [InlineData("198.51.100.1")]
    [InlineData("192.0.3.1")]
    [InlineData("127.0.0.1")]
    [InlineData("2001:db8::1")]
    [InlineData("fe80::1")]
    [HostileInput(22, "a question from off the link")]
    public void Who_is_on_no_network_of_ours_gets_no_answer(string address)
    {
        _lan.StartServer("Den");
        Ask(address, nonce: 1);
        _lan.Advance(0.01);

        Assert.Empty(Replies);
    }

    [Fact]
    public void A_question_on_an_interface_that_is_new_makes_the_server_look_and_announce_there()
    {
        MemoryHost host = _lan.NewHost();
        Announcer server = _lan.StartServer("Den", host: host);
        _lan.Advance(5);
        int before = Announced;
        host.Cards = [new NetworkCard("eth1", 3, IsLoopback: false, [new CardAddress(IPAddress.Parse("192.0.2.1"), 24)]), .. host.Cards];

        Ask("192.0.2.50", nonce: 1);
        _lan.Advance(0.01);
        Assert.Empty(Replies);
        Assert.Equal(["eth1", "eth0"], server.Interfaces);
        Assert.Equal(before + 1, Announced);
        Ask("192.0.2.50", nonce: 2);
        _lan.Advance(4);
        Assert.Single(Replies);
        Assert.Equal(before + 3, Announced);
    }

    [Fact]
    public void A_reported_change_of_the_interfaces_is_looked_at_after_a_quarter_of_a_second()
    {
        MemoryHost host = _lan.NewHost();
        Announcer server = _lan.StartServer("Den", host: host);
        _lan.Advance(5);
        host.Cards = [];
        for (int i = 0; i < 20; i++)
        {
            host.ReportChange();
            _lan.Advance(0.01);
        }

        Assert.NotEmpty(server.Interfaces);
        _lan.Advance(0.1);
        Assert.Empty(server.Interfaces);
    }

    [Fact]
    public void Legacy_datagrams_go_out_once_a_second()
    {
        _lan.StartServer("Den", options => options with { Legacy = true });
        _lan.Advance(10.5);

        Assert.Equal(11, _lan.Lan.Sent.Count(sent => sent.Datagram.AsSpan().SequenceEqual("response"u8)));
    }

    [Fact]
    public void Every_datagram_has_a_higher_sequence_and_every_start_a_higher_epoch()
    {
        ServerIdentity identity = _lan.NewIdentity();
        Announcer first = _lan.StartServer("Den", identity: identity);
        Ask("192.0.2.50", nonce: 1);
        _lan.Advance(5);
        _lan.Stop(first);
        _lan.StartServer("Den", identity: identity);
        _lan.Advance(5);

        (uint, uint)[] numbers = [.. _lan.Lan.Sent.Where(sent => sent.Datagram[4] != (byte)BeaconType.Solicit).Select(sent =>
        {
            BeaconPacket.TryRead(sent.Datagram, out BeaconPacket packet);
            return (packet.Epoch, packet.Sequence);
        })];
        Assert.Equal(numbers.Order(), numbers);
        Assert.Equal(numbers.Distinct(), numbers);
        Assert.Equal(2, numbers.DistinctBy(number => number.Item1).Count());
    }

    private int Announced => _lan.Lan.TimesSent(BeaconType.Announce);

    private IEnumerable<(byte[] Datagram, IPEndPoint From, IPEndPoint? To)> Replies =>
        _lan.Lan.Sent.Where(sent => sent.Datagram[BeaconLayout.TypeAt] == (byte)BeaconType.Reply);

    private void Ask(string from, ulong nonce) => _lan.Lan.Send(BeaconWriter.Solicit(nonce), new IPEndPoint(IPAddress.Parse(from), 40_500), to: null);
}
