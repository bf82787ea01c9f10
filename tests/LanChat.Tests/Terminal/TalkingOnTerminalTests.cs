using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Terminal;

public class TalkingOnTerminalTests
{
    [Fact]
    public async Task Two_people_talk_and_each_sees_the_own_messages_confirmed_and_how_many_are_there()
    {
        await using SampleServer server = await SampleServer.StartAsync("--name", "Den");
        await using TerminalClient ada = await TerminalClient.JoinAsync(server, "ada");
        await ada.Terminal.UntilAsync(screen => screen.Status == "── lobby · 1 member · encrypted · Den ──", "the status");
        await using TerminalClient bo = await TerminalClient.JoinAsync(server, "bo");

        TmuxScreen screen = await ada.Terminal.UntilRowAsync("* bo joined (2 members)");
        Assert.Contains("lobby · 2 members", screen.Status, StringComparison.Ordinal);
        await ada.Terminal.SayAsync("hello");
        screen = await ada.Terminal.UntilRowAsync("] #3 ada: hello ✓");
        Assert.Equal("ada>", screen.LastLine);
        await bo.Terminal.UntilRowAsync("] ada: hello");

        await bo.Terminal.SayAsync("/quit");
        await ada.Terminal.UntilRowAsync("* bo left (1 member)");
        await bo.AssertShellAsItWasAsync();
    }

    [Fact]
    public async Task Messages_that_arrive_do_not_break_the_line_that_is_being_typed()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        await using TerminalClient ada = await TerminalClient.JoinAsync(server, "ada", columns: 40, rows: 12);
        SampleProcess bo = await server.JoinAsync("bo");
        await ada.Terminal.TypeAsync("half a sentense");
        await ada.Terminal.PressAsync("Left", "Left");
        await ada.Terminal.UntilAsync(screen => screen is { LastLine: "ada> half a sentense", CursorColumn: 18 }, "the typed line");

        for (int i = 0; i < 30; i++)
        {
            await bo.SayAsync($"message {i} of many, each of them longer than a row");
        }

        await ada.Terminal.UntilAsync(
            screen => screen.Lines.Any(line => line.Contains("bo: message 29", StringComparison.Ordinal)) && screen is { LastLine: "ada> half a sentense", CursorColumn: 18, IsCursorVisible: true },
            "the last message, and the line as it was");
        await ada.Terminal.PressAsync("DC");
        await ada.Terminal.TypeAsync("c");
        await ada.Terminal.PressAsync("Enter");
        await ada.Terminal.UntilRowAsync("ada: half a sentence ✓");

