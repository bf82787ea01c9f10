using System.Net;
using LanChat.Connections;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>Limits on callers that nobody knows yet: links of one address, links that wait for their welcome, and new sessions of one address.</summary>
public sealed class CallerLimitTests
{
    private static readonly IPAddress Good = IPAddress.Parse("192.0.2.1");

    private static ChatServerOptions Open { get; } = Callers.Patient with { AllowPlaintext = true };

    [Fact]
    [HostileInput(7)]
    public void Too_many_links_of_one_address_are_told_so_in_their_own_language_and_others_get_in()
    {
        var server = new MemoryServer(Open with { MaxConnectionsPerAddress = 2 });
        MemoryCaller first = Join(server, Stranger(1), "ada");
        Join(server, Stranger(1), "bo");
        MemoryCaller third = Join(server, Stranger(1), "cy");
        List<WireFrame> answer = third.Frames();
        Assert.Equal(DisconnectReason.TooManyConnections, answer.LastWord());
        Assert.Contains("from your address", answer[^1].ToString(), StringComparison.Ordinal);
        MemoryCaller person = server.ConnectPlain(Stranger(1));
        person.Say("hello\n");
        Assert.StartsWith("bye: too many connections", Assert.Single(person.Lines()), StringComparison.Ordinal);
        Join(server, Good, "di").Frames().Only(FrameType.Welcome);

        // The place of one that goes is free again.
        Close(server, third, person, first);
        Join(server, Stranger(1), "cy").Frames().Only(FrameType.Welcome);
    }

    [Fact]
    public void Links_of_one_address_beyond_those_that_are_told_so_are_reset()
    {
        var server = new MemoryServer(Open with { MaxConnectionsPerAddress = 2 });
        MemoryCaller[] callers = [.. Enumerable.Range(0, 12).Select(_ => server.Connect(Stranger(1)))];
        Assert.Equal(10, server.Context.ConnectionCount);
        callers[11].Frames();
        Assert.True(callers[11].IsClosed);
    }

    [Fact]
    public void A_link_that_is_reset_is_reset_for_the_limit_that_it_met()
    {
        var server = new MemoryServer(Open with { MaxConnectionsPerAddress = 2, MaxUnwelcomed = 30 });
        for (int i = 0; i < 30 + 64; i++)
        {
            server.Connect(Stranger(i));
        }

        Assert.Equal(CallerLimits.Verdict.DroppedUnwelcomed, Add(Stranger(100)));
        var busy = new MemoryServer(Open with { MaxConnectionsPerAddress = 2 });
        for (int i = 0; i < 10; i++)
        {
            busy.Connect(Good);
        }

        server = busy;
        Assert.Equal(CallerLimits.Verdict.DroppedOfAddress, Add(Good));

        CallerLimits.Verdict Add(IPAddress address) => server.Context.Callers.Add(new ServerConnection(server.Network.Connect(address).Link, server.Host.Loops[0]), out _);
    }

