using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using LanChat.Text;

namespace LanChat.Throughput;

/// <summary>A contestant's server: a process of its own, on the first core, which ends with this object, and at the latest with this program.</summary>
internal sealed class ServerProcess : IDisposable
{
    private const int MaxKeptLines = 5;

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(15);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("lanchat-throughput-");
    private readonly Process _process;
    private readonly Queue<string> _said = new();

    /// <summary>Starts it; <see cref="WaitUntilListening"/> says when it can be used.</summary>
    internal ServerProcess(Contestant contestant, int loops)
    {
        Port = FreePort();
        ProcessStartInfo command = contestant.Server(Port, loops, _directory.FullName);
        command.UseShellExecute = false;
        command.RedirectStandardOutput = true;
        command.RedirectStandardError = true;
        _process = new Process { StartInfo = command };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        AppDomain.CurrentDomain.ProcessExit += EndWithProgram;
        try
        {
            Pinning.StartServer(_process, loops);
        }
        catch
        {
            Dispose();
            throw;
        }

        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Meter = new ProcessMeter(_process);
    }

    internal int Port { get; }

    internal ProcessMeter Meter { get; }

    /// <summary>Gets the last lines it wrote, for whoever wonders why it failed.</summary>
    internal string LastWords
    {
        get
        {
            lock (_said)
            {
                return string.Join(" / ", _said);
            }
        }
    }

    /// <summary>Waits until a connection succeeds; returns why none does.</summary>
    internal string? WaitUntilListening(CancellationToken cancellation)
    {
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < StartTimeout)
        {
            if (_process.WaitForExit(20))
            {
                // To the end of what it wrote.
                _process.WaitForExit();
                return $"The server ended with code {_process.ExitCode}: {LastWords}";
            }

            cancellation.ThrowIfCancellationRequested();
            try
            {
                using var probe = new TcpClient();
                probe.Connect(IPAddress.Loopback, Port);
                return null;
            }
            catch (SocketException)
            {
                // Not yet.
            }
        }

        return $"The server did not listen within {StartTimeout.TotalSeconds:F0} seconds: {LastWords}";
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= EndWithProgram;
        End();
        _process.Dispose();
        try
        {
            _directory.Delete(recursive: true);
        }
        catch (IOException)
        {
            // A temporary directory that something still holds is the system's to clean.
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void EndWithProgram(object? sender, EventArgs e) => End();

    private void End()
    {
        try
        {
            _process.Kill();
            _process.WaitForExit(5000);
        }
        catch (InvalidOperationException)
        {
            // It was never started.
        }
    }

    private void Keep(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            return;
        }

        lock (_said)
        {
            _said.Enqueue(TextRules.SanitizeToLine(line.Trim()));
            if (_said.Count > MaxKeptLines)
            {
                _said.Dequeue();
            }
        }
    }
}
