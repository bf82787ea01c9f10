using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Samples;

/// <summary>An operator at a client: the fourth ancestor's remote exit, and what else the right gives.</summary>
public class RemoteOperatorTests
{
    [Fact]
    public async Task A_shutdown_ends_the_server_in_order_and_everyone_is_told()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        SampleProcess ada = await server.JoinAsync("ada");
        SampleProcess op = await JoinAsOperatorAsync(server);
        LineCaller caller = await server.CallAsync();
        await caller.SayAsync("hello");
        await caller.LineEndingAsync("ok 4");

        await op.SayAsync("/shutdown");
        await op.LineAsync("ok");
        Assert.StartsWith("bye: server stopping", (await caller.RestAsync())[^1], StringComparison.Ordinal);
        foreach (SampleProcess client in (SampleProcess[])[ada, op])
        {
            SampleEnd told = await client.EndAsync();
            Assert.Equal(1, told.ExitCode);
            Assert.Contains("the server stopped", told.Errors[^1], StringComparison.Ordinal);
        }

        SampleEnd end = await server.Process.EndAsync();
        Assert.Equal(0, end.ExitCode);
        Assert.Empty(end.Errors);
    }

    [Fact]
    public async Task A_script_can_stop_the_server_in_one_line()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        SampleProcess op = server.StartClient("--name", "op", "--operator");
        await op.SayAndEndAsync("/shutdown\n");
        SampleEnd end = await op.EndAsync();
        Assert.Equal(0, end.ExitCode);

        // Its own leaving may follow: its goodbye and the server's stop are under way at the same time.
        Assert.Contains("ok", end.Lines);
        Assert.Equal(0, (await server.Process.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task Kick_ban_unban_and_notice_do_what_they_say()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        SampleProcess op = await JoinAsOperatorAsync(server);
        SampleProcess bo = await server.JoinAsync("bo");

        await op.SayAsync("/notice dinner at eight");
        await bo.LineAsync("! dinner at eight");
        await op.LineAsync("ok");
        await op.SayAsync("/kick bo");
        Assert.StartsWith("kicked by the operator", (await bo.EndAsync()).Errors[^1], StringComparison.Ordinal);
        await op.LineAsync("* bo left (1 member): kicked");

        await op.SayAsync("/kick bo");
        await op.LineAsync("? 23 nobody here has that name");
        await op.SayAsync("/ban bo");
        await op.LineAsync("ok: nobody here has that name; it is banned all the same");
        SampleEnd end = await server.StartClient("--name", "bo").EndAsync();
        Assert.Contains("you are banned from", end.Errors[^1], StringComparison.Ordinal);
        await server.Process.SayAsync("/bans");
        await server.Process.LineAsync("* 1 banned");
        await op.SayAsync("/unban bo");
        await op.LineAsync("ok");
        await server.JoinAsync("bo");
    }

    private static async Task<SampleProcess> JoinAsOperatorAsync(SampleServer server)
    {
        SampleProcess op = server.StartClient("--name", "op", "--operator");
        await op.LineAsync(line => line.StartsWith("* op joined (", StringComparison.Ordinal), "the operator's own joining");
        return op;
    }
}
