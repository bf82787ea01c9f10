using LanChat.Samples.Terminal;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Terminal;

public class StyleTests
{
    [Theory]
    [InlineData("\e]0;title\a", "\uFFFD]0;title\uFFFD")]
    [InlineData("a\rb\u009B2Jc", "a\uFFFDb\uFFFD2Jc")]
    [InlineData("left\u202Eright\u2066x\u2028", "left\uFFFDright\uFFFDx\uFFFD")]
    [InlineData("a\tb", "a b")]
    [InlineData("👨‍👩‍👧 é", "👨‍👩‍👧 é")]
    public void Whatever_could_steer_a_terminal_is_replaced_wherever_it_came_from(string text, string safe) => Assert.Equal(safe, new StyledRun(text).Text);

    [Fact]
    public void Half_a_character_is_replaced() => Assert.Equal("half \uFFFD", new StyledRun("half " + '\uD83D').Text);

    [Fact]
    public void A_name_has_the_same_colour_always_and_none_where_none_is_wanted()
    {
        Painter many = Painter.From(name => name == "TERM" ? "xterm-256color" : null);
        Assert.Equal(many.Name("ada"), many.Name("Ada"));
        Assert.StartsWith("38;5;", many.Name("ada"), StringComparison.Ordinal);
        Assert.True(Enumerable.Range(0, 50).Select(number => many.Name($"guest-{number}")).Distinct().Count() > 8);

        Painter few = Painter.From(name => name == "TERM" ? "xterm" : null);
        Assert.Matches("^3[1-6]$", few.Name("ada"));

        Painter none = Painter.From(name => name switch { "TERM" => "xterm-256color", "COLORTERM" => "truecolor", "NO_COLOR" => "1", _ => null });
        Assert.All([none.Name("ada"), none.Accent, none.Good, none.Bad, none.Dim, none.Bold], style => Assert.Matches("^[0-2]?$", style));
    }

    [Theory]
    [InlineData(80, "── kitchen · 3 members · ● lobby 2 · Den · not encrypted ──")]
    [InlineData(30, "kitchen · 3 members · ● lobby…")]
    [InlineData(20, "kitchen · 3 members")]
    [InlineData(17, "kitc… · 3 members")]
    [InlineData(13, "k · 3 members")]
    public void The_number_of_members_is_in_sight_however_narrow_the_screen(int columns, string shown)
    {
        Painter plain = Painter.From(_ => null);
        StyledLine line = StatusLine.Of(plain, columns, "kitchen", 3, "● lobby 2", "Den · not encrypted").Cut(columns);
        Assert.Equal(shown, string.Concat(line.Runs.Select(run => run.Text)));
    }

    [Fact]
    public void A_room_with_a_long_name_leaves_its_place_to_the_number()
    {
        StyledLine line = StatusLine.Of(Painter.From(_ => null), 30, new string('x', 60), 12, "", "Den").Cut(30);
        Assert.Contains(" · 12 members", string.Concat(line.Runs.Select(run => run.Text)), StringComparison.Ordinal);
    }

    [Fact]
    public void Own_messages_are_drawn_with_sequence_time_and_mark_and_those_of_others_as_they_are_everywhere()
    {
        DateTimeOffset time = DateTimeOffset.UnixEpoch.AddSeconds(45296);
        var lines = new EventLines(Painter.From(_ => null), new FakeTimeProvider(time));
        Assert.Equal(["[12:34:56] #17 ada: one", "    two ✓"], Draw(lines.Of(new MessageReceived { Name = "ada", Text = "one\ntwo", IsOwn = true, Sequence = 17, Time = time })));
        Assert.Equal(["[12:34:56] bo: hi"], Draw(lines.Of(new MessageReceived { Name = "bo", Text = "hi", Sequence = 18, Time = time })));
        Assert.Equal(["* bo joined (2 members)"], Draw(lines.Of(new MemberJoined { Name = "bo", Members = 2 })));
        Assert.Equal(["[12:34:56] bo -> you: psst"], Draw(lines.Of(new DirectReceived { Name = "bo", Text = "psst", Time = time })));
        Assert.Equal(["[12:34:56] ada -> bo: psst ✓"], Draw(lines.Settled(new OwnMessage("psst", room: null, "bo"), SendResult.Accepted(1, 1), "ada")));
        Assert.Equal(["? no", "  not sent: a", "    b"], Draw(lines.Settled(new OwnMessage("a\nb", room: null, "bo"), SendResult.Rejected(1, DisconnectReason.BadText, "no"), "ada")));
    }

    private static IEnumerable<string> Draw(IEnumerable<StyledLine> lines) => lines.Select(line => string.Concat(line.Runs.Select(run => run.Text)));
}