        // And all of them are there to scroll back to, in order.
        string all = await ada.Terminal.CaptureAllAsync();
        int at = 0;
        for (int i = 0; i < 30; i++)
        {
            int next = all.IndexOf($"message {i} of many", StringComparison.Ordinal);
            Assert.True(next > at, $"message {i}:\n{all}");
            at = next;
        }
    }

    [Fact]
    public async Task Earlier_lines_come_back_and_a_paste_of_several_lines_is_one_message()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        await using TerminalClient ada = await TerminalClient.JoinAsync(server, "ada");
        SampleProcess bo = await server.JoinAsync("bo");
        await ada.Terminal.SayAsync("first");
        await bo.LineEndingAsync("] ada: first");
        await ada.Terminal.PressAsync("Up");
        await ada.Terminal.UntilInputAsync("ada> first");
        await ada.Terminal.TypeAsync(" again");
        await ada.Terminal.PressAsync("Enter");
        await bo.LineEndingAsync("] ada: first again");

        await ada.Terminal.PasteAsync("one\ntwo\n/quit");
        TmuxScreen screen = await ada.Terminal.UntilAsync(screen => screen.LastLine == "     /quit", "the pasted lines");
        Assert.Contains("ada> one⏎", screen.Lines);
        await ada.Terminal.PressAsync("Enter");
        await bo.LineEndingAsync("] ada: one");
        Assert.Equal("    two", await bo.NextLineAsync());
        Assert.Equal("    /quit", await bo.NextLineAsync());
        await ada.Terminal.UntilRowAsync("    /quit ✓");
    }

    [Fact]
    public async Task Wide_characters_are_typed_deleted_and_walked_as_one()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        await using TerminalClient ada = await TerminalClient.JoinAsync(server, "ada");
        SampleProcess bo = await server.JoinAsync("bo");
        await ada.Terminal.TypeAsync("日本語x👋");
        await ada.Terminal.UntilAsync(screen => screen is { LastLine: "ada> 日本語x👋", CursorColumn: 14 }, "the typed line");
        await ada.Terminal.PressAsync("Left", "BSpace", "Left");
        await ada.Terminal.UntilAsync(screen => screen is { LastLine: "ada> 日本語👋", CursorColumn: 9 }, "the cursor before the third character");
        await ada.Terminal.TypeAsync("é");
        await ada.Terminal.PressAsync("Enter");
        await bo.LineEndingAsync("] ada: 日本é語👋");
    }

    [Fact]
    public async Task A_terminal_of_another_size_is_drawn_anew()
    {
        const string Prompt = "ada> ";
        const string Typed = "a text that is longer than the narrow screen";
        await using SampleServer server = await SampleServer.StartAsync("--name", "Den");
        await using TerminalClient ada = await TerminalClient.JoinAsync(server, "ada", columns: 60, rows: 16);
        SampleProcess bo = await server.JoinAsync("bo");
        await bo.SayAsync("before");
        await ada.Terminal.UntilRowAsync("] bo: before");
        await ada.Terminal.TypeAsync(Typed);

        foreach ((int columns, int rows) in new[] { (20, 5), (33, 9), (100, 30), (21, 6), (60, 16) })
        {
            await ada.Terminal.ResizeAsync(columns, rows);
            int perRow = columns - Prompt.Length;
            string lastRow = Typed.Length <= perRow ? Prompt + Typed : new string(' ', Prompt.Length) + Typed[(Typed.Length / perRow * perRow)..];
            await ada.Terminal.UntilAsync(screen => screen.LastLine == lastRow, $"the input at {columns} by {rows}");
            await bo.SayAsync($"at {columns}");
            TmuxScreen screen = await ada.Terminal.UntilAsync(
                screen => screen.Lines.Any(line => line.Contains("lobby · 2 members", StringComparison.Ordinal)) && screen.Lines.Any(line => line.EndsWith($"bo: at {columns}", StringComparison.Ordinal)),
                $"everything at {columns} by {rows}");
            Assert.Single(screen.Lines, line => line.Contains("lobby · 2 members", StringComparison.Ordinal));
            Assert.Single(screen.Lines, line => line.EndsWith("screen", StringComparison.Ordinal) || line.EndsWith("narrow screen", StringComparison.Ordinal));
        }

        await ada.Terminal.UntilInputAsync($"ada> {Typed}");
        string all = await ada.Terminal.CaptureAllAsync();
        Assert.Equal(1, all.Split("bo: before").Length - 1);
    }

    [Fact]
    [HostileInput(18, "ESC [ 2 J", "ESC ] 8", "CR over the line", "override of direction")]
    public async Task What_a_hostile_member_sends_changes_nothing_but_its_own_line()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        await using TerminalClient ada = await TerminalClient.JoinAsync(server, "ada");
        await using LineCaller mallory = await server.CallAsync();
        await mallory.SayAsync("/name mallory");
        await ada.Terminal.TypeAsync("mine");
        await ada.Terminal.UntilInputAsync("ada> mine");
        await mallory.SayAsync("\e]0;title\a\e[2J\e[H\e[31mred\rada: faked\u202Ebidi \u009B5A\bx\e]8;;http://evil\e\\link");
        await mallory.SayAsync("[00:00:00] ada: faked");
        TmuxScreen screen = await ada.Terminal.UntilRowAsync("mallory: [00:00:00] ada: faked");
        Assert.Equal("ada> mine", screen.LastLine);
        Assert.Contains(screen.Lines, line => line.EndsWith("mallory: \uFFFD]0;title\uFFFD\uFFFD[2J\uFFFD[H\uFFFD[31mred\uFFFDada: faked\uFFFDbidi", StringComparison.Ordinal) || line.Contains("[31mred\uFFFDada: faked\uFFFDbidi", StringComparison.Ordinal));
        Assert.DoesNotContain(screen.Lines, line => line.StartsWith("ada: faked", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Names_have_colours_and_none_where_none_are_wanted()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        await using TerminalClient ada = await TerminalClient.JoinAsync(server, "ada");
        await using TerminalClient bo = await TerminalClient.JoinAsync(server, "bo", environment: "NO_COLOR=1");
        await ada.Terminal.SayAsync("hello");
        await ada.Terminal.UntilRowAsync("ada: hello ✓");
        await bo.Terminal.UntilRowAsync("ada: hello");
        Assert.Matches("\e\\[38;5;[0-9]+m(\e\\[49m)?ada", await ada.Terminal.CaptureStyledAsync());
        Assert.DoesNotMatch("\e\\[[0-9;]*(3[0-8]|9[0-7])[;m]", (await bo.Terminal.CaptureStyledAsync()).Replace("\e[39m", "", StringComparison.Ordinal));
    }
}
