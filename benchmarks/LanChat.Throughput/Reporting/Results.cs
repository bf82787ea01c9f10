using System.Text.Json.Serialization;

namespace LanChat.Throughput;

/// <summary>What one run measured, and where: all that a table or a picture is made of.</summary>
internal sealed record Report
{
    public required DateTimeOffset Date { get; init; }

    /// <summary>Gets the machine in one line: processor, cores, kernel, runtime.</summary>
    public required string Machine { get; init; }

    /// <summary>Gets the command that makes these figures again.</summary>
    public required string Command { get; init; }

    public required string Commit { get; init; }

    public required IReadOnlyList<Result> Results { get; init; }

    /// <summary>Gets what was not measured at all, a sentence each: a server that is not installed, a case that was left out.</summary>
    public IReadOnlyList<string> Skipped { get; init; } = [];

    /// <summary>Gets what a reader of the figures has to know, a sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>One contestant in one case: medians over <see cref="Runs"/>. A figure that does not belong to the case, or could not be taken, is null (or zero, where it cannot be null).</summary>
internal sealed record Result
{
    public required string Contestant { get; init; }

    /// <summary>Gets "one room", "all to all", "8 rooms", "700 B", "latency", "1 of 100 frozen", "50 of 100 frozen", "idle", "handshakes" or "two loops".</summary>
    public required string Case { get; init; }

    public int Members { get; init; }

    /// <summary>Gets how many messages are under way at once; 0 where messages are sent at a <see cref="Rate"/>, or not at all.</summary>
    public int Window { get; init; }

    /// <summary>Gets the messages sent a second; 0 where the next is sent when one is complete.</summary>
    public int Rate { get; init; }

    public int PayloadBytes { get; init; }

    /// <summary>Gets the length of one delivered message on the wire.</summary>
    public int FrameBytes { get; init; }

    public int Loops { get; init; } = 1;

    public int Runs { get; init; }

    /// <summary>Gets what the server's process took of the processor for each delivery; 0 if that was not measured.</summary>
    public double NanosecondsPerDelivery { get; init; }

    /// <summary>Gets the same of the floor, with frames of the same length and in the same sitting.</summary>
    public double? FloorNanoseconds { get; init; }

    public double DeliveriesPerSecond { get; init; }

    public double? BytesPerSend { get; init; }

    public double? P50Microseconds { get; init; }

    public double? P99Microseconds { get; init; }

    public double? P999Microseconds { get; init; }

    /// <summary>Gets the floor's p50, measured in turns with it; where some are frozen, that of the same without them.</summary>
    public double? FloorP50Microseconds { get; init; }

    public double? FloorP99Microseconds { get; init; }

    public double? BytesPerMember { get; init; }

    public double? HandshakesPerSecond { get; init; }

    /// <summary>Gets why there is no figure, in a sentence; null where there is one.</summary>
    public string? Failure { get; init; }

    /// <summary>Gets how many times the floor's cost a delivery costs.</summary>
    [JsonIgnore]
    public double? Ratio => NanosecondsPerDelivery > 0 && FloorNanoseconds > 0 ? NanosecondsPerDelivery / FloorNanoseconds : null;
}

[JsonSourceGenerationOptions(WriteIndented = true, NewLine = "\n", NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Report))]
internal sealed partial class ReportJson : JsonSerializerContext;
