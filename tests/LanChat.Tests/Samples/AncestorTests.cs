using System.Net;
using System.Net.Sockets;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Samples;

/// <summary>What the five programs could do that LanChat replaces, done by its samples as a user starts them. (The fourth's UDP messages and its stop by a client come later.)</summary>
/// <remarks>Discovery runs on a port of each test's own and on loopback only, so that no server of this machine's or the network's takes part.</remarks>
public class AncestorTests
{
    [Fact]
    public async Task First_the_server_announces_itself_the_client_finds_it_and_every_message_is_acknowledged()
    {
        await using SampleServer server = await SampleServer.StartAnnouncedAsync("--name", "Den");
        SampleProcess ada = server.StartFindingClient("--name", "ada");
        Assert.Equal("Welcome to Den", await ada.NextLineAsync());
        Assert.Equal("* ada joined (1 member)", await ada.NextLineAsync());

        await ada.SayAsync("one");
        Assert.Equal("ok 2", await ada.NextLineAsync());
        await ada.SayAsync("two");
        Assert.Equal("ok 3", await ada.NextLineAsync());
    }

    [Fact]
    [HostileInput(5, "the old protocol in plain text")]
    public async Task First_a_client_of_that_time_hears_the_old_beacon_and_talks_in_lines()
    {
        using var old = new UdpClient();
        old.Client.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        old.Client.Bind(new IPEndPoint(IPAddress.Any, 0));
        int port = ((IPEndPoint)old.Client.LocalEndPoint!).Port;
        await using SampleServer server = await SampleServer.StartAnnouncedAsync(port, "--legacy-beacon");

        IPEndPoint? sender = null;
        byte[] datagram = [];
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!"response"u8.SequenceEqual(datagram))
        {
            UdpReceiveResult received = await old.ReceiveAsync(deadline.Token);
            (datagram, sender) = (received.Buffer, received.RemoteEndPoint);
        }

