using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Samples;

public class NetcatTests
{
    [Fact]
    public async Task A_person_with_netcat_talks_to_a_client()
    {
        await using SampleServer server = await SampleServer.StartAsync("--welcome", "come in");
        Assert.Equal("come in", server.Welcome);
        SampleProcess ada = await server.JoinAsync("ada");

        LineCaller caller = await server.CallAsync();
        await caller.SayAsync("/name carl");
        Assert.Equal("come in", await caller.NextLineAsync());
        Assert.Equal("* guest-1 joined (2 members)", await caller.NextLineAsync());
        Assert.Equal("* guest-1 left (1 member)", await caller.NextLineAsync());
        Assert.Equal("* carl joined (2 members)", await caller.NextLineAsync());
        await ada.LineAsync("* carl joined (2 members)");

        await caller.SayAsync("hello from netcat");
        Assert.Matches("^ok \\d+$", await caller.NextLineAsync());
        await ada.LineEndingAsync("] carl: hello from netcat");

        await ada.SayAsync("hello from a client");
        await caller.LineEndingAsync("] ada: hello from a client");

        await caller.SayAsync("/who");
        Assert.Equal("* 2 members: ada, carl", await caller.NextLineAsync());
        await caller.SayAsync("/msg ada psst");
        Assert.StartsWith("ok ", await caller.NextLineAsync(), StringComparison.Ordinal);
        await ada.LineEndingAsync("] carl -> you: psst");

        await caller.SayAsync("exit");
        Assert.Equal("bye: goodbye", (await caller.RestAsync())[^1]);
        await ada.LineAsync("* carl left (1 member)");
    }

    [Fact]
    public async Task What_was_piped_into_netcat_is_confirmed_although_the_pipe_has_ended()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        LineCaller caller = await server.CallAsync();
        await caller.SayAsync("hello");
        caller.EndInput();
        List<string> heard = await caller.RestAsync();
        Assert.Contains("ok 2", heard);
        Assert.Equal("bye: goodbye", heard[^1]);
        await server.Process.LineEndingAsync("] guest-1: hello");
        await server.Process.LineAsync("* guest-1 left (0 members)");
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r")]
    [HostileInput(5, "HTTP in plain text", "SSH in plain text")]
    public async Task A_browser_or_an_ssh_client_gets_one_line_and_joins_nothing(string line)
    {
        await using SampleServer server = await SampleServer.StartAsync();
        LineCaller stranger = await server.CallAsync();
        await stranger.SayAsync(line);
        Assert.StartsWith("bye: ", Assert.Single(await stranger.RestAsync()), StringComparison.Ordinal);

        await server.JoinAsync("ada");
        Assert.Equal("* ada joined (1 member)", await server.Process.NextLineAsync());
    }
}
