using System.Net;
using System.Net.NetworkInformation;
using System.Runtime.InteropServices;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Samples;

public class ServerProcessTests
{
    [Theory]
    [InlineData(PosixSignal.SIGTERM)]
    [InlineData(PosixSignal.SIGINT)]
    public async Task A_signal_stops_the_server_gracefully(PosixSignal signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no signals to send on Windows.");
        Assert.SkipWhen(signal == PosixSignal.SIGINT && !SampleProcess.HeedsInterrupts(), "Ctrl-C is ignored here, and so it is by what is started from here.");
        await using SampleServer server = await SampleServer.StartAsync();
        SampleProcess ada = await server.JoinAsync("ada");
        server.Process.Signal(signal);

        Assert.Contains("the server stopped", (await ada.EndAsync()).Errors[^1], StringComparison.Ordinal);
        SampleEnd end = await server.Process.EndAsync();
        Assert.Equal(0, end.ExitCode);
        Assert.Empty(end.Errors);
    }

    [Fact]
    public async Task The_end_of_its_input_does_not_stop_the_server()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        server.Process.EndInput();
        SampleProcess ada = await server.JoinAsync("ada");
        await ada.SayAsync("still there?");
        await ada.LineAsync("ok 2");
        await server.Process.LineEndingAsync("] ada: still there?");
    }

    [Fact]
    public async Task A_port_that_is_taken_is_an_error_that_names_it()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        await using SampleProcess second = SampleProcess.Start("LanChat.Server", "--port", $"{server.Port}");
        SampleEnd end = await second.EndAsync();
        Assert.NotEqual(0, end.ExitCode);
        Assert.Contains($"{server.Port}", end.Errors[^1], StringComparison.Ordinal);
        Assert.Empty(end.Lines);
    }

    [Fact]
    public async Task It_listens_where_it_is_told_to()
    {
        await using SampleProcess server = SampleProcess.Start("LanChat.Server", "--bind", "127.0.0.1", "--port", "0", "--welcome", "hi");
        Assert.Equal("hi", await server.NextLineAsync());
        Assert.Matches("^listening on 127\\.0\\.0\\.1:[1-9]\\d*$", await server.NextLineAsync());
        await server.SayAsync("exit");
        Assert.Equal(0, (await server.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task What_it_says_of_an_IPv6_address_can_be_copied_into_a_client()
    {
        Assert.SkipUnless(HasIPv6Loopback(), "This machine has no ::1.");
        using var home = new TemporaryDirectory();
        await using SampleProcess server = SampleProcess.StartIn(home.Path, "LanChat.Server", "--bind", "::1", "--port", "0", "--no-discovery", "--welcome", "hi");
        Assert.Equal("hi", await server.NextLineAsync());
        string listening = await server.NextLineAsync();
        Assert.Matches(@"^listening on \[::1\]:[1-9]\d*$", listening);
        await server.NextLineAsync();
        string link = await server.NextLineAsync();
        Assert.Matches(@"^link lanchat://\[::1\]:[1-9]\d*/#.", link);
        foreach (string where in new[] { listening["listening on ".Length..], link["link ".Length..] })
        {
            await using SampleProcess client = SampleProcess.StartIn(home.Path, "LanChat.Client", "--server", where, "--name", "ada");
            Assert.Equal("hi", await client.NextLineAsync());
            await client.SayAndEndAsync("");
            Assert.Equal(0, (await client.EndAsync()).ExitCode);
        }

        await server.SayAsync("exit");
        Assert.Equal(0, (await server.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task Who_says_nothing_is_warned_and_ended_at_the_idle_limit()
    {
        await using SampleServer server = await SampleServer.StartAsync("--idle", "3s");
        SampleProcess ada = server.StartClient("--name", "ada");
        await ada.LineAsync(line => line.StartsWith("! ", StringComparison.Ordinal), "a warning");
        SampleEnd end = await ada.EndAsync();
        Assert.NotEqual(0, end.ExitCode);
        Assert.Contains("idle", end.Errors[^1], StringComparison.Ordinal);
        await server.Process.LineAsync("* ada left (0 members): idle");
    }

    [Theory]
    [InlineData("--port", "70000")]
    [InlineData("--port", "http")]
    [InlineData("--bind", "here")]
    [InlineData("--idle", "3 days")]
    [InlineData("--idle", "1ms")]
    [InlineData("--max-members", "0")]
    [InlineData("--rate", "-1")]
    [InlineData("--name", "")]
    [InlineData("--identity", "")]
    [InlineData("--identity", " ")]
    [InlineData("--interface", "")]
    public async Task A_value_that_cannot_be_is_refused(string option, string value)
    {
        await using SampleProcess server = SampleProcess.Start("LanChat.Server", option, value);
        SampleEnd end = await server.EndAsync();
        Assert.NotEqual(0, end.ExitCode);
        Assert.NotEmpty(end.Errors);
        Assert.DoesNotContain(end.Errors, line => line.Contains("Exception", StringComparison.Ordinal));
        Assert.DoesNotContain(end.Lines, line => line.StartsWith("listening", StringComparison.Ordinal));
    }

    private static bool HasIPv6Loopback() => NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(network => network.GetIPProperties().UnicastAddresses)
        .Any(unicast => unicast.Address.Equals(IPAddress.IPv6Loopback));
}
