using System.Globalization;
using Xunit;

namespace LanChat.Tests.Support;

/// <summary>A running server sample on a port that the system chose, and those who join it.</summary>
internal sealed class SampleServer : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _guests = [];

    private SampleServer(SampleProcess process, string welcome, int port)
    {
        Process = process;
        Welcome = welcome;
        Port = port;
    }

    internal SampleProcess Process { get; }

    internal string Welcome { get; }

    internal int Port { get; }

    internal static async Task<SampleServer> StartAsync(params string[] arguments)
    {
        SampleProcess process = SampleProcess.Start("LanChat.Server", ["--port", "0", "--no-discovery", .. arguments]);
        try
        {
            string welcome = await process.NextLineAsync();
            string listening = await process.NextLineAsync();
            Assert.StartsWith("listening on ", listening, StringComparison.Ordinal);
            return new SampleServer(process, welcome, int.Parse(listening[(listening.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture));
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a client sample; whether it gets in is to be seen.</summary>
    internal SampleProcess StartClient(params string[] arguments)
    {
        SampleProcess client = SampleProcess.Start("LanChat.Client", ["--server", $"localhost:{Port}", .. arguments]);
        _guests.Add(client);
        return client;
    }

    /// <summary>Starts a client sample and waits until it is in the lobby.</summary>
    internal async Task<SampleProcess> JoinAsync(string name)
    {
        SampleProcess client = StartClient("--name", name);
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
    }
}
