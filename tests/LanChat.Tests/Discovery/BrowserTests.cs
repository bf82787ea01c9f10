using System.Net;
using LanChat.Discovery;
using Xunit;

namespace LanChat.Tests.Discovery;

/// <summary>The client's side, on a network in memory and fake time.</summary>
public sealed class BrowserTests : IDisposable
{
    private readonly LanFixture _lan = new();

    public void Dispose() => _lan.Dispose();

    [Fact]
    public void A_server_is_found_with_all_that_it_says()
    {
        ServerIdentity identity = _lan.NewIdentity();
        _lan.StartServer("Den", identity: identity, change: options => options with
        {
            Topic = "tea",
            ChatPort = 9000,
            UdpPort = 9001,
            WebPort = 9002,
            Members = () => 7,
            MaxMembers = 7,
            NeedsJoinCode = true,
            ExtraAddresses = [IPAddress.Parse("192.0.2.200"), IPAddress.Parse("198.51.100.1")],
        });
        Browser browser = _lan.StartBrowser();
        _lan.Advance(0.01);

        DiscoveredServer server = Assert.IsType<ServerFound>(Assert.Single(LanFixture.Take(browser))).Server;
        Assert.Equal((identity.Id, "Den", "tea"), (server.Id, server.Name, server.Topic));
        Assert.Equal([IPEndPoint.Parse("192.0.2.1:9000"), IPEndPoint.Parse("192.0.2.200:9000")], server.EndPoints);
        Assert.Equal((9001, 9002, 7, 7), (server.UdpPort, server.WebPort, server.Members, server.MaxMembers));
        Assert.True(server.NeedsJoinCode && server.IsFull);
        Assert.Equal(DiscoveredTrust.New, server.Trust);
        Assert.Equal(identity.Id, server.Address.Id);
        Assert.InRange(_lan.Time.GetUtcNow() - server.LastSeen, TimeSpan.Zero, TimeSpan.FromSeconds(0.01));
    }

    [Fact]
    public void Questions_go_out_at_0_250_ms_1_2_4_8_16_32_and_then_every_30_seconds()
    {
        Browser browser = _lan.StartBrowser();
        foreach ((double at, int rounds) in new[] { (0.0, 1), (0.25, 2), (1, 3), (2, 4), (4, 5), (8, 6), (16, 7), (32, 8), (62, 9), (92, 10) })
        {
            _lan.Advance(at - Elapsed - 0.0001);
            Assert.Equal(rounds - (at == 0 ? 0 : 1), browser.Rounds);
            _lan.Advance(0.0002);
            Assert.Equal(rounds, browser.Rounds);
        }

        Assert.All(_lan.Lan.Sent, sent => Assert.Equal(BeaconLayout.MaxBytes, sent.Datagram.Length));
        Assert.Equal(10, _lan.Lan.Sent.Select(sent => Convert.ToHexString(sent.Datagram)).Distinct().Count());
    }

    [Fact]
    public void A_server_that_starts_later_is_found_by_its_announcement()
    {
        Browser browser = _lan.StartBrowser();
        _lan.Advance(100);
        _lan.StartServer("Den");
        _lan.Advance(0.01);

        Assert.IsType<ServerFound>(Assert.Single(LanFixture.Take(browser)));
    }

    [Fact]
    public void A_server_whose_port_another_program_holds_is_found_by_its_announcement()
    {
        _lan.StartServer("Den", host: _lan.NewHost(isPortTaken: true));
        Browser browser = _lan.StartBrowser();
        _lan.Advance(40);

        Assert.IsType<ServerFound>(Assert.Single(LanFixture.Take(browser)));
    }

    [Fact]
    public void Changes_are_told_and_what_is_the_same_is_not()
    {
        int members = 0;
        Announcer server = _lan.StartServer("Den", options => options with { Members = () => members });
        Browser browser = _lan.StartBrowser();
        _lan.Advance(300);
        Assert.Single(LanFixture.Take(browser));

        members = 5;
        server.Changed();
        _lan.Advance(1);
        Assert.Equal(5, Assert.IsType<ServerUpdated>(Assert.Single(LanFixture.Take(browser))).Server.Members);
        _lan.Advance(300);
        Assert.Empty(LanFixture.Take(browser));
    }