        Assert.Equal(IPAddress.Loopback, sender!.Address);
        LineCaller caller = await server.CallAsync();
        await caller.SayAsync("hello from the past");
        await server.Process.LineEndingAsync(": hello from the past");
    }

    [Fact]
    public async Task First_a_client_that_finds_no_server_says_what_to_check_and_ends()
    {
        await using SampleProcess client = SampleProcess.Start("LanChat.Client", "--discovery-port", $"{FreePort.Udp()}", "--interface", SampleServer.Loopback);
        SampleEnd end = await client.EndAsync();

        Assert.NotEqual(0, end.ExitCode);
        string line = Assert.Single(end.Errors);
        Assert.Contains("--server", line, StringComparison.Ordinal);
        Assert.Contains("UDP", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task First_with_several_servers_a_piped_client_lists_them_and_does_not_guess()
    {
        int port = FreePort.Udp();
        await using SampleServer den = await SampleServer.StartAnnouncedAsync(port, "--name", "Den");
        await using SampleServer attic = await SampleServer.StartAnnouncedAsync(port, "--name", "Attic");
        SampleEnd end = await FindAsync(port, "Den", "Attic");

        Assert.NotEqual(0, end.ExitCode);
        string errors = string.Join('\n', end.Errors);
        Assert.Contains("Den", errors, StringComparison.Ordinal);
        Assert.Contains("Attic", errors, StringComparison.Ordinal);
        Assert.Empty(end.Lines);
    }

    [Fact]
    public async Task Second_a_message_goes_to_everyone_else_also_after_one_of_them_is_killed()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        SampleProcess[] clients = new SampleProcess[6];
        for (int i = 0; i < clients.Length; i++)
        {
            clients[i] = await server.JoinAsync($"member{i}");
        }

        clients[5].Kill();
        await clients[0].LineAsync(line => line == "* member5 lost contact", "the end of who was killed");

        await clients[0].SayAsync("still here?");
        await clients[0].LineAsync(line => line.StartsWith("ok ", StringComparison.Ordinal), "the confirmation");
        foreach (SampleProcess other in clients[1..5])
        {
            await other.LineEndingAsync("] member0: still here?");
        }

        await server.Process.SayAsync("dinner at eight");
        foreach (SampleProcess client in clients[..5])
        {
            await client.LineAsync("! dinner at eight");
        }
    }

    [Fact]
    public async Task Second_exit_closes_cleanly_on_either_side()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        SampleProcess ada = await server.JoinAsync("ada");
        SampleProcess bo = await server.JoinAsync("bo");

        await ada.SayAsync("exit");
        Assert.Equal(0, (await ada.EndAsync()).ExitCode);
        await bo.LineAsync("* ada left (1 member)");

        await server.Process.SayAsync("exit");
        Assert.Equal(0, (await server.Process.EndAsync()).ExitCode);
        SampleEnd end = await bo.EndAsync();
        Assert.NotEqual(0, end.ExitCode);
        Assert.Contains("stop", Assert.Single(end.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Second_a_client_that_cannot_connect_says_so_and_does_not_crash()
    {
        // Nobody else gets the port, and nobody listens there.
        using var bound = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using SampleProcess client = SampleProcess.Start("LanChat.Client", "--server", $"{bound.LocalEndPoint}");
        SampleEnd end = await client.EndAsync();

        Assert.Equal(1, end.ExitCode);
        Assert.StartsWith("cannot connect to 127.0.0.1:", Assert.Single(end.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Third_names_are_unique_and_comings_and_goings_are_told_to_all()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        SampleProcess ada = await server.JoinAsync("ada");
        SampleProcess second = server.StartClient("--name", "ada");
        SampleEnd refused = await second.EndAsync();
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("in use", refused.Errors[^1], StringComparison.Ordinal);

        SampleProcess bo = await server.JoinAsync("bo");
        await ada.LineAsync("* bo joined (2 members)");
        await bo.SayAsync("/quit");
        Assert.Equal(0, (await bo.EndAsync()).ExitCode);
        await ada.LineAsync("* bo left (1 member)");
        await server.Process.LineAsync("* bo left (1 member)");
    }

    [Theory]
    [InlineData("udp")]
    [InlineData("random")]
    public async Task Fourth_messages_go_by_TCP_and_UDP_side_by_side_and_nobody_sees_a_difference(string transport)
    {
        await using SampleServer server = await SampleServer.StartAsync("--rate", "0");
        SampleProcess ada = await server.JoinAsync("ada");
        SampleProcess bo = await server.JoinAsync("bo", "--transport", transport);
        await ada.LineAsync("* bo joined (2 members)");
        const int Lines = 40;
        await bo.SayAndEndAsync(string.Concat(Enumerable.Range(0, Lines).Select(i => $"line {i}\n")) + "/msg ada psst\n");
        for (int i = 0; i < Lines; i++)
        {
            Assert.Equal($"ok {i + 3}", await bo.NextLineAsync());
        }

        Assert.Equal("ok 1", await bo.NextLineAsync());
        Assert.Equal(0, (await bo.EndAsync()).ExitCode);
        for (int i = 0; i < Lines; i++)
        {
            await ada.LineEndingAsync($"] bo: line {i}");
        }
    }

    [Fact]
    public async Task Fifth_the_welcome_the_count_at_every_coming_and_going_and_the_confirmation()
    {
        await using SampleServer server = await SampleServer.StartAsync("--welcome", "Make yourself at home");
        Assert.Equal("Make yourself at home", server.Welcome);
        SampleProcess ada = await server.JoinAsync("ada");
        SampleProcess bo = await server.JoinAsync("bo");
        await ada.LineAsync("* bo joined (2 members)");
        await server.Process.LineAsync("* ada joined (1 member)");
        await server.Process.LineAsync("* bo joined (2 members)");
        await bo.SayAsync("hello");
        Assert.Equal("ok 3", await bo.NextLineAsync());
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]")]
    public async Task Fifth_a_server_is_named_by_host_name_or_address(string host)
    {
        Assert.SkipWhen(host == "[::1]" && !Socket.OSSupportsIPv6, "This machine has no IPv6.");
        await using SampleServer server = await SampleServer.StartAsync();
        await using SampleProcess ada = SampleProcess.StartIn(server.DataHome, "LanChat.Client", "--server", $"{host}:{server.Port}", "--name", "ada");
        await ada.SayAndEndAsync("hello\n");
        await ada.LineAsync("ok 2");
        Assert.Equal(0, (await ada.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task Fifth_who_says_nothing_for_too_long_is_warned_and_ended()
    {
        await using SampleServer server = await SampleServer.StartAsync("--idle", "3s");
        SampleProcess ada = server.StartClient("--name", "ada");
        await ada.LineAsync(line => line.StartsWith("! ", StringComparison.Ordinal), "the warning");
        SampleEnd end = await ada.EndAsync();

        Assert.NotEqual(0, end.ExitCode);
        Assert.Contains("idle", end.Errors[^1], StringComparison.OrdinalIgnoreCase);
        await server.Process.LineAsync(line => line.StartsWith("* ada left (0 members)", StringComparison.Ordinal), "ada's leaving");
    }

    // A search is over 300 ms after the first answer: on a busy machine another's may come too late. Then somebody else looks, who knows nobody yet.
    private static async Task<SampleEnd> FindAsync(int port, params string[] names)
    {
        const int MaxAttempts = 10;
        for (int attempt = 1; ; attempt++)
        {
            using var home = new TemporaryDirectory();
            await using SampleProcess client = SampleProcess.StartIn(
                home.Path, "LanChat.Client", "--discovery-port", $"{port}", "--interface", SampleServer.Loopback, "--name", "ada");
            client.EndInput();
            SampleEnd end = await client.EndAsync();
            string errors = string.Join('\n', end.Errors);
            if (attempt == MaxAttempts || names.All(name => errors.Contains(name, StringComparison.Ordinal)))
            {
                return end;
            }
        }
    }
}
