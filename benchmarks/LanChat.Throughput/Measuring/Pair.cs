namespace LanChat.Throughput;

/// <summary>A contestant and what is measured beside it, the floor or the same without those who never read, kept for all cases that the same connections can say.</summary>
internal sealed class Pair(Contestant contestant, Case shape, CancellationToken cancellation) : IDisposable
{
    private Side? _other;

    /// <summary>Gets the length of one delivered message, which is also that of the floor's frames.</summary>
    internal int FrameBytes { get; } = contestant.NewWire("measure", receives: true).DeliveredBytes(shape.PayloadBytes);

    /// <summary>Gets or sets whether its servers have talked before.</summary>
    internal bool IsWarm { get; set; }

    internal Side Own { get; } = new(contestant, shape, cancellation);

    /// <summary>Gets what is measured beside it, started when it is first wanted.</summary>
    internal Side Other => _other ??= new Side(shape.NeverRead > 0 ? contestant : Contestants.All.Single(one => one.Name == "floor"), ForOther(shape), cancellation);

    internal bool CanSay(Contestant other, Case otherShape) =>
        other == contestant && otherShape.HasCrowdOf(shape) && Own.Failure is null && _other?.Failure is null;

    /// <summary>The floor knows no rooms: several rooms are held against one of all their members.</summary>
    internal Case ForOther(Case one) => one.NeverRead > 0 ? one with { NeverRead = 0 } : one with { PayloadBytes = FrameBytes - sizeof(uint), Rooms = 1, Loops = 1 };

    public void Dispose()
    {
        Own.Dispose();
        _other?.Dispose();
    }
}
