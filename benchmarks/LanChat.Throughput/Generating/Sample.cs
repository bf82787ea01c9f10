namespace LanChat.Throughput;

/// <summary>What one run of a conversation gave.</summary>
internal sealed record Sample
{
    internal required long Deliveries { get; init; }

    internal required long ServerNanoseconds { get; init; }

    internal required double Seconds { get; init; }

    internal double? BytesPerSend { get; init; }

    internal double? P50 { get; init; }

    internal double? P99 { get; init; }

    internal double? P999 { get; init; }

    internal double NanosecondsPerDelivery => (double)ServerNanoseconds / Deliveries;

    internal double DeliveriesPerSecond => Deliveries / Seconds;
}
