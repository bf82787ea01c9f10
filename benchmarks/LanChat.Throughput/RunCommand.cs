using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace LanChat.Throughput;

/// <summary>Measures LanChat beside others on this machine: a table on standard output, Markdown and pictures in a directory.</summary>
internal static class RunCommand
{
    /// <summary>From here on, before anything is measured, others take a good part of a core.</summary>
    private const double BusyCores = 0.3;

    internal static Command Make()
    {
        var quick = new Option<bool>("--quick") { Description = "Few cases, short measurements: within two minutes" };
        var peers = new Option<string?>("--peers") { Description = "Whom to measure, with commas between: " + string.Join(",", Contestants.All.Select(one => one.Name)) };
        var cases = new Option<string?>("--cases") { Description = "What to measure, with commas between: " + string.Join(",", Case.All.Select(one => one.Key)) };
        var output = new Option<DirectoryInfo>("--output") { Description = "Where results are written", DefaultValueFactory = _ => new DirectoryInfo(Path.Combine("artifacts", "throughput")) };
        Option<int?> pairs = Between("--pairs", 1, 1000, "How often LanChat is measured, in turns with the floor; 3 if not said, and three times that where some never read. Whoever else is measured once");
        Option<double?> seconds = Between("--seconds", 0.1, 600, "How long a measurement lasts; 1 if not said, and 0.25 if quick");
        var quiet = new Option<bool>("--quiet") { Description = "No progress on standard error" };
        peers.Validators.Add(result => DemandKnown(result, [.. Contestants.All.Select(one => one.Name)]));
        cases.Validators.Add(result => DemandKnown(result, [.. Case.All.Select(one => one.Key)]));

        var run = new Command("run", "Measures LanChat beside others on this machine") { quick, peers, output, cases, pairs, seconds, quiet };
        run.SetAction((arguments, cancellation) =>
        {
            bool isQuick = arguments.GetValue(quick);
            var options = new RunOptions
            {
                Contestants = [.. Contestants.All.Where(one => arguments.GetValue(peers) is { } named ? IsNamed(named, one.Name) : true)],
                AreNamed = arguments.GetValue(peers) is not null,
                Cases = arguments.GetValue(cases) is { } named ? [.. Case.All.Where(one => IsNamed(named, one.Key))] : isQuick ? Case.Quick : Case.All,
                Pairs = arguments.GetValue(pairs) ?? 3,
                Measured = TimeSpan.FromSeconds(arguments.GetValue(seconds) ?? (isQuick ? 0.25 : 1)),
                FirstWarmUp = TimeSpan.FromSeconds(isQuick ? 0.5 : 1.5),
                WarmUp = TimeSpan.FromSeconds(isQuick ? 0.15 : 0.25),
                // serve collects up to two seconds after it has last worked, and it was seen to work for most of a second after the last member had come.
                IdleTime = TimeSpan.FromSeconds(isQuick ? 4 : 5),
                FloorForAll = !isQuick,
                Budget = isQuick ? TimeSpan.FromSeconds(115) : null,
            };
            // A thread of its own: it is pinned to a core, and blocks.
            return Task.Factory.StartNew(
                () => Run(options, isQuick, arguments.GetValue(output)!, arguments.GetValue(quiet), cancellation), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        });
        return run;
    }

    private static int Run(RunOptions options, bool isQuick, DirectoryInfo output, bool isQuiet, CancellationToken cancellation)
    {
        double? inUse = Machine.CoresInUse(cancellation);
        Pinning.PinGenerator();
        using var matrix = new Matrix(options, isQuiet ? null : Console.Error, cancellation);
        IReadOnlyList<Result> results;
        try
        {
            output.Create();
            // Now, and not after twenty minutes.
            File.Create(Path.Combine(output.FullName, Path.GetRandomFileName()), 1, FileOptions.DeleteOnClose).Dispose();
            results = matrix.Run();
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Interrupted; nothing is written.");
            return 130;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"Results cannot be written to {output}: {e.Message}");
            return 1;
        }

        var report = new Report
        {
            Date = DateTimeOffset.UtcNow,
            Machine = Machine.Description,
            Command = "LanChat.Throughput " + string.Join(' ', Environment.GetCommandLineArgs().Skip(1)),
            Commit = Machine.Commit,
            Results = results,
            Skipped = matrix.Skipped,
            Notes = [.. Notes(isQuick, inUse)],
        };
        ConsoleTable.Write(Console.Out, report);
        MarkdownReport.Write(output.FullName, report);
        return results.Any(result => result.Failure is not null) ? 1 : 0;
    }

    private static IEnumerable<string> Notes(bool isQuick, double? coresInUse)
    {
        if (coresInUse >= BusyCores)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"The machine was busy with something else when this began ({coresInUse:F1} cores in use): latencies and rates are not the servers' own.");
        }

        yield return Pinning.Note;
        yield return "A delivery is one message that arrived whole at one receiver, checked: the order of each publisher, nothing lost, nothing twice. Where one publishes, it is a connection more, whose own copy is not counted.";
        yield return "The cost of a delivery is the processor time of the server's process, kernel included. The window is for each room; the floor beside several rooms is one room of all their members.";
        yield return "Bytes per send are those per segment that arrived, as Linux counts them at the receivers: on loopback a send of up to 64 KB is one segment.";
        yield return "Others than LanChat and the floor are measured once, and not in every case; whoever --peers names is.";
        if (isQuick)
        {
            yield return "A quick run: short measurements, a floor beside LanChat only, no TLS unless --peers names it. Differences below a fifth say nothing.";
        }

        if (!Machine.IsOptimized)
        {
            yield return "This is a debug build: the figures are not LanChat's. Build with -c Release.";
        }
    }

    private static bool IsNamed(string list, string name) => Split(list).Contains(name);

    private static string[] Split(string list) => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static Option<T?> Between<T>(string name, T low, T high, string description)
        where T : struct, INumber<T> => new(name)
        {
            Description = description,
            CustomParser = result =>
            {
                if (T.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out T value) && value >= low && value <= high)
                {
                    return value;
                }

                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} must be between {low} and {high}."));
                return null;
            },
        };

    private static void DemandKnown(System.CommandLine.Parsing.OptionResult result, IReadOnlyList<string> known)
    {
        string[] names = Split(result.GetValueOrDefault<string?>() ?? "");
        Demand(result, names.Length > 0, $"{result.Option.Name} names nothing; there are {string.Join(", ", known)}.");
        foreach (string name in names)
        {
            Demand(result, known.Contains(name), string.Create(CultureInfo.InvariantCulture, $"'{name}' is not known; there are {string.Join(", ", known)}."));
        }
    }

    private static void Demand(System.CommandLine.Parsing.OptionResult result, bool isTrue, string text)
    {
        if (!isTrue)
        {
            result.AddError(text);
        }
    }
}
