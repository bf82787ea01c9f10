using System.Globalization;
using System.Net.NetworkInformation;
using Xunit;

namespace LanChat.Tests.Support;

/// <summary>A running server sample on a port that the system chose, and those who join it.</summary>
internal sealed class SampleServer : IAsyncDisposable
{
    /// <summary>How long a client may take to connect: it starts cold, perhaps on a busy machine.</summary>
    internal const string ClientTimeout = "60s";

    private readonly List<IAsyncDisposable> _guests = [];

    // Keys and known servers of this server and its guests: a port that comes again with another key is no surprise to anybody.
    private readonly TemporaryDirectory _dataHome;

    private SampleServer(SampleProcess process, TemporaryDirectory dataHome, string welcome, int port)
    {
        Process = process;
        _dataHome = dataHome;
        Welcome = welcome;
        Port = port;
    }

    internal SampleProcess Process { get; private set; }

    internal string Welcome { get; }

    internal int Port { get; }

    /// <summary>Gets the UDP port on which it is announced, if it is.</summary>
    internal int DiscoveryPort { get; private init; }

    internal string DataHome => _dataHome.Path;

    /// <summary>The name of the interface that goes nowhere: tests look for servers on this machine only.</summary>
    internal static string Loopback { get; } =
        NetworkInterface.GetAllNetworkInterfaces().First(network => network.NetworkInterfaceType == NetworkInterfaceType.Loopback).Name;

    /// <summary>Gets the fingerprint that the server shows.</summary>
    internal string Fingerprint { get; private init; } = "";

    /// <summary>Gets the link that the server shows.</summary>
    internal ServerAddress Link { get; private init; } = new("localhost");

    /// <summary>Gets the join code that the server shows; empty when it shows none.</summary>
    internal string JoinCode { get; private init; } = "";

    /// <summary>Gets where the server says that the operator's token is.</summary>
    internal string OperatorPath { get; private init; } = "";

    internal static Task<SampleServer> StartAsync(params string[] arguments) => StartAtAsync(port: 0, arguments);

    internal static Task<SampleServer> StartAtAsync(int port, params string[] arguments) => StartAsync(port, discoveryPort: 0, ["--no-discovery", .. arguments]);

    /// <summary>Starts a server that announces itself, to this machine only and on a port of its own.</summary>
    internal static Task<SampleServer> StartAnnouncedAsync(params string[] arguments) => StartAnnouncedAsync(FreePort.Udp(), arguments);

    /// <inheritdoc cref="StartAnnouncedAsync(string[])"/>
    internal static Task<SampleServer> StartAnnouncedAsync(int discoveryPort, params string[] arguments) =>
        StartAsync(port: 0, discoveryPort, ["--bind", "127.0.0.1", "--discovery-port", $"{discoveryPort}", .. arguments]);

    /// <summary>Starts the program anew, once it has ended: on the same port and with the same key.</summary>
    internal async Task StartAgainAsync(params string[] arguments)
    {
        await Process.DisposeAsync();
        Process = SampleProcess.StartIn(DataHome, "LanChat.Server", ["--port", $"{Port}", "--no-discovery", .. arguments]);
        await Process.LineAsync(line => line.StartsWith("listening on ", StringComparison.Ordinal), "that it listens");
        Assert.Equal("fingerprint " + Fingerprint, await Process.NextLineAsync());
        await Process.LineAsync(line => line.StartsWith("operator token in ", StringComparison.Ordinal), "where the operator's token is");
    }

    private static async Task<SampleServer> StartAsync(int port, int discoveryPort, string[] arguments)
    {
        var dataHome = new TemporaryDirectory();
        SampleProcess process = SampleProcess.StartIn(dataHome.Path, "LanChat.Server", ["--port", $"{port}", .. arguments]);
        try
        {
            string welcome = await process.NextLineAsync();
            string listening = await process.NextLineAsync();
            Assert.StartsWith("listening on ", listening, StringComparison.Ordinal);
            const string Fingerprint = "fingerprint ";
            const string Link = "link ";
            string fingerprint = await process.NextLineAsync();
            string link = await process.NextLineAsync();
            Assert.StartsWith(Fingerprint, fingerprint, StringComparison.Ordinal);
            Assert.StartsWith(Link, link, StringComparison.Ordinal);
            Assert.Contains("announc", await process.NextLineAsync(), StringComparison.Ordinal);
            const string JoinCode = "join code ";
            const string Token = "operator token in ";
            string code = "";
            string token = await process.NextLineAsync();
            if (token.StartsWith(JoinCode, StringComparison.Ordinal))
            {
                code = token[JoinCode.Length..];
                token = await process.NextLineAsync();
            }

            Assert.StartsWith(Token, token, StringComparison.Ordinal);
            return new SampleServer(process, dataHome, welcome, int.Parse(listening[(listening.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture))
            {
                DiscoveryPort = discoveryPort,
                Fingerprint = fingerprint[Fingerprint.Length..],
                Link = ServerAddress.Parse(link[Link.Length..]),
                JoinCode = code,
                OperatorPath = token[Token.Length..],
            };
        }
        catch
        {
            await process.DisposeAsync();
            dataHome.Dispose();
            throw;
        }
    }

    /// <summary>Starts a client sample; whether it gets in is to be seen.</summary>
    internal SampleProcess StartClient(params string[] arguments)
    {
        SampleProcess client = SampleProcess.StartIn(_dataHome.Path, "LanChat.Client", ["--server", $"localhost:{Port}", "--timeout", ClientTimeout, .. arguments]);
        _guests.Add(client);
        return client;
    }

    /// <summary>Starts a client sample that looks for a server by itself.</summary>
    internal SampleProcess StartFindingClient(params string[] arguments)
    {
        SampleProcess client = SampleProcess.StartIn(
            _dataHome.Path, "LanChat.Client", ["--discovery-port", $"{DiscoveryPort}", "--interface", Loopback, "--timeout", ClientTimeout, .. arguments]);
        _guests.Add(client);
        return client;
    }

    /// <summary>Starts a client sample and waits until it is in the lobby.</summary>
    internal async Task<SampleProcess> JoinAsync(string name, params string[] arguments)
    {
        SampleProcess client = StartClient(["--name", name, .. arguments]);
        Assert.Equal(Welcome, await client.NextLineAsync());
        await client.LineAsync(line => line.StartsWith($"* {name} joined (", StringComparison.Ordinal), $"{name}'s own joining");
        return client;
    }

    /// <summary>Connects as netcat does.</summary>
    internal async Task<LineCaller> CallAsync()
    {
        LineCaller caller = await LineCaller.ConnectAsync(Port);
        _guests.Add(caller);
        return caller;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable guest in _guests)
        {
            await guest.DisposeAsync();
        }

        await Process.DisposeAsync();
        _dataHome.Dispose();
    }
}
