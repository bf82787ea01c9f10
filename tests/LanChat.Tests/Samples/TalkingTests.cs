using System.Runtime.InteropServices;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Samples;

public class TalkingTests
{
    [Fact]
    public async Task Two_clients_see_each_other_come_talk_and_go()
    {
        await using SampleServer server = await SampleServer.StartAsync("--name", "Den");
        Assert.Equal("Welcome to Den", server.Welcome);

        SampleProcess ada = await server.JoinAsync("ada");
        SampleProcess bo = await server.JoinAsync("bo");
        Assert.Equal("* bo joined (2 members)", await ada.NextLineAsync());

        await ada.SayAsync("hello");
        Assert.Equal("ok 3", await ada.NextLineAsync());
        Assert.Matches(@"^\[\d\d:\d\d:\d\d\] ada: hello$", await bo.NextLineAsync());

        await bo.SayAsync("/who");
        Assert.Matches("^\\* 2 members: (ada, bo|bo, ada)$", await bo.NextLineAsync());

        await bo.SayAsync("exit");
        SampleEnd end = await bo.EndAsync();
        Assert.Equal(0, end.ExitCode);
        Assert.Empty(end.Errors);
        Assert.Equal("* bo left (1 member)", await ada.NextLineAsync());

        Assert.Equal("* ada joined (1 member)", await server.Process.NextLineAsync());
        Assert.Equal("* bo joined (2 members)", await server.Process.NextLineAsync());
        Assert.EndsWith("] ada: hello", await server.Process.NextLineAsync(), StringComparison.Ordinal);
        Assert.Equal("* bo left (1 member)", await server.Process.NextLineAsync());
    }

    [Fact]
    public async Task A_direct_message_reaches_one_person_only()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        SampleProcess ada = await server.JoinAsync("ada");
        SampleProcess bo = await server.JoinAsync("bo");
        await bo.SayAsync("/msg ada just between us");
        Assert.StartsWith("ok ", await bo.NextLineAsync(), StringComparison.Ordinal);
        await ada.LineEndingAsync("] bo -> you: just between us");

        await bo.SayAsync("/msg nobody hello?");
        Assert.StartsWith("? 23 ", await bo.NextLineAsync(), StringComparison.Ordinal);

        bo.EndInput();
        Assert.Equal(0, (await bo.EndAsync()).ExitCode);
        await server.Process.LineAsync(line =>
        {
            Assert.DoesNotContain("between us", line, StringComparison.Ordinal);
            return line == "* bo left (1 member)";
        }, "bo's leaving");
    }

    [Fact]
    public async Task What_was_said_before_is_shown_to_who_comes_later_but_not_who_came_and_went()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        SampleProcess ada = await server.JoinAsync("ada");
        await ada.SayAndEndAsync("first\nsecond");
        SampleEnd end = await ada.EndAsync();
        Assert.Equal(["ok 2", "ok 3"], end.Lines.Where(line => line.StartsWith("ok", StringComparison.Ordinal)));

        SampleProcess bo = server.StartClient("--name", "bo");
        bo.EndInput();
        end = await bo.EndAsync();
        Assert.Equal(0, end.ExitCode);
        Assert.Equal(server.Welcome, end.Lines[0]);
        Assert.EndsWith("] ada: first", end.Lines[1], StringComparison.Ordinal);
        Assert.EndsWith("] ada: second", end.Lines[2], StringComparison.Ordinal);
        Assert.Equal("* bo joined (1 member)", end.Lines[3]);
    }

    [Fact]
    public async Task A_long_file_through_the_pipe_loses_nothing_and_keeps_its_order_at_the_pace_that_the_server_takes()
    {
        const int Count = 300;
        string[] lines = [.. Enumerable.Range(1, Count).Select(number => $"line {number}")];

        // 200 at once, then 40 a second.
        await using SampleServer server = await SampleServer.StartAsync("--rate", "40");
        SampleProcess bo = await server.JoinAsync("bo");
        SampleProcess ada = server.StartClient("--name", "ada");
        await ada.SayAndEndAsync(string.Join('\n', lines));

        await bo.LineAsync("* ada joined (2 members)");
        foreach (string line in lines)
        {
            Assert.EndsWith("] ada: " + line, await bo.NextLineAsync(), StringComparison.Ordinal);
        }

        SampleEnd end = await ada.EndAsync();
        Assert.Equal(0, end.ExitCode);
        Assert.Empty(end.Errors);
        Assert.Equal(Enumerable.Range(3, Count).Select(sequence => $"ok {sequence}"), end.Lines.Where(line => line.StartsWith("ok ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_client_that_is_told_to_end_says_goodbye()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        SampleProcess ada = await server.JoinAsync("ada");
        ada.Signal(PosixSignal.SIGTERM);
        await server.Process.LineAsync("* ada left (0 members)");
        Assert.Equal(130, (await ada.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task Other_rooms_are_apart_and_the_server_prints_them_behind_their_name()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        SampleProcess ada = await server.JoinAsync("ada");
        SampleProcess bo = server.StartClient("--name", "bo", "--room", "kitchen");
        await bo.LineAsync("* bo joined (1 member)");
        await bo.SayAsync("tea?");
        await bo.LineAsync("ok 2");
        await server.Process.LineAsync("#kitchen * bo joined (1 member)");
        await server.Process.LineAsync(line => line.StartsWith("#kitchen [", StringComparison.Ordinal) && line.EndsWith("] bo: tea?", StringComparison.Ordinal), "bo's line");

        await ada.SayAndEndAsync("");
        Assert.DoesNotContain((await ada.EndAsync()).Lines, line => line.Contains("bo", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_line_that_is_too_long_or_no_command_is_refused_and_the_next_one_goes_on()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        SampleProcess ada = await server.JoinAsync("ada");
        await ada.SayAsync(new string('x', 5_000));
        Assert.StartsWith("? 22 ", await ada.NextLineAsync(), StringComparison.Ordinal);
        await ada.SayAsync("/dance");
        Assert.StartsWith("? 22 ", await ada.NextLineAsync(), StringComparison.Ordinal);
        await ada.SayAsync("");
        await ada.SayAsync("grüß dich 👋");
        Assert.Equal("ok 2", await ada.NextLineAsync());
        await server.Process.LineEndingAsync("] ada: grüß dich 👋");
    }
}
