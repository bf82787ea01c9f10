using LanChat.Connections;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>The text door of a server that wants a join code: nobody sees or says anything before it.</summary>
public sealed class TextDoorCodeTests
{
    private const string CodeIsMissing = "? 12 this server asks for a join code: say /code CODE first";

    private readonly MemoryServer _server = new(ProvingCaller.Options with { Name = "Den", Welcome = "secret plans inside" });
    private readonly ProvingCaller _bo;

    public TextDoorCodeTests()
    {
        _bo = new ProvingCaller(_server, "bo");
        _bo.Enter();
        _bo.Caller.Say([.. WireFrame.Join("lobby"), .. WireFrame.Publish(1, 1, "for members only")]);
        _bo.Caller.Frames();
    }

    [Fact]
    public void Who_waits_is_asked_for_the_code_and_told_no_more_than_the_servers_name()
    {
        MemoryCaller person = _server.Connect();
        _server.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(["Den asks for a join code: say /code CODE"], person.Lines());
        Assert.Equal(1, _server.Context.Sessions.Count);
    }

    [Theory]
    [InlineData(ProvingCaller.Code)]
    [InlineData("7h3k9qxapm2dwz41")]
    public void The_code_lets_in_and_then_all_is_as_elsewhere(string code)
    {
        MemoryCaller person = _server.Connect();
        person.Say($"/code {code}\r\n");
        string[] lines = person.Lines();
        Assert.Equal("secret plans inside", lines[0]);
        Assert.Contains(lines, line => line.EndsWith("bo: for members only", StringComparison.Ordinal));

        person.Say("hello\n");
        Assert.StartsWith("ok ", person.Lines()[^1], StringComparison.Ordinal);
        Assert.Equal(["hello"], _bo.Caller.Frames().Texts());
        person.Say("/code again\n");
        Assert.Equal(["you are in already"], person.Lines());
    }

    [Fact]
    public void What_follows_the_code_at_once_counts()
    {
        _server.Connect().Say($"/code {ProvingCaller.Code}\nhello\n");

        Assert.Equal(["hello"], _bo.Caller.Frames().Texts());
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("/who")]
    [InlineData("/name ada")]
    [InlineData("/join lobby")]
    [InlineData("/msg bo hello")]
    [InlineData("/codex")]
    public void Nothing_else_is_done_before_it(string line)
    {
        MemoryCaller person = _server.Connect();
        person.Say(line + "\n");
        person.Say(line + "\r\n");

        Assert.Equal([CodeIsMissing, CodeIsMissing], person.Lines());
        Assert.Empty(_bo.Caller.Frames());
        Assert.Equal(1, _server.Context.Sessions.Count);
    }

    [Fact]
    public void Help_tells_what_there_is()
    {
        MemoryCaller person = _server.Connect();
        person.Say("/help\n");

        Assert.Equal(["/code CODE lets you in; exit or /quit to leave"], person.Lines());
    }

    [Theory, InlineData("exit"), InlineData("/quit")]
    public void One_may_leave(string line)
    {
        MemoryCaller person = _server.Connect();
        person.Say(line + "\n");

        Assert.Equal(["bye: goodbye"], person.Lines());
        Assert.True(person.IsClosed);
    }

    [Theory]
    [InlineData("/code")]
    [InlineData("/code wrong")]
    [InlineData("/code 7H3K-9QXA-PM2D-WZ40")]
    public void A_wrong_code_is_told_after_a_quarter_of_a_second_and_nothing_is_heard_meanwhile(string line)
    {
        MemoryCaller person = _server.Connect();
        person.Say($"{line}\n/code {ProvingCaller.Code}\nhello\n");
        person.Say($"/code {ProvingCaller.Code}\n");
        _server.Advance(ServerConnection.WrongProofTime - TimeSpan.FromMilliseconds(1));
        Assert.Empty(person.Lines());

        _server.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["bye: not proved: the join code is wrong"], person.Lines());
        Assert.True(person.IsClosed);
        Assert.Empty(_bo.Caller.Frames());
    }

    [Fact]
    public void Who_ends_its_side_without_the_code_is_told_why()
    {
        MemoryCaller person = _server.Connect();
        person.Say("hello");
        person.Client.End();
        _server.Run();

        Assert.Equal([CodeIsMissing, "bye: not proved: this server asks for a join code: say /code CODE first"], person.Lines());
    }

    [Fact]
    public void Who_ends_its_side_after_a_wrong_code_learns_it_no_sooner()
    {
        MemoryCaller person = _server.Connect();
        person.Say("/code wrong");
        person.Client.End();
        _server.Run();
        Assert.Empty(person.Lines());

        _server.Advance(ServerConnection.WrongProofTime);
        Assert.Equal(["bye: not proved: the join code is wrong"], person.Lines());
    }

    [Fact]
    public void Who_ends_its_side_after_the_code_has_said_what_it_said()
    {
        MemoryCaller person = _server.Connect();
        person.Say($"/code {ProvingCaller.Code}\nhello");
        person.Client.End();
        _server.Run();

        Assert.Equal(["hello"], _bo.Caller.Frames().Texts());
        Assert.Equal("bye: goodbye", person.Lines()[^1]);
    }

    [Fact]
    public void Nobody_stands_at_the_door_for_ever()
    {
        MemoryCaller silent = _server.Connect();
        MemoryCaller talker = _server.Connect();
        _server.Advance(TimeSpan.FromSeconds(2));
        talker.Say("hello\n");
        for (int i = 0; i < 6; i++)
        {
            _server.Advance(TimeSpan.FromSeconds(10));
            talker.Say("hello\n");
        }

        Assert.All([silent.Lines()[^1], talker.Lines()[^1]], line => Assert.Equal("bye: not proved: no join code was said within 60 s", line));
    }

    [Fact]
    public void A_flood_of_lines_is_ended()
    {
        MemoryCaller person = _server.Connect();
        person.Say(string.Concat(Enumerable.Repeat("hello\n", 1_000)));

        string[] lines = person.Lines();
        Assert.Equal(ProvingCaller.Options.ControlRate * 10, lines.Count(line => line == CodeIsMissing));
        Assert.StartsWith("bye: too fast", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_that_is_too_long_is_not_looked_at_before_the_code_either()
    {
        MemoryCaller person = _server.ConnectPlain();
        person.Say($"/code {ProvingCaller.Code}{new string(' ', 5_000)}\n");

        Assert.EndsWith("a line has at most 4,096 bytes", Assert.Single(person.Lines()), StringComparison.Ordinal);
        Assert.Equal(1, _server.Context.Sessions.Count);
    }

    [Fact]
    public void Browsers_are_told_apart_as_ever()
    {
        MemoryCaller browser = _server.Connect();
        browser.Say("GET /code/7H3K HTTP/1.1\r\n\r\n");

        Assert.StartsWith("bye: ", Assert.Single(browser.Lines()), StringComparison.Ordinal);
    }
}
