using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using LanChat.Text;

namespace LanChat.Throughput;

/// <summary>A contestant's server as a child process, from when it takes connections until it is ended.</summary>
internal sealed class PeerServer : IAsyncDisposable
{
    private const int KeptLines = 5;

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);

    private readonly Process _process;
    private readonly Queue<string> _lines = [];

    private PeerServer(Process process, int port)
    {
        _process = process;
        Port = port;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    internal int Port { get; }

    /// <summary>Gets the last that it wrote, for whoever wants to know why it failed.</summary>
    internal string LastLines
    {
        get
        {
            lock (_lines)
            {
                return string.Join(" / ", _lines);
            }
        }
    }

    internal static async Task<PeerServer> StartAsync(Contestant contestant, string directory, CancellationToken cancellationToken)
    {
        int port = FreePort();
        ProcessStartInfo start = contestant.Server(port, loops: 1, directory);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        var server = new PeerServer(Process.Start(start)!, port);
        try
        {
            await server.WaitForConnectionAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    // Some of these servers say nothing when they are ready, so there is only to try.
    private async Task WaitForConnectionAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(LookInterval);
        while (!_process.HasExited)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Port), cancellationToken);
                return;
            }
            catch (SocketException)
            {
                await timer.WaitForNextTickAsync(cancellationToken);
            }
        }

        await _process.WaitForExitAsync(cancellationToken);
        throw new IOException($"The server ended with {_process.ExitCode} before it took a connection. {LastLines}");
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lines)
        {
            _lines.Enqueue(TextRules.SanitizeToLine(line));
            if (_lines.Count > KeptLines)
            {
                _lines.Dequeue();
            }
        }
    }
}