    [Fact]
    public void Links_from_this_machine_are_not_counted_by_address()
    {
        var server = new MemoryServer(Open with { MaxConnectionsPerAddress = 1, MaxUnwelcomed = 1, JoinRatePerAddress = 1, JoinBurstPerAddress = 1 });
        for (int i = 0; i < 5; i++)
        {
            server.Join($"guest{i}").Frames().Only(FrameType.Welcome);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [HostileInput(6)]
    public void Stalled_links_do_not_keep_a_good_client_out(bool tls)
    {
        // Hostile input 6: handshakes that stall, more than there is room for, and then a good client.
        var server = new MemoryServer(Open with { MaxUnwelcomed = 64 });
        for (int i = 0; i < 4 * 64; i++)
        {
            MemoryCaller stalled = server.ConnectPlain(Stranger(i % 8));
            stalled.Say(tls ? [0x16, 3, 1, 2] : [0, 0]);
        }

        MemoryCaller good = tls ? server.ConnectTls(address: Good) : server.ConnectPlain(Good);
        good.Say(WireFrame.Hello("ada"));
        good.Frames().Only(FrameType.Welcome);
    }

    [Fact]
    public void The_address_that_stalls_most_gives_up_its_oldest_link_and_a_single_link_is_safe()
    {
        var server = new MemoryServer(Open with { MaxUnwelcomed = 4 });
        MemoryCaller single = Begin(server, Good);
        MemoryCaller[] stalled = [.. Enumerable.Range(0, 3).Select(_ => Begin(server, Stranger(1)))];
        MemoryCaller next = Begin(server, Stranger(2));
        Assert.Equal(DisconnectReason.TooManyConnections, stalled[0].Frames().LastWord());
        foreach (MemoryCaller open in new[] { single, stalled[1], stalled[2], next })
        {
            Assert.Empty(open.Frames());
            Assert.False(open.IsClosed);
        }

        single.Say(WireFrame.Hello("ada").AsSpan(1));
        single.Frames().Only(FrameType.Welcome);
    }

    [Fact]
    public void When_no_address_has_two_links_that_wait_the_new_one_is_refused()
    {
        var server = new MemoryServer(Open with { MaxUnwelcomed = 3 });
        MemoryCaller[] waiting = [.. Enumerable.Range(0, 3).Select(i => Begin(server, Stranger(i)))];
        MemoryCaller late = server.Connect(Good);
        late.Say(WireFrame.Hello("ada"));
        Assert.Equal(DisconnectReason.TooManyConnections, late.Frames().LastWord());
        Assert.All(waiting, one => Assert.Empty(one.Frames()));

        // Its own second link takes the place of its first.
        Begin(server, Stranger(0));
        Assert.Equal(DisconnectReason.TooManyConnections, waiting[0].Frames().LastWord());
    }

    [Fact]
    public void Whoever_was_welcomed_does_not_wait_any_more()
    {
        var server = new MemoryServer(Open with { MaxUnwelcomed = 1 });
        for (int i = 0; i < 5; i++)
        {
            Join(server, Stranger(i), $"guest{i}").Frames().Only(FrameType.Welcome);
        }
    }

    [Fact]
    [HostileInput(7)]
    public void New_sessions_of_one_address_have_a_rate_and_those_of_others_do_not_suffer()
    {
        var server = new MemoryServer(Open with { JoinRatePerAddress = 6, JoinBurstPerAddress = 2 });
        Join(server, Stranger(1), "ada").Frames().Only(FrameType.Welcome);
        Join(server, Stranger(1), "bo").Frames().Only(FrameType.Welcome);
        MemoryCaller third = Join(server, Stranger(1), "cy");
        Assert.Equal(DisconnectReason.TooFast, third.Frames().LastWord());
        MemoryCaller person = server.ConnectPlain(Stranger(1));
        person.Say("hello\n");
        Assert.StartsWith("bye: too fast", Assert.Single(person.Lines()), StringComparison.Ordinal);
        Join(server, Good, "di").Frames().Only(FrameType.Welcome);

        // One every ten seconds.
        server.Advance(10.1);
        Join(server, Stranger(1), "cy").Frames().Only(FrameType.Welcome);
        Assert.Equal(DisconnectReason.TooFast, Join(server, Stranger(1), "eve").Frames().LastWord());
    }

    [Fact]
    public void A_flood_of_addresses_does_not_make_the_server_forget_one_that_is_out_of_its_allowance()
    {
        var server = new MemoryServer(Open with { JoinRatePerAddress = 1, JoinBurstPerAddress = 2 });
        LanChat.Connections.JoinRates rates = server.Context.JoinRates;
        LanChat.Transport.SourceAddress? flooder = Source("192.0.2.9");
        Assert.True(rates.TryTake(flooder));
        Assert.True(rates.TryTake(flooder));
        for (int i = 0; i < 10_000; i++)
        {
            Assert.True(rates.TryTake(Source($"10.{i >> 8}.{i & 255}.1")));
        }

        Assert.Equal(4096, rates.Count);
        Assert.False(rates.TryTake(flooder));

        // An allowance that is whole again needs no place.
        server.Advance(180);
        Assert.True(rates.TryTake(flooder));
        Assert.True(rates.TryTake(Source("192.0.2.10")));
        Assert.Equal(2, rates.Count);
    }

    [Fact]
    public void A_far_IPv6_network_counts_as_one_and_neighbours_each_for_themselves()
    {
        Assert.Equal(Source("2001:db8:1:2::5"), Source("2001:db8:1:2:ffff::6"));
        Assert.NotEqual(Source("2001:db8:1:2::5"), Source("2001:db8:1:3::5"));
        Assert.NotEqual(Source("2001:db8:1:2::5", local: "2001:db8:1:2::1"), Source("2001:db8:1:2::6", local: "2001:db8:1:2::1"));
        Assert.NotEqual(Source("fe80::5"), Source("fe80::6"));
        Assert.Equal(Source("fe80::5%1"), Source("fe80::5%2"));
        Assert.NotEqual(Source("192.0.2.1"), Source("192.0.2.2"));
        Assert.Null(Source("::1"));
        Assert.Null(Source("127.0.0.5"));
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(20)]
    public void The_time_for_HELLO_is_an_option(double seconds)
    {
        var server = new MemoryServer(Open with { HelloTimeout = TimeSpan.FromSeconds(seconds) });
        MemoryCaller caller = Begin(server, Good);
        server.Advance(seconds * 0.9);
        Assert.Empty(caller.Frames());
        server.Advance(seconds * 0.2);
        Assert.Equal(DisconnectReason.ProtocolViolation, caller.Frames().LastWord());
        server.Advance(2);

        MemoryCaller handshake = server.ConnectPlain(Good);
        handshake.Say([0x16, 3]);
        server.Advance(seconds * 0.9);
        Assert.Equal(1, server.Context.ConnectionCount);
        server.Advance(seconds * 0.2);
        Assert.Equal(0, server.Context.ConnectionCount);

        // A person has two seconds to begin, whatever others have for their HELLO.
        MemoryCaller person = server.ConnectPlain(Good);
        server.Advance(2.1);
        Assert.Contains("joined", person.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_times_for_frames_and_lines_are_options()
    {
        var server = new MemoryServer(Open with { FrameTimeout = TimeSpan.FromSeconds(3), LineTimeout = TimeSpan.FromSeconds(4) });
        MemoryCaller ada = Join(server, Good, "ada");
        ada.Frames();
        ada.Say(WireFrame.Publish(1, 1, "half").AsSpan(0, 9));
        MemoryCaller person = server.ConnectPlain(Good);
        person.Say("one\ntw");
        person.Text();
        server.Advance(3.1);
        Assert.Equal(DisconnectReason.ProtocolViolation, ada.Frames().LastWord());
        Assert.False(person.IsClosed);
        server.Advance(1);
        Assert.Contains("a line was not ended within 4 s", person.Text(), StringComparison.Ordinal);
    }

    private static IPAddress Stranger(int number) => new([10, 0, 0, (byte)(number + 1)]);

    private static LanChat.Transport.SourceAddress? Source(string address, string? local = null) =>
        new LanChat.Transport.CallerAddress(new IPEndPoint(IPAddress.Parse(address), 1), local is null ? null : IPAddress.Parse(local)).Source;

    // Says the first byte of its HELLO.
    private static MemoryCaller Begin(MemoryServer server, IPAddress address)
    {
        MemoryCaller caller = server.ConnectPlain(address);
        caller.Say([0]);
        return caller;
    }

    private static MemoryCaller Join(MemoryServer server, IPAddress address, string name)
    {
        MemoryCaller caller = server.ConnectPlain(address);
        caller.Say([.. WireFrame.Hello(name), .. WireFrame.Join("lobby")]);
        return caller;
    }

    private static void Close(MemoryServer server, params MemoryCaller[] callers)
    {
        foreach (MemoryCaller caller in callers)
        {
            caller.Client.End();
        }

        server.Run();
    }
}