    [Fact]
    public void An_announcement_that_says_nothing_new_causes_no_question()
    {
        _lan.StartServer("Den");
        _lan.StartServer("Attic");
        Browser browser = _lan.StartBrowser();
        _lan.Advance(100);
        int rounds = browser.Rounds;
        _lan.Advance(600);

        Assert.Equal(rounds + 20, browser.Rounds);
    }

    [Fact]
    public void A_restart_is_an_update_with_a_higher_epoch()
    {
        ServerIdentity identity = _lan.NewIdentity();
        MemoryHost host = _lan.NewHost();
        _lan.StartServer("Den", host: host, identity: identity);
        Browser browser = _lan.StartBrowser();
        _lan.Advance(20);
        uint epoch = Assert.Single(LanFixture.Take(browser)).Server.Epoch;
        _lan.Crash(host);
        _lan.StartServer("Den", options => options with { ChatPort = 9999 }, host, identity);
        _lan.Advance(2);

        DiscoveredServer server = Assert.IsType<ServerUpdated>(Assert.Single(LanFixture.Take(browser))).Server;
        Assert.InRange(server.Epoch, epoch + 1, uint.MaxValue);
        Assert.Equal([new IPEndPoint(host.Address, 9999)], server.EndPoints);
    }

    [Fact]
    public void A_server_that_is_silent_for_ninety_seconds_is_lost()
    {
        MemoryHost host = _lan.NewHost();
        _lan.StartServer("Den", host: host);
        Browser browser = _lan.StartBrowser();
        _lan.Advance(20);
        LanFixture.Take(browser);
        _lan.Crash(host);
        _lan.Advance(85);
        Assert.Empty(LanFixture.Take(browser));
        _lan.Advance(6);

        Assert.Equal(ServerLostReason.Expired, Assert.IsType<ServerLost>(Assert.Single(LanFixture.Take(browser))).Reason);
        Assert.Empty(browser.Servers);
    }

    [Fact]
    public void A_server_that_says_goodbye_is_lost_after_about_a_second_of_asking_in_vain()
    {
        Announcer server = _lan.StartServer("Den");
        Browser browser = _lan.StartBrowser();
        _lan.Advance(20);
        LanFixture.Take(browser);
        int rounds = browser.Rounds;
        _lan.Stop(server);
        Assert.Empty(LanFixture.Take(browser));
        _lan.Advance(0.71);

        Assert.Equal(ServerLostReason.SaidGoodbye, Assert.IsType<ServerLost>(Assert.Single(LanFixture.Take(browser))).Reason);
        Assert.Equal(rounds + 3, browser.Rounds);
    }

    [Fact]
    public void A_goodbye_is_not_believed_while_the_server_answers()
    {
        ServerIdentity identity = _lan.NewIdentity();
        _lan.StartServer("Den", identity: identity);
        Browser browser = _lan.StartBrowser();
        _lan.Advance(20);
        DiscoveredServer server = Assert.Single(LanFixture.Take(browser)).Server;

        // Made with the right key, as by a copy of the server.
        _lan.Lan.Send(
            BeaconFixture.Write(identity, BeaconType.Goodbye, server.Epoch, sequence: 1_000_000), new IPEndPoint(IPAddress.Parse("192.0.2.1"), MemoryLan.Port), to: null);
        _lan.Advance(5);

        Assert.Empty(LanFixture.Take(browser));
        Assert.Single(browser.Servers);
    }

    [Fact]
    public async Task The_sockets_and_timers_of_a_browser_are_gone_when_it_is_disposed()
    {
        Browser browser = _lan.StartBrowser();
        await browser.DisposeAsync();
        _lan.StartServer("Den");
        _lan.Advance(5);

        Assert.Empty(browser.Servers);
        Assert.Equal(1, _lan.Time.TimerCount);
    }

    private double Elapsed => TimeSpan.FromTicks(_lan.Time.GetTimestamp()).TotalSeconds;
}
