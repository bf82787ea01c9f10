using System.Runtime.InteropServices;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Terminal;

public class GivingBackTests
{
    [Theory]
    [InlineData("C-c")]
    [InlineData("C-d")]
    public async Task The_keys_that_leave_give_the_terminal_back_as_it_was(string key)
    {
        await using SampleServer server = await SampleServer.StartAsync();
        await using TerminalClient ada = await TerminalClient.JoinAsync(server, "ada");
        await ada.Terminal.PressAsync(key);
        await server.Process.LineAsync("* ada left (0 members)");
        await ada.AssertShellAsItWasAsync();
    }

    [Fact]
    public async Task Ctrl_C_empties_a_line_before_it_leaves()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        await using TerminalClient ada = await TerminalClient.JoinAsync(server, "ada");
        await ada.Terminal.TypeAsync("never mind");
        await ada.Terminal.UntilInputAsync("ada> never mind");
        await ada.Terminal.PressAsync("C-c");
        await ada.Terminal.UntilInputAsync("ada>");
        await ada.Terminal.PressAsync("C-c");
        await ada.AssertShellAsItWasAsync();
    }

    [Fact]
    public async Task Ctrl_C_gives_up_when_asked_for_a_name()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        await using TerminalClient client = await TerminalClient.StartAsync(server, "");
        await client.Terminal.UntilInputAsync("Name:");
        await client.Terminal.PressAsync("C-c");
        await client.AssertShellAsItWasAsync();
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    [InlineData("HUP")]
    [InlineData("QUIT")]
    [InlineData("ABRT")]
    public async Task A_signal_that_ends_the_client_gives_the_terminal_back_as_it_was(string signal)
    {
        if (signal is "INT" or "QUIT" && !SampleProcess.HeedsInterrupts())
        {
            Assert.Skip("Started so that interrupts are ignored.");
        }

        await using SampleServer server = await SampleServer.StartAsync();
        await using TerminalClient ada = await TerminalClient.JoinAsync(server, "ada");
        await ada.Terminal.TypeAsync("half a line");
        await ada.Terminal.UntilInputAsync("ada> half a line");
        await ada.SignalAsync(signal);
        await ada.AssertShellAsItWasAsync();
    }

    [Fact]
    public async Task A_crash_gives_the_terminal_back_as_it_was()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        string hook = typeof(GivingBackTests).Assembly.Location;
        await using TerminalClient ada = await TerminalClient.JoinAsync(server, "ada", environment: $"DOTNET_STARTUP_HOOKS={hook} DOTNET_DbgEnableMiniDump=0");
        await ada.Terminal.TypeAsync("half a line");
        await ada.Terminal.UntilInputAsync("ada> half a line");
        await ada.SignalAsync("CHLD");
        await ada.Terminal.UntilAsync(screen => screen.Lines.Any(line => line.Contains("a crash on purpose", StringComparison.Ordinal)), "the crash");
        await ada.AssertShellAsItWasAsync();
    }

    [Fact]
    public async Task When_the_server_stops_a_client_that_does_not_reconnect_says_so_and_gives_the_terminal_back()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        await using TerminalClient ada = await TerminalClient.StartAsync(server, "--name ada --no-reconnect");
        await ada.Terminal.UntilInputAsync("ada>");
        await ada.Terminal.TypeAsync("half a line");
        server.Process.Signal(PosixSignal.SIGTERM);
        await ada.Terminal.UntilAsync(screen => screen.Lines.Any(line => line.StartsWith("the server stopped", StringComparison.Ordinal)), "the reason");
        await ada.AssertShellAsItWasAsync();
    }

    [Fact]
    public async Task Ctrl_Z_gives_the_terminal_to_the_shell_until_it_lets_the_client_go_on()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        await using TerminalClient ada = await TerminalClient.JoinAsync(server, "ada");
        SampleProcess bo = await server.JoinAsync("bo");
        await ada.Terminal.TypeAsync("half a line");
        await ada.Terminal.UntilInputAsync("ada> half a line");
        await ada.Terminal.PressAsync("C-z");
        await ada.AssertShellAsItWasAsync();
        await bo.SayAsync("while you were away");
        await bo.LineAsync("ok 3");
        await ada.Terminal.SayAsync("fg");
        await ada.Terminal.UntilRowAsync("bo: while you were away");
        await ada.Terminal.UntilInputAsync("ada> half a line");
        await ada.Terminal.PressAsync("Enter");
        await bo.LineEndingAsync("] ada: half a line");
    }
}
