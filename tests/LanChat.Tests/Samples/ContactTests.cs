using System.Runtime.InteropServices;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Samples;

/// <summary>What the client sample shows of losing the server and finding it again.</summary>
public sealed class ContactTests
{
    // Where the client looks for a server that does not answer: on this machine only, and on a port where nobody is.
    private readonly string[] _quietly = ["--discovery-port", $"{FreePort.Udp()}", "--interface", SampleServer.Loopback];

    [Fact]
    public async Task The_piped_client_comes_back_to_a_server_that_died_and_says_so_on_standard_error()
    {
        using var identity = new TemporaryDirectory();
        await using SampleServer server = await SampleServer.StartAsync("--identity", identity.Path);
        SampleProcess ada = server.StartClient(["--name", "ada", .. _quietly]);
        await ada.LineAsync("* ada joined (1 member)");
        await ada.SayAsync("before");
        await ada.LineAsync("ok 2");
        server.Process.Kill();
        await using SampleServer again = await SampleServer.StartAtAsync(server.Port, "--identity", identity.Path);
        await ada.LineAsync("* the room began anew");
        await ada.SayAsync("after");
        await ada.LineAsync("ok 2");
        await ada.SayAsync("exit");

        SampleEnd end = await ada.EndAsync();
        Assert.Equal(0, end.ExitCode);
        Assert.Equal(["the connection to the server was lost; connecting again", "connected again"], end.Errors.TakeLast(2));
    }

    [Fact]
    public async Task Told_not_to_the_piped_client_does_not_come_back()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        SampleProcess ada = server.StartClient("--name", "ada", "--no-reconnect");
        await ada.LineAsync("* ada joined (1 member)");
        server.Process.Kill();

        SampleEnd end = await ada.EndAsync();
        Assert.Equal(1, end.ExitCode);
        Assert.StartsWith("the connection to the server was lost", end.Errors[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_a_terminal_the_status_line_tells_until_the_server_is_back()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no tmux on Windows.");
        using var identity = new TemporaryDirectory();
        await using SampleServer server = await SampleServer.StartAsync("--identity", identity.Path);
        await using TerminalClient ada = await TerminalClient.StartAsync(server, $"--name ada {string.Join(' ', _quietly)}", columns: 120);
        await ada.Terminal.UntilInputAsync("ada>");
        server.Process.Signal(PosixSignal.SIGTERM);
        await ada.Terminal.UntilAsync(screen => screen.Status.Contains("the server stopped", StringComparison.Ordinal), "the loss in the status");
        await ada.Terminal.SayAsync("typed meanwhile");
        await using SampleServer again = await SampleServer.StartAtAsync(server.Port, "--identity", identity.Path);
        await ada.Terminal.UntilRowAsync("* the room began anew");
        await ada.Terminal.UntilRowAsync("ada: typed meanwhile ✓");
        await ada.Terminal.UntilAsync(screen => screen.Status.Contains("encrypted", StringComparison.Ordinal), "contact in the status");
    }
}
