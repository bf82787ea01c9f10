using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Samples;

public class OperatorTests
{
    [Fact]
    public async Task A_line_is_a_notice_to_all_rooms()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        SampleProcess ada = await server.JoinAsync("ada");
        SampleProcess bo = server.StartClient("--name", "bo", "--room", "kitchen");
        await bo.LineAsync("* bo joined (1 member)");

        await server.Process.SayAsync("dinner at eight");
        await ada.LineAsync("! dinner at eight");
        await bo.LineAsync("! dinner at eight");
        await server.Process.LineAsync(line => line is "! dinner at eight" or "#kitchen ! dinner at eight", "the notice");
    }

    [Fact]
    public async Task The_operator_sees_who_is_there_and_can_speak_to_one()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        SampleProcess ada = await server.JoinAsync("ada");
        await server.JoinAsync("bo");

        await server.Process.SayAsync("/who");
        await server.Process.LineAsync("* 2 members: ada, bo");
        await server.Process.SayAsync("/msg ada a word");
        await ada.LineEndingAsync("] server -> you: a word");
        await server.Process.SayAsync("/msg nobody a word");
        await server.Process.LineAsync(line => line.StartsWith("? 23 ", StringComparison.Ordinal), "a refusal");
        await server.Process.SayAsync("/help");
        await server.Process.LineAsync(line => line.Contains("/kick NAME", StringComparison.Ordinal), "the help");
    }

    [Fact]
    public async Task Who_is_kicked_is_told_in_one_line_and_so_are_the_others()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        SampleProcess ada = await server.JoinAsync("ada");
        SampleProcess bo = await server.JoinAsync("bo");

        await server.Process.SayAsync("/kick bo");
        SampleEnd end = await bo.EndAsync();
        Assert.NotEqual(0, end.ExitCode);
        Assert.Contains("kicked", end.Errors[^1], StringComparison.Ordinal);
        await ada.LineAsync("* bo left (1 member): kicked");
        await server.Process.LineAsync("* bo left (1 member): kicked");

        await server.Process.SayAsync("/kick bo");
        await server.Process.LineAsync(line => line.StartsWith("? 23 ", StringComparison.Ordinal), "a refusal");
        await server.JoinAsync("bo");
    }

    [Fact]
    public async Task Who_is_banned_is_told_in_one_line_and_comes_back_when_that_is_lifted()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        SampleProcess ada = await server.JoinAsync("ada");
        SampleProcess bo = await server.JoinAsync("bo");

        await server.Process.SayAsync("/ban bo");
        SampleEnd end = await bo.EndAsync();
        Assert.Equal(1, end.ExitCode);
        Assert.StartsWith("banned by the operator", end.Errors[^1], StringComparison.Ordinal);
        await ada.LineAsync("* bo left (1 member): banned");
        end = await server.StartClient("--name", "B0").EndAsync();
        Assert.Equal(1, end.ExitCode);
        Assert.Contains("you are banned from", end.Errors[^1], StringComparison.Ordinal);

        await server.Process.LineAsync("* bo is banned");
        await server.Process.SayAsync("/bans");
        await server.Process.LineAsync("* 1 banned");
        Assert.StartsWith("* bo since 20", await server.Process.NextLineAsync(), StringComparison.Ordinal);
        await server.Process.SayAsync("/ban no/name");
        await server.Process.LineAsync(line => line.StartsWith("? 11 ", StringComparison.Ordinal), "a refusal");
        await server.Process.SayAsync("/unban bo");
        await server.Process.LineAsync("* the ban of bo is lifted");
        await server.Process.SayAsync("/unban bo");
        await server.Process.LineAsync("? 23 that name is not banned");
        await server.JoinAsync("bo");
    }

    [Fact]
    public async Task Who_is_no_operator_is_told_how_to_become_one()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        SampleProcess ada = await server.JoinAsync("ada");
        foreach (string command in (string[])["/kick ada", "/ban ada", "/unban ada", "/notice dinner", "/shutdown"])
        {
            await ada.SayAsync(command);
            string line = await ada.NextLineAsync();
            Assert.StartsWith("? 19 ", line, StringComparison.Ordinal);
            Assert.Contains("--operator", line, StringComparison.Ordinal);
        }

        foreach (string incomplete in (string[])["/kick", "/shutdown now", "/msg bo"])
        {
            await ada.SayAsync(incomplete);
            Assert.Equal($"? 22 {incomplete.Split(' ')[0]} is written as /help says", await ada.NextLineAsync());
        }

        await ada.SayAsync("hello");
        Assert.Equal("ok 2", await ada.NextLineAsync());
    }

    [Fact]
    public async Task Exit_stops_the_server_and_everyone_is_told()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        SampleProcess ada = await server.JoinAsync("ada");
        LineCaller caller = await server.CallAsync();
        await caller.SayAsync("hello");
        await caller.LineEndingAsync("ok 3");

        await server.Process.SayAsync("exit");
        Assert.StartsWith("bye: server stopping", (await caller.RestAsync())[^1], StringComparison.Ordinal);
        SampleEnd end = await ada.EndAsync();
        Assert.NotEqual(0, end.ExitCode);
        Assert.Contains("the server stopped", end.Errors[^1], StringComparison.Ordinal);

        end = await server.Process.EndAsync();
        Assert.Equal(0, end.ExitCode);
        Assert.Empty(end.Errors);
    }
}
