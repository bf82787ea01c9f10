using LanChat.Discovery;
using Xunit;

namespace LanChat.Tests.Discovery;

/// <summary>What servers are called on a list, and who is told apart from whom; in memory and fake time.</summary>
public sealed class ServerNameTests : IDisposable
{
    private readonly LanFixture _lan = new();

    public void Dispose() => _lan.Dispose();

    [Fact]
    public void A_name_that_another_has_is_a_clash_for_strangers_and_none_for_the_known()
    {
        ServerIdentity known = _lan.NewIdentity();
        Browser browser = _lan.StartBrowser(options => options with { Known = [(known.Id, "Den"), (_lan.NewIdentity().Id, "Attic")] });
        _lan.StartServer("Den", identity: known);
        _lan.StartServer("DEN");
        _lan.StartServer("attic");
        _lan.StartServer("Twin");
        MemoryHost second = _lan.NewHost();
        _lan.StartServer("twin", host: second);
        _lan.StartServer("Other");
        _lan.Advance(3);

        Assert.Equal(
            ["Known Den", "New Other", "NameClash DEN", "NameClash Twin", "NameClash attic", "NameClash twin"],
            browser.Servers.Select(server => $"{server.Trust} {server.Name}"));

        _lan.Crash(second);
        _lan.Advance(120);
        Assert.Equal(DiscoveredTrust.New, browser.Servers.Single(server => server.Name == "Twin").Trust);
    }

    [Theory]
    [InlineData("Tea Room\u200B")]
    [InlineData("Tea\u00AD Room")]
    [InlineData("Tea Room\uFE0F")]
    [InlineData("T\u034Fea Room")]
    [InlineData("\u2060Tea Room")]
    [InlineData("\u115FTea Room")]
    [InlineData("Tea\u3164 Room")]
    [InlineData("Tea R\u200Doom")]
    [InlineData("\u2800Tea Room")]
    [InlineData("Tea  Room")]
    [InlineData("  Tea\u00A0Room\u2003")]
    public void Invisible_characters_and_spaces_do_not_make_another_name(string name)
    {
        Browser browser = _lan.StartBrowser(options => options with { Known = [(_lan.NewIdentity().Id, "Tea Room")] });
        _lan.Answer(nonce => BeaconFixture.Write(_lan.NewIdentity(), nonce: nonce, content: BeaconFixture.Den with { Name = BeaconContent.Text(name) }), "192.0.2.66");
        _lan.Advance(0.1);

        DiscoveredServer impostor = Assert.Single(browser.Servers);
        Assert.Equal(("Tea Room", DiscoveredTrust.NameClash), (impostor.Name, impostor.Trust));
    }

    [Fact]
    public void Names_of_nothing_visible_are_empty_and_clash_with_nobody()
    {
        Browser browser = _lan.StartBrowser(options => options with { Known = [(_lan.NewIdentity().Id, "\u200B")] });
        foreach (string name in new[] { "\u200B", "\u3164 \u2800" })
        {
            _lan.Answer(nonce => BeaconFixture.Write(_lan.NewIdentity(), nonce: nonce, content: BeaconFixture.Den with { Name = BeaconContent.Text(name) }), "192.0.2.66");
        }

        _lan.Advance(0.1);
        Assert.Equal([("", DiscoveredTrust.New), ("", DiscoveredTrust.New)], browser.Servers.Select(server => (server.Name, server.Trust)));
    }

    [Fact]
    [HostileInput(18, "in a server's name", "in a topic", "in a beacon")]
    [HostileInput(19, "beacon with escapes in its name")]
    public void Names_are_made_fit_for_one_line_of_a_screen()
    {
        Browser browser = _lan.StartBrowser();
        ServerIdentity identity = _lan.NewIdentity();
        byte[] name = [.. "\u001b[2J\u202eDen\n\tx\u009b"u8, 0xC3];
        _lan.Answer(nonce => BeaconFixture.Write(identity, nonce: nonce, content: BeaconFixture.Den with { Name = name, Topic = name }), "192.0.2.9");
        _lan.Advance(0.1);

        DiscoveredServer server = Assert.Single(browser.Servers);
        Assert.Equal("\uFFFD[2J\uFFFDDen x\uFFFD\uFFFD", server.Name);
        Assert.Equal(server.Name, server.Topic);
    }
}
