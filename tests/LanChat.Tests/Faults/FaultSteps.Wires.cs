using LanChat.Tests.Support;

namespace LanChat.Tests.Faults;

/// <content>What goes wrong with wires.</content>
internal sealed partial class FaultSteps
{
    private void Cut()
    {
        if (AnyWire(out FaultClient? client) is { } wire)
        {
            bool toServer = _random.Next(2) == 0;
            bool reset = _random.Next(2) == 0;
            int after = _random.Next(3) == 0 ? 0 : _random.Next(400);
            MemoryDirection direction = toServer ? wire.ToServer : wire.FromServer;
            _say($"the wire of {client} {(reset ? "breaks" : "ends")} after {after} more bytes {(toServer ? "to" : "from")} the server, {direction.Written + after} in all");
            direction.CutAt(direction.Written + after, reset);
        }
    }

    private void Delay()
    {
        if (AnyWire(out FaultClient? client) is { } wire)
        {
            var delay = TimeSpan.FromMilliseconds(_random.Next(1, 1500));
            _say($"the wire of {client} takes {delay.TotalMilliseconds} ms");
            wire.ToServer.Delay = wire.FromServer.Delay = delay;
        }
    }

    private void Split()
    {
        if (AnyWire(out FaultClient? client) is { } wire)
        {
            int seed = _random.Next();
            _say($"the wire of {client} carries small pieces");
            wire.ToServer.NextPiece = Pieces.Random(seed, 20);
            wire.FromServer.NextPiece = Pieces.Random(seed + 1, 60);
        }
    }

    private void Stall()
    {
        if (AnyWire(out FaultClient? client) is { } wire)
        {
            _say($"the wire of {client} goes silent");
            wire.Stall();
        }
    }

    private void Narrow()
    {
        if (AnyWire(out FaultClient? client) is { } wire)
        {
            int capacity = _random.Next(0, 600);
            bool toServer = _random.Next(3) == 0;
            _say($"the wire of {client} holds {capacity} bytes {(toServer ? "to" : "from")} the server");
            (toServer ? wire.ToServer : wire.FromServer).Capacity = capacity;
        }
    }

    private void HoldClient()
    {
        if (AnyWire(out FaultClient? client) is not null)
        {
            HoldWire(client!);
        }
    }

    private void HoldWire(FaultClient client)
    {
        _say($"{client} reads no bytes");
        client.Wire!.Stream.HoldsReads = true;
        client.Wire.FromServer.Capacity = _random.Next(1000);
    }

    private void Heal()
    {
        if (AnyWire(out FaultClient? client) is { } wire)
        {
            _say($"the wire of {client} is good again");
            wire.Heal();
        }
    }

    private void Gate()
    {
        switch (_random.Next(3))
        {
            case 0:
                _world.HoldsConnects = !_world.HoldsConnects;
                _world.ReversesConnects = _random.Next(2) == 0;
                _say(_world.HoldsConnects ? "callers wait" : $"callers are let in{(_world.ReversesConnects ? ", the last one first" : "")}");
                break;
            case 1:
                _world.Refusals = _random.Next(1, 4);
                _say($"the next {_world.Refusals} callers are refused");
                break;
            default:
                _world.HoldsConnects = false;
                break;
        }
    }

    private Wire? AnyWire(out FaultClient? client)
    {
        client = AnyClient(client => client.Wire is { IsOver: false });
        return client?.Wire;
    }
}
