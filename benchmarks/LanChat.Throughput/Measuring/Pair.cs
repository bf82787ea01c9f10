namespace LanChat.Throughput;

/// <summary>A contestant and the floor beside it, kept for all cases that the same connections can say.</summary>
internal sealed class Pair(Contestant contestant, Case shape, CancellationToken cancellation) : IDisposable
{
    private Side? _floor;

    /// <summary>Gets the length of one delivered message, which is also that of the floor's frames.</summary>
    internal int FrameBytes { get; } = contestant.NewWire("measure", receives: true).DeliveredBytes(shape.PayloadBytes);

    /// <summary>Gets or sets whether its servers have talked before.</summary>
    internal bool IsWarm { get; set; }

    internal Side Own { get; } = new(contestant, shape, cancellation);

    /// <summary>Gets the floor, started when it is first wanted.</summary>
    internal Side Floor => _floor ??= new Side(Contestants.All.Single(one => one.Name == "floor"), ForFloor(shape), cancellation);

    internal bool CanSay(Contestant other, Case otherShape) =>
        other == contestant && otherShape.HasCrowdOf(shape) && Own.Failure is null && _floor?.Failure is null;

    /// <summary>The floor knows no rooms: several rooms are held against one of all their members.</summary>
    internal Case ForFloor(Case one) => one with { PayloadBytes = FrameBytes - sizeof(uint), Rooms = 1, Loops = 1 };

    public void Dispose()
    {
        Own.Dispose();
        _floor?.Dispose();
    }
}
