using System.CommandLine;

namespace LanChat.Throughput;

/// <summary>Starts every contestant that can run here and sends a few messages through it, so that a measurement measures what it says.</summary>
internal static class CheckPeersCommand
{
    /// <summary>For one contestant, its start and end included. What takes this long is stuck.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1);

    internal static Command Make()
    {
        var peers = new Option<string>("--peers") { Description = "Only these, separated by commas" };
        var messages = new Option<int>("--messages") { Description = "Messages of each publisher", DefaultValueFactory = _ => 100 };
        var check = new Command("check-peers", "Checks that every contestant delivers") { peers, messages };
        messages.Validators.Add(result =>
        {
            if (result.Tokens is [.., var last] && int.TryParse(last.Value, out int count) && count < 1)
            {
                result.AddError("--messages must be 1 or more.");
            }
        });
        check.Hidden = true;
        check.SetAction((arguments, cancellationToken) => RunAsync(arguments.GetValue(peers)?.Split(',', StringSplitOptions.TrimEntries), arguments.GetValue(messages), cancellationToken));
        return check;
    }

    private static async Task<int> RunAsync(string[]? names, int messages, CancellationToken cancellationToken)
    {
        int passed = 0;
        int failed = 0;
        void Count(string what, string? problem)
        {
            _ = problem is null ? passed++ : failed++;
            Console.WriteLine(problem is null ? $"ok      {what}" : $"FAILED  {what}: {problem}");
        }

        if (names is null)
        {
            Count("signalr: records in WebSocket frames of every kind", SignalRFramesCheck.Run());
        }

        foreach (string name in names?.Except(Contestants.All.Select(contestant => contestant.Name)) ?? [])
        {
            Count(name, "there is no such contestant");
        }

        foreach (Contestant contestant in Contestants.All.Where(contestant => names is null || names.Contains(contestant.Name)))
        {
            if (contestant.WhyNot is { } reason)
            {
                Console.WriteLine($"skipped {contestant.Name}: {reason}");
                continue;
            }

            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(Timeout);
            Count(contestant.Name, await ContestantCheck.RunAsync(contestant, messages, timeout.Token));
            cancellationToken.ThrowIfCancellationRequested();
        }

        Console.WriteLine($"{passed} passed, {failed} failed");
        return failed == 0 ? 0 : 1;
    }
}
