using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Terminal;

public class TerminalCommandTests
{
    [Fact]
    public async Task A_name_is_asked_for_and_asked_for_again_when_it_is_taken()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        SampleProcess bo = await server.JoinAsync("bo");
        await using TerminalClient client = await TerminalClient.StartAsync(server, "");
        await client.Terminal.UntilInputAsync("Name:");
        await client.Terminal.SayAsync("bo");
        await client.Terminal.UntilAsync(screen => screen.Lines.Any(line => line.StartsWith("? the name 'bo' is in use", StringComparison.Ordinal)) && screen.LastLine == "Name:", "another question");
        await client.Terminal.SayAsync("not a name");
        await client.Terminal.UntilAsync(screen => screen.Lines.Any(line => line.Contains("does not take the name", StringComparison.Ordinal)) && screen.LastLine == "Name:", "another question");
        await client.Terminal.SayAsync("ada");
        await client.Terminal.UntilInputAsync("ada>");
        await bo.LineAsync("* ada joined (2 members)");
    }

    [Fact]
    public async Task Without_a_name_the_server_gives_one()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        await using TerminalClient client = await TerminalClient.StartAsync(server, "");
        await client.Terminal.UntilInputAsync("Name:");
        await client.Terminal.PressAsync("Enter");
        await client.Terminal.UntilInputAsync("guest-1>");
    }

    [Fact]
    public async Task Other_rooms_are_gone_to_and_what_is_unread_there_is_marked()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        await using TerminalClient ada = await TerminalClient.JoinAsync(server, "ada");
        SampleProcess bo = server.StartClient("--name", "bo", "--room", "kitchen");
        await bo.LineAsync("* bo joined (1 member)");
        await ada.Terminal.SayAsync("/join kitchen");
        await ada.Terminal.UntilAsync(screen => screen.Status.Contains("kitchen · 2 members", StringComparison.Ordinal), "the kitchen");
        await ada.Terminal.SayAsync("tea?");
        await bo.LineEndingAsync("] ada: tea?");

        await ada.Terminal.TypeAsync("/jo");
        await ada.Terminal.PressAsync("Tab");
        await ada.Terminal.TypeAsync("lob");
        await ada.Terminal.PressAsync("Tab", "Enter");
        await ada.Terminal.UntilAsync(screen => screen.Status.Contains("lobby · 1 member", StringComparison.Ordinal), "the lobby");
        await bo.SayAsync("please");
        await bo.SayAsync("and milk");
        await ada.Terminal.UntilAsync(screen => screen.Status.Contains("● kitchen 2", StringComparison.Ordinal), "the mark");
        await ada.Terminal.SayAsync("/rooms");
        await ada.Terminal.UntilRowAsync("* 2 members in kitchen ● 2 unread");
        await ada.Terminal.UntilRowAsync("* 1 member in lobby (here)");

        await ada.Terminal.SayAsync("/join kitchen");
        TmuxScreen screen = await ada.Terminal.UntilRowAsync("bo: and milk");
        string[] lines = [.. screen.Lines];
        int mark = Array.IndexOf(lines, "── 2 new ──");
        Assert.EndsWith("] bo: please", lines[mark + 1], StringComparison.Ordinal);
        Assert.DoesNotContain("●", screen.Status, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Direct_messages_who_and_help_do_what_they_say()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        await using TerminalClient ada = await TerminalClient.JoinAsync(server, "ada");
        SampleProcess bo = await server.JoinAsync("bo");
        await ada.Terminal.UntilRowAsync("* bo joined (2 members)");
        await ada.Terminal.TypeAsync("/msg b");
        await ada.Terminal.PressAsync("Tab");
        await ada.Terminal.SayAsync("psst");
        await bo.LineEndingAsync("] ada -> you: psst");
        await ada.Terminal.UntilRowAsync("ada -> bo: psst ✓");
        await bo.SayAsync("/msg ada yes?");
        await ada.Terminal.UntilRowAsync("bo -> you: yes?");

        await ada.Terminal.SayAsync("/who");
        await ada.Terminal.UntilRowAsync("* 2 members: ada, bo");
        await ada.Terminal.SayAsync("/help");
        await ada.Terminal.UntilRowAsync("who is here");
        await ada.Terminal.SayAsync("/dance");
        await ada.Terminal.UntilRowAsync("? no such command; /help lists them");
        await ada.Terminal.SayAsync("/join");
        await ada.Terminal.UntilRowAsync("? /join is written as /help says");

        await ada.Terminal.SayAsync("/msg : hi");
        await ada.Terminal.UntilRowAsync("? /msg is written as /help says");
        await ada.Terminal.SayAsync("/msg bo:: hi");
        await bo.LineEndingAsync("] ada -> you: hi");

        await ada.Terminal.SayAsync("/msg nobody hello?");
        await ada.Terminal.UntilRowAsync("  not sent: hello?");
        await ada.Terminal.PressAsync("Up");
        await ada.Terminal.UntilInputAsync("ada> hello?");
    }

    [Fact]
    public async Task An_operators_commands_are_completed_and_marked_when_they_are_carried_out()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        await using TerminalClient op = await TerminalClient.StartAsync(server, "--name op --operator", environment: $"XDG_DATA_HOME={server.DataHome}");
        await op.Terminal.UntilInputAsync("op>");
        SampleProcess bo = await server.JoinAsync("bo");
        await op.Terminal.UntilRowAsync("* bo joined (2 members)");
        await op.Terminal.TypeAsync("/ki");
        await op.Terminal.PressAsync("Tab");
        await op.Terminal.TypeAsync("b");
        await op.Terminal.PressAsync("Tab", "Enter");
        await op.Terminal.UntilRowAsync("/kick bo ✓");
        Assert.StartsWith("kicked by the operator", (await bo.EndAsync()).Errors[^1], StringComparison.Ordinal);
        await op.Terminal.SayAsync("/ban cy");
        await op.Terminal.UntilRowAsync("* nobody here has that name; it is banned all the same");
        await op.Terminal.SayAsync("/kick cy");
        await op.Terminal.UntilRowAsync("? nobody here has that name");
        await op.Terminal.SayAsync("/ban");
        await op.Terminal.UntilRowAsync("? /ban is written as /help says");
        await op.Terminal.SayAsync("/shutdown");
        await op.Terminal.UntilAsync(screen => screen.Status.Contains("the server stopped", StringComparison.Ordinal), "that the server stopped");
        Assert.Equal(0, (await server.Process.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task Who_is_no_operator_is_told_how_to_become_one()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        await using TerminalClient ada = await TerminalClient.JoinAsync(server, "ada");
        await ada.Terminal.SayAsync("/shutdown");
        await ada.Terminal.UntilRowAsync("? that takes operator rights: start the client with --operator (see --help)");
        await ada.Terminal.SayAsync("still here");
        await ada.Terminal.UntilRowAsync("ada: still here ✓");
    }

    [Fact]
    public async Task Messages_typed_faster_than_the_server_takes_them_wait_in_sight_and_keep_their_order()
    {
        await using SampleServer server = await SampleServer.StartAsync("--rate", "1");
        await using TerminalClient ada = await TerminalClient.JoinAsync(server, "ada", rows: 30);
        SampleProcess bo = await server.JoinAsync("bo");

        // At once: eight times tmux could take longer than the server makes the last ones wait.
        await ada.Terminal.SendAsync(string.Concat(Enumerable.Range(1, 8).Select(i => $"number {i}\r")));
        await ada.Terminal.UntilAsync(screen => screen.Lines.Any(line => line.StartsWith("… number", StringComparison.Ordinal)), "a message on its way");
        await ada.Terminal.SayAsync("/quit");
        for (int i = 1; i <= 8; i++)
        {
            Assert.EndsWith($"] ada: number {i}", await bo.LineAsync(line => line.Contains("ada: number", StringComparison.Ordinal), "the next message"), StringComparison.Ordinal);
        }

        await bo.LineAsync("* ada left (1 member)");
        await ada.AssertShellAsItWasAsync();
    }

    [Fact]
    public async Task What_comes_while_nobody_looks_is_marked_as_new()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        await using TerminalClient ada = await TerminalClient.JoinAsync(server, "ada");
        SampleProcess bo = await server.JoinAsync("bo");
        await bo.SayAsync("seen");
        await ada.Terminal.UntilRowAsync("bo: seen");

        // The key is to be seen once both were taken up.
        await ada.Terminal.SendAsync("y\e[O");
        await ada.Terminal.UntilInputAsync("ada> y");
        await bo.SayAsync("unseen");
        TmuxScreen screen = await ada.Terminal.UntilRowAsync("bo: unseen");
        string[] lines = [.. screen.Lines];
        Assert.EndsWith("bo: unseen", lines[Array.IndexOf(lines, "── new ──") + 1], StringComparison.Ordinal);
        Assert.Contains("● 1 new", screen.Status, StringComparison.Ordinal);
        await ada.Terminal.SendAsync("\e[I");
        await ada.Terminal.TypeAsync("x");
        await ada.Terminal.UntilAsync(after => after.LastLine == "ada> yx" && !after.Status.Contains('●', StringComparison.Ordinal), "no mark any more");
    }

    [Fact]
    public async Task On_a_terminal_that_cannot_move_its_cursor_lines_are_printed_as_into_a_pipe()
    {
        await using SampleServer server = await SampleServer.StartAsync("--name", "Den");
        await using TerminalClient ada = await TerminalClient.StartAsync(server, "--name ada", environment: "TERM=dumb");
        await ada.Terminal.UntilInputAsync("* ada joined (1 member)");
        await ada.Terminal.SayAsync("hello");
        await ada.Terminal.UntilInputAsync("ok 2");
    }
}
