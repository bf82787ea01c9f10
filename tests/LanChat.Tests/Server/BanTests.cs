using System.Net;
using LanChat.Framing;
using LanChat.Sessions;
using LanChat.Tests.Sessions;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>Who is banned does not come in: by name, by what looks like it, by address, over frames and lines, anew and back to a session.</summary>
public abstract class BanTests
{
    private static readonly IPAddress Far = IPAddress.Parse("192.0.2.7");
    private static readonly IPAddress Farther = IPAddress.Parse("192.0.2.8");

    private readonly bool _tls;
    private readonly MemoryServer _server;

    protected BanTests(bool tls)
    {
        _tls = tls;
        _server = new MemoryServer(Resuming.Options with { AllowPlaintext = true, MaxBans = 3 }, tls);
    }

    [Theory]
    [InlineData("bob")]
    [InlineData("BOB")]
    [InlineData("b0b")]
    [InlineData("ｂｏｂ")]
    public void A_banned_name_is_refused_and_so_is_what_looks_like_it(string name)
    {
        Ban("bob");
        MemoryCaller caller = _server.Connect();
        caller.Say(WireFrame.Hello(name));
        List<WireFrame> frames = caller.Frames();
        Assert.Equal(DisconnectReason.Banned, frames.LastWord());
        Assert.Equal("this name or address is banned until the server's operator lifts that", System.Text.Encoding.UTF8.GetString(frames[^1].Bye.Text));
        Assert.Equal(0, _server.Context.Sessions.Count);
    }

    [Fact]
    public void A_ban_ends_the_session_and_its_client_cannot_come_back_to_it()
    {
        var bo = new ReturningCaller(_server, "bo");
        Ban("bo");
        Assert.Equal(DisconnectReason.Banned, bo.Caller.Frames().LastWord());
        Assert.Equal(DisconnectReason.Banned, bo.Return().LastWord());

        // Not even at the moment at which it is not over yet: another loop still has to end it.
        var cy = new ReturningCaller(_server, "cy");
        Assert.True(TryAdd("cy"));
        List<WireFrame> frames = cy.Return();
        Assert.Equal(FrameType.Welcome, frames[0].Type);
        Ban("cy");
        Assert.Equal(DisconnectReason.Banned, cy.Caller.Frames().LastWord());
        Assert.Equal(0, _server.Context.Sessions.Count);
    }

    [Fact]
    public void The_address_of_a_banned_member_is_banned_for_every_name_for_frames_and_lines()
    {
        var bo = new ReturningCaller(_server, "bo", address: Far);
        Ban("bo");
        Assert.Equal(DisconnectReason.Banned, bo.Caller.Frames().LastWord());
        Assert.Equal(Far, Assert.Single(_server.Context.Bans.All).Address);
        Assert.Equal(DisconnectReason.Banned, Hello("cy", Far).LastWord());
        MemoryCaller line = _server.ConnectPlain(Far);
        line.Say("hello\n");
        Assert.Equal("bye: banned: this name or address is banned until the server's operator lifts that\n", line.Text());
        Assert.Equal(FrameType.Welcome, Hello("cy", Farther)[0].Type);
        Assert.Equal(FrameType.Welcome, Hello("di", IPAddress.Loopback)[0].Type);
    }

    [Fact]
    public void Who_is_at_a_banned_address_already_stays_until_it_has_to_come_back()
    {
        var bo = new ReturningCaller(_server, "bo", address: Far);
        var cy = new ReturningCaller(_server, "cy", address: Far);
        Ban("bo");
        cy.Caller.Say(WireFrame.Publish(1, 1, "still here"));
        Assert.Contains("still here", cy.Caller.Frames().Texts());
        cy.Lose();
        Assert.Equal(DisconnectReason.Banned, cy.Return().LastWord());
        Assert.Equal(["cy"], _server.Members());
    }

    [Fact]
    public void The_address_of_who_was_away_when_banned_counts_too()
    {
        var bo = new ReturningCaller(_server, "bo", address: Far);
        bo.Lose();
        Ban("bo");
        Assert.Equal(0, _server.Context.Sessions.Count);
        Assert.Equal(DisconnectReason.Banned, Hello("cy", Far).LastWord());
    }

