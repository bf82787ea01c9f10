using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using LanChat.Framing;

namespace LanChat.Throughput;

/// <summary>The protocol of src/LanChat/docs/protocol.md, sections 2 to 4. Who publishes is a member, and so gets everything.</summary>
internal sealed class LanChatWire(string name, string room, bool receives) : Wire
{
    private const int PongBytes = FrameLimits.HeaderBytes + sizeof(ulong);

    private readonly byte[] _name = Encoding.ASCII.GetBytes(name);
    private readonly byte[] _roomName = Encoding.ASCII.GetBytes(room);

    private uint _maxFrameBytes = FrameLimits.HandshakeMaxFrameBytes;
    private uint _room;
    private ulong _nextSequence;
    private ulong _lastId;
    private ulong? _ping;

    internal override int PendingReply => _ping is null ? 0 : PongBytes;

    internal override void WriteHello(IBufferWriter<byte> output)
    {
        new HelloFrame { Version = FrameLimits.Version, Name = _name }.WriteTo(output);
        new JoinFrame { Room = _roomName }.WriteTo(output);
    }

    internal override void WriteMessage(IBufferWriter<byte> output, ReadOnlySpan<byte> payload) =>
        new PublishFrame { Room = _room, Id = ++_lastId, Body = payload }.WriteTo(output);

    internal override void WriteReply(IBufferWriter<byte> output)
    {
        if (_ping is { } opaque)
        {
            new PongFrame { Opaque = opaque }.WriteTo(output);
            _ping = null;
        }
    }

    internal override int DeliveredBytes(int payloadBytes) => EntryLayout.MeasureBytes(_name.Length, payloadBytes);

    internal override int Parse(ReadOnlySpan<byte> bytes, IDeliveries sink)
    {
        int taken = 0;
        while (BinaryPrimitives.TryReadUInt32BigEndian(bytes[taken..], out uint length))
        {
            if (length == 0 || length > _maxFrameBytes)
            {
                throw new InvalidDataException($"A frame of {length} bytes; allowed are 1 to {_maxFrameBytes}.");
            }

            if (bytes.Length - taken - FrameLimits.LengthBytes < length)
            {
                break;
            }

            ReadOnlySpan<byte> frame = bytes.Slice(taken + FrameLimits.LengthBytes, (int)length);
            Take((FrameType)frame[0], frame[FrameLimits.TypeBytes..], sink);
            taken += FrameLimits.LengthBytes + frame.Length;
        }

        return taken;
    }

    private void Take(FrameType type, ReadOnlySpan<byte> body, IDeliveries sink)
    {
        bool isWhole = true;
        switch (type)
        {
            case FrameType.Entry:
                isWhole = EntryFrame.TryDecode(body, out EntryFrame entry);
                TakeEntry(entry, sink);
                break;
            case FrameType.Welcome:
                isWhole = WelcomeFrame.TryDecode(body, out WelcomeFrame welcome);
                _maxFrameBytes = welcome.MaxFrameBytes;
                break;
            case FrameType.Joined:
                isWhole = JoinedFrame.TryDecode(body, out JoinedFrame joined);
                _room = joined.Room;
                _nextSequence = joined.First;
                IsReady = true;
                break;
            case FrameType.Roster or FrameType.Ack:
                break;
            case FrameType.Ping:
                isWhole = PingFrame.TryDecode(body, out PingFrame ping);
                _ping = ping.Opaque;
                break;
            case FrameType.Rejected when RejectedFrame.TryDecode(body, out RejectedFrame rejected):
                throw new InvalidDataException($"Message {rejected.Id} was rejected with code {rejected.Code}: {Ascii.Quote(rejected.Text)}");
            case FrameType.Parted when PartedFrame.TryDecode(body, out PartedFrame parted):
                throw new InvalidDataException($"The room was parted with code {parted.Code}: {Ascii.Quote(parted.Text)}");
            case FrameType.Bye when ByeFrame.TryDecode(body, out ByeFrame bye):
                throw new InvalidDataException($"The server ended the connection with code {bye.Code}: {Ascii.Quote(bye.Text)}");
            case FrameType.Gap when GapFrame.TryDecode(body, out GapFrame gap):
                throw new InvalidDataException($"Entries {gap.From} to {gap.To} were passed over.");
            case var _ when type.IsSkippable():
                break;
            default:
                throw new InvalidDataException($"A frame of type {(byte)type:X2} has no place here.");
        }

        if (!isWhole)
        {
            throw new InvalidDataException($"A frame of type {(byte)type:X2} is too short.");
        }
    }

    private void TakeEntry(in EntryFrame entry, IDeliveries sink)
    {
        // A room's entries are numbered without holes, comings and goings included: more than the generator's own check can see.
        if (!IsReady || entry.Room != _room || entry.Sequence != _nextSequence)
        {
            throw new InvalidDataException($"Entry {entry.Sequence} of room {entry.Room} came where {_nextSequence} of room {_room} belongs.");
        }

        _nextSequence++;
        if (entry.Kind == EntryKind.Message && receives)
        {
            sink.Delivered(entry.Body);
        }
    }
}
