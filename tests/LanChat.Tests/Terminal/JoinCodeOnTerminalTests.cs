using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Terminal;

public class JoinCodeOnTerminalTests
{
    [Fact]
    public async Task A_person_is_asked_for_the_code_until_it_is_right()
    {
        await using SampleServer server = await SampleServer.StartAsync("--join-code", "auto");
        await using TerminalClient ada = await TerminalClient.StartAsync(server, "--name ada");
        await ada.Terminal.UntilInputAsync("Join code:");
        await ada.Terminal.UntilRowAsync("? the server asks for a join code");

        await ada.Terminal.SayAsync("open sesame");
        await ada.Terminal.UntilAsync(screen => screen.Lines.Any(line => line.Contains("the join code is wrong", StringComparison.Ordinal)), "that it is wrong");
        await ada.Terminal.UntilInputAsync("Join code:");
        await ada.Terminal.SayAsync(server.JoinCode);
        await ada.Terminal.UntilInputAsync("ada>");

        await ada.Terminal.SayAsync("/quit");
        await ada.AssertShellAsItWasAsync();
    }

    [Fact]
    public async Task Who_has_no_code_leaves()
    {
        await using SampleServer server = await SampleServer.StartAsync("--join-code", "auto");
        await using TerminalClient ada = await TerminalClient.StartAsync(server, "--name ada");
        await ada.Terminal.UntilInputAsync("Join code:");
        await ada.Terminal.PressAsync("Enter");
        await ada.AssertShellAsItWasAsync();
    }
}
