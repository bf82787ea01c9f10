using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace LanChat.Tests.Support;

/// <summary>A sample program as a user starts it: a process of its own, fed and read line by line through pipes.</summary>
/// <remarks>Every wait has a deadline and fails with all that the program has said so far. Disposing kills the process if it still runs.</remarks>
internal sealed partial class SampleProcess : IAsyncDisposable
{
    // The numbers that are the same on every Unix.
    private const int Interrupt = 2;
    private const int Terminate = 15;

    // Linux's.
    private const int ContinueOnLinux = 18;
    private const int StopOnLinux = 19;

    // Far more than anything takes, also on a machine that is busy with other things.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly List<string> _said = [];
    private readonly Task _reading;
    private readonly Task<string> _errors;

    private SampleProcess(Process process)
    {
        _process = process;
        _reading = ReadAsync();
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Starts <c>LanChat.Server</c> or <c>LanChat.Client</c>, as built together with these tests.</summary>
    internal static SampleProcess Start(string sample, params string[] arguments) => StartIn(dataHome: null, sample, arguments);

    /// <summary>Starts it with a data directory of its own: keys and known servers are kept there.</summary>
    internal static SampleProcess StartIn(string? dataHome, string sample, params string[] arguments) => StartWith(dataHome, joinCode: null, sample, arguments);

    /// <summary>Starts it with a join code in its environment as well.</summary>
    internal static SampleProcess StartWith(string? dataHome, string? joinCode, string sample, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [PathOf(sample), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = System.Text.Encoding.UTF8,
            StandardErrorEncoding = System.Text.Encoding.UTF8,
        };
        if (dataHome is not null)
        {
            start.Environment["XDG_DATA_HOME"] = dataHome;
        }

        start.Environment["LANCHAT_JOIN_CODE"] = joinCode;

        return new SampleProcess(Process.Start(start) ?? throw new InvalidOperationException($"{sample} did not start."));
    }

    internal async Task SayAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    internal async Task SayAndEndAsync(string text)
    {
        try
        {
            await _process.StandardInput.WriteAsync(text);
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // Nobody hears it: all right for a process that ends, and for no other.
            await _process.WaitForExitAsync().WaitAsync(Deadline);
        }
    }

    internal void EndInput() => _process.StandardInput.Close();

    /// <summary>Takes the next line of output.</summary>
    internal async Task<string> NextLineAsync() => await TryNextLineAsync() ?? throw Unexpected("a line", "the output ended");

    /// <summary>Takes lines until one satisfies the condition, and returns that one.</summary>
    internal async Task<string> LineAsync(Func<string, bool> isWanted, string wanted)
    {
        while (await TryNextLineAsync(wanted) is { } line)
        {
            if (isWanted(line))
            {
                return line;
            }
        }

        throw Unexpected(wanted, "the output ended");
    }

    internal Task<string> LineAsync(string line) => LineAsync(candidate => candidate == line, $"'{line}'");

    internal Task<string> LineEndingAsync(string end) => LineAsync(line => line.EndsWith(end, StringComparison.Ordinal), $"'…{end}'");

    /// <summary>Waits for the end of the process and returns its exit code, the rest of its output and all that it wrote to standard error.</summary>
    internal async Task<SampleEnd> EndAsync()
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(Deadline);
            string errors = await _errors.WaitAsync(Deadline);
            await _reading.WaitAsync(Deadline);
            List<string> rest = [];
            while (_lines.Reader.TryRead(out string? line))
            {
                rest.Add(line);
            }

            return new SampleEnd(_process.ExitCode, rest, errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        }
        catch (TimeoutException)
        {
            throw Unexpected("the end of the process", "it still runs");
        }
    }

    /// <summary>Says whether a process started from here heeds Ctrl-C. One that a script starts in the background does not, and passes that on.</summary>
    internal static bool HeedsInterrupts()
    {
        const string Ignored = "SigIgn:";
        string? mask = File.Exists("/proc/self/status")
            ? File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(Ignored, StringComparison.Ordinal))
            : null;
        return mask is null || (Convert.ToUInt64(mask[Ignored.Length..].Trim(), 16) & 1UL << (Interrupt - 1)) == 0;
    }

    /// <summary>Sends a signal, as a terminal or an init system does.</summary>
    internal void Signal(PosixSignal signal)
    {
        Signal(signal switch { PosixSignal.SIGINT => Interrupt, PosixSignal.SIGTERM => Terminate, _ => throw new ArgumentOutOfRangeException(nameof(signal)) });
    }

    /// <summary>Stops it where it stands, as a closed lid does: its connections stay open, and nobody is there. On Linux.</summary>
    internal void Suspend() => Signal(StopOnLinux);

    /// <summary>Lets it go on after <see cref="Suspend"/>.</summary>
    internal void Wake() => Signal(ContinueOnLinux);

    /// <summary>Ends it at once, as if its machine had lost power: it says nothing to anybody.</summary>
    internal void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private async Task<string?> TryNextLineAsync(string wanted = "a line")
    {
        try
        {
            using var deadline = new CancellationTokenSource(Deadline);
            return await _lines.Reader.WaitToReadAsync(deadline.Token) && _lines.Reader.TryRead(out string? line) ? line : null;
        }
        catch (OperationCanceledException)
        {
            throw Unexpected(wanted, $"nothing came for {Deadline.TotalSeconds} s");
        }
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            lock (_said)
            {
                _said.Add(line);
            }

            _lines.Writer.TryWrite(line);
        }

        _lines.Writer.Complete();
    }

    private InvalidOperationException Unexpected(string wanted, string instead)
    {
        string errors = _errors.IsCompletedSuccessfully ? _errors.Result : "";
        lock (_said)
        {
            return new InvalidOperationException($"Expected {wanted}, but {instead}. Output:\n{string.Join('\n', _said)}\nErrors:\n{errors}");
        }
    }

    /// <summary>Returns where a sample is, as built together with these tests.</summary>
    internal static string PathOf(string sample)
    {
        // .../bin/<configuration>/<framework>/
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        string path = Path.Combine(Repository.Root, "samples", sample, "bin", output.Parent!.Name, output.Name, $"{sample}.dll");
        return File.Exists(path) ? path : throw new FileNotFoundException("Build the solution: the sample is missing.", path);
    }

    private void Signal(int number)
    {
        if (Kill(_process.Id, number) != 0)
        {
            throw new Win32Exception();
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int process, int signal);
}

/// <summary>How a sample ended: what its shell would see.</summary>
internal sealed record SampleEnd(int ExitCode, IReadOnlyList<string> Lines, IReadOnlyList<string> Errors);
