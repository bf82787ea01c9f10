using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using LanChat.Framing;

namespace LanChat.Throughput;

internal static class Contestants
{
    internal static IReadOnlyList<Contestant> All { get; } =
        [new Own("lanchat", "epoll", false), new Own("lanchat-sockets", "sockets", false), new Own("lanchat-tls", "epoll", true), new FloorStub()];
}

internal sealed class Own(string name, string transport, bool isTls) : Contestant
{
    internal override string Name => name;

    internal override bool IsTls => isTls;

    internal override ProcessStartInfo Server(int port, int loops, string directory) => new(Environment.ProcessPath!)
    {
        ArgumentList = { "serve", "--port", port.ToString(CultureInfo.InvariantCulture), "--plain", "--loops", loops.ToString(CultureInfo.InvariantCulture), "--transport", transport },
    };

    internal override Wire NewWire(string room, bool receives) => new OwnWire(room);
}

internal sealed class OwnWire(string room) : Wire
{
    private static int _names;
    private uint _room;
    private ulong _id;

    internal override void WriteHello(IBufferWriter<byte> output)
    {
        new HelloFrame { Version = 1, Name = Encoding.UTF8.GetBytes($"m{Interlocked.Increment(ref _names):D7}") }.WriteTo(output);
        new JoinFrame { Room = Encoding.UTF8.GetBytes(room) }.WriteTo(output);
    }

    internal override void WriteMessage(IBufferWriter<byte> output, ReadOnlySpan<byte> payload) =>
        new PublishFrame { Room = _room, Id = ++_id, Body = payload }.WriteTo(output);

    internal override int Parse(ReadOnlySpan<byte> bytes, IDeliveries sink)
    {
        int taken = 0;
        while (bytes.Length - taken >= 5 && BinaryPrimitives.ReadUInt32BigEndian(bytes[taken..]) is var length && bytes.Length - taken >= 4 + (int)length)
        {
            ReadOnlySpan<byte> body = bytes.Slice(taken + 5, (int)length - 1);
            switch ((FrameType)bytes[taken + 4])
            {
                case FrameType.Joined:
                    JoinedFrame.TryDecode(body, out JoinedFrame joined);
                    _room = joined.Room;
                    IsReady = true;
                    break;
                case FrameType.Entry when EntryFrame.TryDecode(body, out EntryFrame entry) && entry.Kind == EntryKind.Message:
                    sink.Delivered(entry.Body);
                    break;
                case FrameType.Bye or FrameType.Rejected or FrameType.Gap:
                    throw new InvalidDataException($"{(FrameType)bytes[taken + 4]}");
            }

            taken += 4 + (int)length;
        }

        return taken;
    }

    internal override int DeliveredBytes(int payloadBytes) => EntryLayout.MeasureBytes(8, payloadBytes);
}

internal sealed class FloorStub : Contestant
{
    internal override string Name => "floor";

    internal override bool HasRooms => false;

    internal override string? WhyNot => FloorCommand.WhyNot;

    internal override ProcessStartInfo Server(int port, int loops, string directory) => new(Environment.ProcessPath!) { ArgumentList = { "floor", "--port", port.ToString(CultureInfo.InvariantCulture) } };

    internal override Wire NewWire(string room, bool receives) => new FloorWireStub();
}

internal sealed class FloorWireStub : Wire
{
    internal override void WriteHello(IBufferWriter<byte> output) => IsReady = true;

    internal override void WriteMessage(IBufferWriter<byte> output, ReadOnlySpan<byte> payload)
    {
        Span<byte> frame = output.GetSpan(4 + payload.Length);
        BinaryPrimitives.WriteInt32LittleEndian(frame, payload.Length);
        payload.CopyTo(frame[4..]);
        output.Advance(4 + payload.Length);
    }

    internal override int Parse(ReadOnlySpan<byte> bytes, IDeliveries sink)
    {
        int taken = 0;
        while (bytes.Length - taken >= 4 && BinaryPrimitives.ReadInt32LittleEndian(bytes[taken..]) is var length && bytes.Length - taken >= 4 + length)
        {
            sink.Delivered(bytes.Slice(taken + 4, length));
            taken += 4 + length;
        }

        return taken;
    }

    internal override int DeliveredBytes(int payloadBytes) => 4 + payloadBytes;
}
