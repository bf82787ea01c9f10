using System.Globalization;

namespace LanChat.Tests.Faults;

/// <summary>One run: a world made from a seed, some tens of steps in which things happen and go wrong, then the end of all faults, rest, and the laws.</summary>
internal sealed class FaultRun
{
    private readonly Random _random;
    private readonly FaultWorld _world;
    private readonly FaultSteps _steps;
    private readonly List<string> _history = [];
    private readonly int _seed;

    internal FaultRun(int seed, SeededBug? bug = null)
    {
        _seed = seed;
        _random = new Random(seed);
        ChatServerOptions options = MakeOptions();
        _world = new FaultWorld(options, bug, IsTls(seed));
        _steps = new FaultSteps(_world, _random, Say);
        Say($"{(IsTls(seed) ? "TLS" : "plain frames")}, loops {options.Loops}, history {options.MaxHistoryEntries}, counted above {options.PresenceLimit}, heartbeat {options.HeartbeatInterval.TotalSeconds} s, back within {options.ResumeWindow.TotalSeconds} s, {options.PublishRate} messages/s, the slow {options.SlowPolicy}");
    }

    /// <summary>Says whether a run's wires carry TLS: every eighth does.</summary>
    /// <remarks>A signature in a handshake is a byte longer or shorter each time, so a fault that is counted in bytes may fall elsewhere when such a seed is repeated.</remarks>
    internal static bool IsTls(int seed) => seed % 8 == 0;

    /// <summary>Gets what happened, step by step.</summary>
    internal IReadOnlyList<string> History => _history;

    /// <summary>Gets what the run came to, for the figures: entries, events seen, sends and how they ended.</summary>
    internal RunTally Tally { get; private set; } = new();

    /// <summary>Runs it; what is wrong is an exception with the seed and the history.</summary>
    internal void Execute()
    {
        try
        {
            _steps.Begin();
            int count = _random.Next(30, 80);
            for (int i = 0; i < count; i++)
            {
                _steps.TakeOne();
            }

            Say("all is healed");
            Rest();
            Laws.CheckAtRest(_world);
            Say("the end");
            End();
            Laws.CheckAtEnd(_world);
            Tally = RunTally.Of(_world);
        }
        catch (Exception exception)
        {
            throw new FaultRunException(_seed, exception, _history);
        }
    }

    private ChatServerOptions MakeOptions() => new()
    {
        Loops = _random.Next(1, 4),
        MaxHistoryEntries = Pick(0, 3, 12, 60, 10_000, 10_000),
        PresenceLimit = Pick(3, 256, 256),
        HeartbeatInterval = TimeSpan.FromSeconds(Pick(2, 5)),
        PublishRate = Pick(5, 100, 100, 100),
        PublishBurst = Pick(5, 1_000, 1_000),
        ResumeWindow = TimeSpan.FromSeconds(Pick(0, 3, 10, 30)),
        SlowPolicy = _random.Next(2) == 0 ? SlowConsumerPolicy.End : SlowConsumerPolicy.Skip,
        MaxLagBytes = 64 << 10,
        MemoryBudgetBytes = 16 << 20,
    };

    private int Pick(params ReadOnlySpan<int> values) => values[_random.Next(values.Length)];

    /// <summary>No faults any more: everything that was on its way arrives or is given up, whoever is lost is found to be so.</summary>
    private void Rest()
    {
        _world.Heal();

        // Until the last half-open wire is found, the last session has ended that nobody comes back to, and the last room is left.
        int patience = (int)((2 * _world.Options.HeartbeatInterval) + _world.Options.ResumeWindow).TotalSeconds + 8;
        for (int i = 0; i < 120; i++)
        {
            _world.Advance(TimeSpan.FromSeconds(1));
            if (i >= patience && _world.Clients.All(IsQuiet))
            {
                return;
            }
        }
    }

    private static bool IsQuiet(FaultClient client) =>
        (client.IsOver || (client.Client is { State: ChatState.Connected } && !client.IsStopping))
        && client.Sends.TrueForAll(send => send.Task.IsCompleted)
        && client.Commands.TrueForAll(command => command.Task.IsCompleted)
        && client.Visits.TrueForAll(visit => !visit.IsJoining && visit.Leaving is null or { IsCompleted: true });

    private void End()
    {
        foreach (FaultClient client in _world.Living)
        {
            client.Stop();
        }

        for (int i = 0; i < 20 && _world.Living.Any(); i++)
        {
            _world.Advance(TimeSpan.FromMilliseconds(500));
        }

        _world.StopServer(TimeSpan.FromSeconds(1));
        _world.WaitForEnds();
        _world.DisposeWires();
    }

    private void Say(string what) => _history.Add(string.Create(CultureInfo.InvariantCulture, $"{_world.Time.GetTimestamp() / (double)TimeSpan.TicksPerSecond:000.000} {what}"));
}

/// <summary>A run that failed: the seed, the command that repeats it, what was wrong, and what had happened.</summary>
internal sealed class FaultRunException(int seed, Exception cause, IReadOnlyList<string> history)
    : Exception($"Seed {seed}: {cause.Message}\nRepeat it with LANCHAT_FAULT_SEED={seed}\n{string.Join('\n', history)}", cause)
{
    internal int Seed { get; } = seed;

    internal Law? Law { get; } = (cause as LawBrokenException)?.Law;
}
