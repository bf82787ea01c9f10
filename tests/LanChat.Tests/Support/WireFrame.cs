using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using LanChat.Framing;

namespace LanChat.Tests.Support;

/// <summary>A frame as a test got it: its type and a copy of its body.</summary>
public sealed record WireFrame(byte TypeByte, byte[] Body)
{
    internal FrameType Type => (FrameType)TypeByte;

    internal WelcomeFrame Welcome => Decode<WelcomeFrame>();

    internal JoinedFrame Joined => Decode<JoinedFrame>();

    internal PartedFrame Parted => Decode<PartedFrame>();

    internal EntryFrame Entry => Decode<EntryFrame>();

    internal RejectedFrame Rejected => Decode<RejectedFrame>();

    internal AckFrame Ack => Decode<AckFrame>();

    internal ByeFrame Bye => Decode<ByeFrame>();

    internal RosterFrame Roster => Decode<RosterFrame>();

    internal static byte[] Bytes<TFrame>(in TFrame frame)
        where TFrame : struct, IFrame<TFrame>, allows ref struct
    {
        var output = new ArrayBufferWriter<byte>();
        frame.WriteTo(output);
        return output.WrittenSpan.ToArray();
    }

    internal static WireFrame Of<TFrame>(in TFrame frame)
        where TFrame : struct, IFrame<TFrame>, allows ref struct => Parse(Bytes(frame), out _)[0];

    internal static byte[] Hello(string name) => Bytes(new HelloFrame { Version = 1, Name = Encoding.UTF8.GetBytes(name) });

    internal static byte[] Join(string room, int replay = 0, ulong epoch = 0, ulong after = 0) =>
        Bytes(new JoinFrame { Replay = (ushort)replay, Epoch = epoch, After = after, Room = Encoding.UTF8.GetBytes(room) });

    internal static byte[] Publish(uint room, ulong id, string text) =>
        Bytes(new PublishFrame { Room = room, Id = id, Body = Encoding.UTF8.GetBytes(text) });

    internal static byte[] Direct(ulong id, string to, string text) =>
        Bytes(new DirectFrame { Id = id, To = Encoding.UTF8.GetBytes(to), Body = Encoding.UTF8.GetBytes(text) });

    internal static byte[] Goodbye() => Bytes(new ByeFrame { Code = 1 });

    /// <summary>Splits bytes into whole frames.</summary>
    internal static List<WireFrame> Parse(byte[] bytes, out int used)
    {
        var frames = new List<WireFrame>();
        var rest = new ReadOnlySequence<byte>(bytes);
        FrameReadStatus status;
        while ((status = FrameReader.TryRead(ref rest, 1 << 20, out FrameType type, out ReadOnlySequence<byte> body)) == FrameReadStatus.Frame)
        {
            frames.Add(new WireFrame((byte)type, body.ToArray()));
        }

        used = bytes.Length - (int)rest.Length;
        return status == FrameReadStatus.Incomplete ? frames : throw new InvalidOperationException($"A frame is {status} after {frames.Count} frames.");
    }

    /// <summary>Names the members in a ROSTER, in its order.</summary>
    internal IReadOnlyList<string> RosterNames()
    {
        var names = new List<string>();
        foreach (ReadOnlySpan<byte> name in Roster)
        {
            names.Add(Encoding.UTF8.GetString(name));
        }

        return names;
    }

    public override string ToString() => Type switch
    {
        FrameType.Entry => $"Entry {Entry.Kind} {Entry.Sequence} {Encoding.UTF8.GetString(Entry.Name)}: {Encoding.UTF8.GetString(Entry.Body)}",
        FrameType.Bye => $"Bye {Bye.Code} {Encoding.UTF8.GetString(Bye.Text)}",
        FrameType.Rejected => $"Rejected {Rejected.Id} {Rejected.Code}",
        FrameType.Parted => $"Parted {Parted.Room} {Parted.Code}",
        _ => Type.ToString(),
    };

    /// <summary>The frame with its length, as the wire carries it.</summary>
    internal byte[] ToBytes()
    {
        byte[] bytes = new byte[FrameLimits.LengthBytes + FrameLimits.TypeBytes + Body.Length];
        BinaryPrimitives.WriteInt32BigEndian(bytes, FrameLimits.TypeBytes + Body.Length);
        bytes[FrameLimits.LengthBytes] = TypeByte;
        Body.CopyTo(bytes, FrameLimits.LengthBytes + FrameLimits.TypeBytes);
        return bytes;
    }

    internal TFrame Decode<TFrame>()
        where TFrame : struct, IFrame<TFrame>, allows ref struct =>
        TFrame.Type == Type && TFrame.TryDecode(Body, out TFrame frame)
            ? frame
            : throw new InvalidOperationException($"Expected {TFrame.Type}, got {TypeByte:X2} with {Body.Length} bytes.");
}
