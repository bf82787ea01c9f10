using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Samples;

public class ClientRefusalTests
{
    [Theory]
    [InlineData("ada", "in use")]
    [InlineData("ADA", "in use")]
    [InlineData("server", "name")]
    [InlineData("a b", "name")]
    [InlineData("abcdefghijklmnopqrstuvwxyz", "name")]
    public async Task A_name_that_is_taken_or_against_the_rule_is_refused(string name, string why)
    {
        await using SampleServer server = await SampleServer.StartAsync();
        await server.JoinAsync("ada");
        SampleProcess second = server.StartClient("--name", name);
        await ExpectOneLineAsync(second, why);
    }

    [Fact]
    public async Task A_full_server_refuses()
    {
        await using SampleServer server = await SampleServer.StartAsync("--max-members", "1");
        SampleProcess ada = await server.JoinAsync("ada");
        await ExpectOneLineAsync(server.StartClient("--name", "bo"), "full");

        await ada.SayAsync("exit");
        await ada.EndAsync();
        await server.JoinAsync("bo");
    }

    [Fact]
    public async Task A_message_that_the_servers_app_rejects_is_told_in_its_words_and_not_as_an_operators_command()
    {
        await using ChatServer server = await ChatServer.StartAsync(
            new ChatServerOptions
            {
                BindAddress = IPAddress.Loopback,
                Port = 0,
                Announce = false,
                Identity = TestIdentity.Shared,
                OnPublish = (request, _) => ValueTask.FromResult(PublishDecision.Reject(text: request.Text == "rude" ? "mind your language" : "")),
            },
            TestContext.Current.CancellationToken);
        using var home = new TemporaryDirectory();
        await using SampleProcess client = SampleProcess.StartIn(home.Path, "LanChat.Client", "--server", $"{server.EndPoint}", "--name", "ada");
        await client.SayAsync("rude");
        await client.LineAsync("? 19 mind your language");
        await client.SayAsync("anything");
        await client.LineAsync("? 19 this server does not take that");
    }

    [Fact]
    public async Task Nobody_at_the_port_is_one_line()
    {
        // Bound and not listening: nobody else gets the port.
        using var bound = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        string where = bound.LocalEndPoint!.ToString()!;
        await using SampleProcess client = SampleProcess.Start("LanChat.Client", "--server", where);
        await ExpectOneLineAsync(client, where);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_given_up_within_the_timeout()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        string where = silent.LocalEndpoint.ToString()!;
        using var ended = new CancellationTokenSource();
        Task<TimeSpan> holding = HoldAsync(silent, ended.Token);
        long start = Stopwatch.GetTimestamp();
        await using SampleProcess client = SampleProcess.Start("LanChat.Client", "--server", where, "--timeout", "200ms");
        await ExpectOneLineAsync(client, where);
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.FromMilliseconds(200), TimeSpan.MaxValue);
        await ended.CancelAsync();

        // The default would be 5 s.
        Assert.InRange(await holding, TimeSpan.Zero, TimeSpan.FromSeconds(4.9));
    }

    [Theory]
    [InlineData("localhost:")]
    [InlineData("localhost:0")]
    [InlineData("localhost:99999")]
    [InlineData(":9090")]
    [InlineData("[::1")]
    public async Task What_is_no_address_is_refused(string server)
    {
        await using SampleProcess client = SampleProcess.Start("LanChat.Client", "--server", server);
        SampleEnd end = await client.EndAsync();
        Assert.NotEqual(0, end.ExitCode);
        Assert.Contains(server, end.Errors[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nosuch")]
    [InlineData("--misspelled")]
    public async Task An_interface_that_there_is_not_is_refused(string name)
    {
        await using SampleProcess client = SampleProcess.Start("LanChat.Client", "--interface", name);
        SampleEnd end = await client.EndAsync();
        Assert.NotEqual(0, end.ExitCode);
        Assert.Contains("--interface", end.Errors[0], StringComparison.Ordinal);
        Assert.Empty(end.Lines);
    }

    [Fact]
    public async Task Another_machine_is_let_in_encrypted_and_without_encryption_only_with_allow_plaintext()
    {
        IPAddress? address = NetworkInterface.GetAllNetworkInterfaces()
            .Where(network => network.OperationalStatus == OperationalStatus.Up)
            .SelectMany(network => network.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address)
            .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));
        Assert.SkipWhen(address is null, "This machine has no address but loopback.");

        await using SampleServer closed = await SampleServer.StartAsync();
        await ExpectWelcomeAsync(closed);
        await using SampleProcess refused = StartFrom(closed, "--plain");
        await ExpectOneLineAsync(refused, "--allow-plaintext");

        await using SampleServer open = await SampleServer.StartAsync("--allow-plaintext");
        await ExpectWelcomeAsync(open, "--plain");

        SampleProcess StartFrom(SampleServer server, params string[] more) =>
            SampleProcess.StartIn(server.DataHome, "LanChat.Client", ["--server", $"{address}:{server.Port}", "--name", "ada", .. more]);

        async Task ExpectWelcomeAsync(SampleServer server, params string[] more)
        {
            await using SampleProcess accepted = StartFrom(server, more);
            await accepted.SayAndEndAsync("hello\n");
            await accepted.LineAsync("ok 2");
            Assert.Equal(0, (await accepted.EndAsync()).ExitCode);
        }
    }

    // How long a caller stays who gets no answer: the start of its process, which takes its time, is not counted. Zero: its time was over before it came.
    private static async Task<TimeSpan> HoldAsync(TcpListener silent, CancellationToken ended)
    {
        try
        {
            using Socket caller = await silent.AcceptSocketAsync(ended);
            long start = Stopwatch.GetTimestamp();
            await using var stream = new NetworkStream(caller);
            await stream.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken);
            return Stopwatch.GetElapsedTime(start);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            return TimeSpan.Zero;
        }
    }

    private static async Task ExpectOneLineAsync(SampleProcess client, string why)
    {
        SampleEnd end = await client.EndAsync();
        Assert.NotEqual(0, end.ExitCode);
        Assert.Contains(why, Assert.Single(end.Errors), StringComparison.Ordinal);
        Assert.Empty(end.Lines);
    }
}
