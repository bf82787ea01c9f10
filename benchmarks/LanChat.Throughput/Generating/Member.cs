using System.Buffers;
using System.Runtime.InteropServices;
using LanChat.Transport;

namespace LanChat.Throughput;

/// <summary>One connection of the generator: says what its wire says, and checks all it hears.</summary>
/// <remarks>For each publisher of its room the numbers it hears must rise by one: nothing lost, nothing twice, nothing out of order.</remarks>
internal sealed class Member(Crowd crowd, Wire wire, Room room, Link link) : LoopConnection(link), IDeliveries
{
    /// <summary>The last number heard of each publisher. Made when the first message comes: thousands of idle members need none.</summary>
    private uint[] _heard = [];

    private readonly ArrayBufferWriter<byte> _output = new();
    private int _sent;
    private uint _said;
    private long _now;
    private TlsLayer? _tls;

    /// <summary>Its number among the publishers of all rooms; -1 = it never speaks.</summary>
    internal int Publisher { get; init; } = -1;

    /// <summary>Its place among the receivers of the room; -1 = what it hears is checked, but counts as no delivery.</summary>
    internal int Receiver { get; init; } = -1;

    internal Wire Wire => wire;

    internal bool IsReady { get; private set; }

    internal long ReceivedBytes { get; private set; }

    /// <summary>Writes one message; <see cref="Flush"/> sends it.</summary>
    internal void Say(long nanoseconds)
    {
        wire.WriteMessage(_output, crowd.Payload.Make(Publisher, ++_said, nanoseconds));
        if (Receiver >= 0 && !crowd.EchoesOwn)
        {
            room.Received(Receiver);
        }
    }

    internal override void OnAdded()
    {
        crowd.OnAdded(this);
        if (crowd.IsTls)
        {
            _tls = TlsLayer.Start(this);
        }
        else
        {
            OnOpened();
        }

        Loop.Queue(this);
    }

    /// <summary>The connection may be spoken on: the wire begins.</summary>
    internal void OnOpened()
    {
        wire.WriteHello(_output);
        TakeReadiness();
        Loop.Queue(this);
    }

    internal override SequencePosition OnReceived(in ReadOnlySequence<byte> bytes)
    {
        ReceivedBytes += bytes.Length - Held.Count;
        if (_tls is not null)
        {
            _tls.Take(bytes.First);
            Loop.Queue(this);
            return bytes.End;
        }

        return bytes.GetPosition(Hear(bytes.FirstSpan));
    }

    /// <summary>Acts on what the server said, in plain; returns how far it came.</summary>
    internal int Hear(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _now = Clock.Nanoseconds;
            int taken = wire.Parse(bytes, this);
            TakeReadiness();
            if (wire.PendingReply > 0)
            {
                wire.WriteReply(_output);
                Loop.Queue(this);
            }

            return taken;
        }
        catch (Exception e)
        {
            // What the server said wrong is a sentence; anything else is a defect of the wire, and the trace shows where.
            crowd.Fail(e is InvalidDataException ? e.Message : e.ToString());
            return bytes.Length;
        }
    }

    void IDeliveries.Delivered(ReadOnlySpan<byte> payload)
    {
        if (!crowd.Payload.IsWhole(payload))
        {
            throw new InvalidDataException($"A message of {payload.Length} bytes came that nobody has sent.");
        }

        if (_heard.Length == 0)
        {
            _heard = new uint[room.Publishers];
        }

        int publisher = Payload.Publisher(payload) - room.FirstPublisher;
        if ((uint)publisher >= (uint)_heard.Length)
        {
            throw new InvalidDataException("A message of somebody in another room came.");
        }

        uint number = Payload.Number(payload);
        if (number != ++_heard[publisher])
        {
            throw new InvalidDataException($"Message {_heard[publisher]} of publisher {publisher} was due, and {number} came: {(number < _heard[publisher] ? "twice or out of order" : "one is lost or out of order")}.");
        }

        if (Receiver >= 0)
        {
            room.Received(Receiver);
            crowd.Latencies?.Add(_now - Payload.Nanoseconds(payload));
        }
    }

    internal override void Flush()
    {
        if (IsClosing)
        {
            return;
        }

        ArrayBufferWriter<byte> output = _tls?.Seal(_output) ?? _output;
        if (output.WrittenCount == _sent)
        {
            return;
        }

        MemoryMarshal.TryGetArray(output.WrittenMemory[_sent..], out ArraySegment<byte> rest);
        LinkStatus status = Link.Send([rest], out int sent);
        _sent += sent;
        if (_sent == output.WrittenCount)
        {
            output.ResetWrittenCount();
            _sent = 0;
        }

        if (status == LinkStatus.Broken)
        {
            crowd.Fail("The server has reset a connection.");
        }
    }

    internal override void OnLinkEnded(LinkStatus status, bool insideFrame)
    {
        crowd.Fail(status == LinkStatus.Ended ? "The server has closed a connection." : "The server has reset a connection.");
        Loop.Close(this, reset: true);
    }

    internal override void OnDeadline() => crowd.OnTick(this);

    internal override void OnClosed() => _tls?.Dispose();

    internal void Fail(string text) => crowd.Fail(text);

    private void TakeReadiness()
    {
        if (!IsReady && wire.IsReady)
        {
            IsReady = true;
            crowd.OnReady();
        }
    }
}
