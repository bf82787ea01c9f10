namespace LanChat.Tests.Faults;

/// <summary>What runs came to: figures that show that something happened in them.</summary>
internal sealed record RunTally
{
    internal long Entries { get; init; }

    internal long Events { get; init; }

    internal long Accepted { get; init; }

    internal long Rejected { get; init; }

    internal long Unknown { get; init; }

    internal long Connections { get; init; }

    internal long SlowEnds { get; init; }

    internal long Skips { get; init; }

    internal long Gaps { get; init; }

    internal long Resumed { get; init; }

    internal long Resets { get; init; }

    /// <summary>Gets a number that is the same only if everybody saw the same, and the rooms had the same.</summary>
    internal long Fingerprint { get; init; }

    public static RunTally operator +(RunTally one, RunTally other) => new()
    {
        Entries = one.Entries + other.Entries,
        Events = one.Events + other.Events,
        Accepted = one.Accepted + other.Accepted,
        Rejected = one.Rejected + other.Rejected,
        Unknown = one.Unknown + other.Unknown,
        Connections = one.Connections + other.Connections,
        SlowEnds = one.SlowEnds + other.SlowEnds,
        Skips = one.Skips + other.Skips,
        Gaps = one.Gaps + other.Gaps,
        Resumed = one.Resumed + other.Resumed,
        Resets = one.Resets + other.Resets,
        Fingerprint = unchecked((one.Fingerprint * 31) + other.Fingerprint),
    };

    public override string ToString() =>
        $"{Accepted} accepted, {Rejected} rejected, {Unknown} unknown; {Entries} entries, seen {Events} times; {Connections} connections, {SlowEnds} ended and {Skips} skipped for being slow, {Resumed} resumed, {Gaps} gaps, {Resets} resets";

    internal static RunTally Of(FaultWorld world)
    {
        List<RoomEvent> events = [.. world.Clients.SelectMany(client => client.Visits).SelectMany(visit => visit.Reader?.Events ?? [])];
        List<SendResult> results = [.. world.Clients.SelectMany(client => client.Sends).Where(sent => sent.Task.IsCompletedSuccessfully).Select(sent => sent.Task.Result)];
        return new RunTally
        {
            Entries = world.Log.Lives.Sum(life => life.Entries.Count),
            Events = events.Count,
            Accepted = results.Count(result => result.IsAccepted),
            Rejected = results.Count(result => result.Outcome == SendOutcome.Rejected),
            Unknown = results.Count(result => result.Outcome == SendOutcome.Unknown),
            Connections = world.Clients.Sum(client => client.Record.Sessions.Count),
            SlowEnds = world.Clients.Sum(client => client.Record.Byes.Count(reason => reason == DisconnectReason.TooSlow)),
            Skips = world.Clients.Sum(client => client.Record.ToldGaps),
            Gaps = events.Count(e => e is Gap),
            Resumed = events.Count(e => e is Resumed),
            Resets = events.Count(e => e is Reset),
            Fingerprint = FingerprintOf(world.Log.Lives.SelectMany(life => life.Entries).Select(entry => entry.ToString()).Concat(events.Select(e => $"{e.GetType().Name} {e.Sequence} {e.IsReplay}"))),
        };
    }

    // Not HashCode: that is another one in each process.
    private static long FingerprintOf(IEnumerable<string> lines) =>
        lines.Aggregate(17L, static (all, line) => line.Aggregate(all, static (sum, character) => unchecked((sum * 31) + character)));
}