    [Fact]
    public void The_servers_own_machine_is_never_banned()
    {
        var bo = new ReturningCaller(_server, "bo", address: IPAddress.Loopback);
        var cy = new ReturningCaller(_server, "cy", address: IPAddress.IPv6Loopback);
        Ban("bo");
        Ban("cy");
        Assert.All(_server.Context.Bans.All, ban => Assert.Null(ban.Address));
        Assert.Equal(FrameType.Welcome, Hello("di", IPAddress.Loopback)[0].Type);
        Assert.Equal(FrameType.Welcome, Hello("ed", IPAddress.IPv6Loopback)[0].Type);
    }

    [Fact]
    public void An_address_stays_banned_as_long_as_one_ban_holds_for_it()
    {
        var bo = new ReturningCaller(_server, "bo", address: Far);
        var cy = new ReturningCaller(_server, "cy", address: Far);
        Ban("bo");
        Ban("cy");
        Assert.True(_server.Context.Bans.Remove(SessionNames.KeyOf("bo"u8)));
        Assert.Equal(DisconnectReason.Banned, Hello("bo", Far).LastWord());
        Assert.True(_server.Context.Bans.Remove(SessionNames.KeyOf("cy"u8)));
        Assert.Equal(FrameType.Welcome, Hello("bo", Far)[0].Type);
    }

    [Fact]
    public void There_are_so_many_bans_at_most_and_none_gives_way()
    {
        Assert.True(TryAdd("a"));
        Assert.True(TryAdd("b"));
        Assert.True(TryAdd("c"));
        Assert.True(TryAdd("A"));
        Assert.False(TryAdd("d"));
        Assert.Equal(["a", "b", "c"], _server.Context.Bans.All.Select(ban => ban.Name));
        Assert.True(_server.Context.Bans.Remove(SessionNames.KeyOf("b"u8)));
        Assert.True(TryAdd("d"));
    }

    [Fact]
    public void Where_a_code_is_wanted_a_banned_address_is_not_asked_for_it()
    {
        var server = new MemoryServer(Resuming.Options with { AllowPlaintext = true, JoinCode = new JoinCode("open sesame") }, _tls);
        Assert.True(SessionNames.TryCreate("bo", out SessionName? bo));
        server.Context.Bans.TryAdd(bo);
        server.Context.Bans.AddAddress(bo.Key, Far);
        MemoryCaller frames = server.Connect(Far);
        frames.Say(WireFrame.Hello("cy"));
        Assert.Equal(DisconnectReason.Banned, frames.Frames().LastWord());
        MemoryCaller line = server.ConnectPlain(Far);
        line.Say("/code open sesame\n");
        Assert.StartsWith("bye: banned", line.Text(), StringComparison.Ordinal);
        MemoryCaller silent = server.ConnectPlain(Far);
        server.Advance(3);
        Assert.StartsWith("bye: banned", silent.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_caller_cannot_take_a_banned_name()
    {
        TryAdd("bob");
        MemoryCaller line = _server.ConnectPlain();
        line.Say("/name b0b\n");
        Assert.Equal("? 9 this name or address is banned until the server's operator lifts that", line.Lines()[^1]);
        line.Say("/name bo\nhello\n");
        Assert.StartsWith("ok ", line.Lines()[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_guest_is_given_a_name_that_is_not_banned()
    {
        TryAdd("guest-1");
        TryAdd("guest-2");
        Assert.Equal("guest-3", System.Text.Encoding.UTF8.GetString(Hello("", IPAddress.Loopback)[0].Welcome.YourName));
    }

    private bool TryAdd(string name) => SessionNames.TryCreate(name, out SessionName? banned) && _server.Context.Bans.TryAdd(banned);

    // As an operator does.
    private void Ban(string name)
    {
        Assert.True(TryAdd(name));
        string key = SessionNames.KeyOf(System.Text.Encoding.UTF8.GetBytes(name));
        _server.Context.Sessions.FindByName(key)?.Ban(key);
        _server.Run();
    }

    private List<WireFrame> Hello(string name, IPAddress address)
    {
        MemoryCaller caller = _tls ? _server.ConnectTls(address: address) : _server.ConnectPlain(address);
        caller.Say(WireFrame.Hello(name));
        return caller.Frames();
    }
}

/// <inheritdoc/>
public sealed class BanOverPlainTests() : BanTests(tls: false);

/// <inheritdoc/>
public sealed class BanOverTlsTests() : BanTests(tls: true);
