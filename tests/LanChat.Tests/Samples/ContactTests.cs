using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using LanChat.Framing;
using LanChat.Tests.Client;
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
        await server.Process.EndAsync();
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
    public async Task The_piped_client_does_not_wait_for_the_answer_to_a_line_that_a_stopped_server_did_not_give()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using SampleProcess ada = SampleProcess.Start("LanChat.Client", ["--plain", "--server", $"{listener.LocalEndpoint}", "--name", "ada", .. _quietly]);
        using Socket caller = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
        var server = new ScriptedServer(isTls: false);
        await using var stream = new NetworkStream(caller);
        Stream relay = server.OpenLink().Stream;
        Task relaying = Task.WhenAll(stream.CopyToAsync(relay, TestContext.Current.CancellationToken), relay.CopyToAsync(stream, TestContext.Current.CancellationToken));
        (await server.NextAnyAsync())!.Decode<HelloFrame>();
        server.SendWelcome();
        (await server.NextAnyAsync())!.Decode<PingFrame>();
        (await server.NextAsync())!.Decode<JoinFrame>();
        server.SendJoined("lobby", ScriptedServer.Lobby, first: 1, newest: 1, members: 1);
        server.SendRoster(ScriptedServer.Lobby, 1, "ada");
        server.SendEntry(EntryKind.Joined, 1, "ada", ScriptedServer.Members(1));
        await ada.SayAsync("never answered");
        (await server.NextAsync())!.Decode<PublishFrame>();
        server.SendBye(DisconnectReason.ServerStopping);

        SampleEnd end = await ada.EndAsync();
        Assert.Equal(1, end.ExitCode);
        Assert.Equal("the server stopped", end.Errors[^1]);
        server.Cut();
        caller.Close();
        await relaying.ContinueWith(static over => over.Exception, TestContext.Current.CancellationToken, TaskContinuationOptions.None, TaskScheduler.Default);
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
        await server.Process.EndAsync();
        await using SampleServer again = await SampleServer.StartAtAsync(server.Port, "--identity", identity.Path);
        await ada.Terminal.UntilRowAsync("* the room began anew");
        await ada.Terminal.UntilRowAsync("ada: typed meanwhile ✓");
        await ada.Terminal.UntilAsync(screen => screen.Status.Contains("encrypted", StringComparison.Ordinal), "contact in the status");
    }
}
