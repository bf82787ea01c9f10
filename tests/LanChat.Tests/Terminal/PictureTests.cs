using System.Xml.Linq;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Terminal;

public class PictureTests
{
    /// <summary>Makes src/LanChat/docs/terminal.svg from a real terminal: <c>LANCHAT_MAKE_PICTURE=path</c>.</summary>
    [Fact]
    public async Task A_picture_of_three_people_talking_is_made_when_asked_for()
    {
        const int Columns = 84;
        const int Rows = 15;
        string? path = Environment.GetEnvironmentVariable("LANCHAT_MAKE_PICTURE");
        Assert.SkipWhen(string.IsNullOrEmpty(path), "Only with LANCHAT_MAKE_PICTURE=path.");

        await using SampleServer server = await SampleServer.StartAsync("--name", "Den");
        await using TerminalClient ada = await TerminalClient.JoinAsync(server, "ada", Columns, Rows);
        await ada.Terminal.SayAsync("/join kitchen");
        await ada.Terminal.UntilAsync(screen => screen.Status.Contains("kitchen", StringComparison.Ordinal), "the kitchen");
        await ada.Terminal.SayAsync("/join lobby");
        await ada.Terminal.UntilAsync(screen => screen.Status.Contains("lobby", StringComparison.Ordinal), "the lobby");
        await ada.Terminal.PressAsync("C-l");

        SampleProcess bo = await server.JoinAsync("bo");
        SampleProcess chen = await server.JoinAsync("chen");
        SampleProcess cook = server.StartClient("--name", "cook", "--room", "kitchen");
        await bo.SayAsync("is the build green again?");
        await ada.Terminal.UntilRowAsync("again?");
        await ada.Terminal.SayAsync("for ten minutes now: the lock was held over an await");
        await ada.Terminal.UntilRowAsync("✓");
        await chen.SayAsync("ありがとう! 🎉 here is the trace: https://den.local/traces/1843");
        await ada.Terminal.UntilRowAsync("1843");
        await bo.SayAsync("/msg ada lunch?");
        await ada.Terminal.UntilRowAsync("lunch?");
        await ada.Terminal.PasteAsync("two things for later:\n- raise the limit\n- thank bo");
        await ada.Terminal.PressAsync("Enter");
        await ada.Terminal.UntilRowAsync("thank bo ✓");
        await cook.LineAsync(line => line.StartsWith("* cook joined", StringComparison.Ordinal), "the cook");
        await cook.SayAsync("soup is ready");
        await cook.SayAsync("really");
        await ada.Terminal.UntilAsync(screen => screen.Status.Contains("● kitchen 2", StringComparison.Ordinal), "the mark");
        bo.EndInput();
        await ada.Terminal.UntilRowAsync("* bo left (2 members)");
        await ada.Terminal.TypeAsync("/msg ch");
        await ada.Terminal.PressAsync("Tab");
        await ada.Terminal.TypeAsync("five minutes, the");
        TmuxScreen screen = await ada.Terminal.UntilAsync(screen => screen.LastLine.EndsWith("five minutes, the", StringComparison.Ordinal), "the line being typed");

        string[] rows = (await ada.Terminal.CaptureStyledScreenAsync()).TrimEnd('\n').Split('\n');
        await File.WriteAllTextAsync(path!, TerminalPicture.Draw(rows[..(screen.CursorRow + 1)], Columns, (screen.CursorColumn, screen.CursorRow)), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void The_picture_is_plain_svg_with_each_text_in_its_cell_and_colour()
    {
        XElement svg = XDocument.Parse(TerminalPicture.Draw(["\e[2m[12:34:56] \e[0m\e[38;5;136mada\e[39m: 日 <b>&"], 40, (3, 0))).Root!;
        XElement[] texts = [.. svg.Descendants().Where(element => element.Name.LocalName == "text")];
        Assert.Equal(["[12:34:56]", "ada", ":", "日", "<b>&"], texts.Select(text => text.Value));
        Assert.Equal("#af8700", texts[1].Attribute("fill")!.Value);
        Assert.Equal("0.6", texts[0].Attribute("opacity")!.Value);
        Assert.DoesNotContain(svg.Descendants(), element => element.Name.LocalName is "script" or "foreignObject" or "image" or "style");
    }
}
