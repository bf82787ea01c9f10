using System.Buffers;
using System.Buffers.Binary;

namespace LanChat.Framing;

/// <summary>One thing that happened in a room, as every member gets it (<see cref="EntryLayout"/> draws it).</summary>
internal readonly ref struct EntryFrame : IFrame<EntryFrame>
{
    public static FrameType Type => FrameType.Entry;

    /// <summary>Gets what happened; perhaps a kind that this version does not know.</summary>
    public EntryKind Kind { get; init; }

    public ushort Flags { get; init; }

    public uint Room { get; init; }

    public ulong Sequence { get; init; }

    /// <summary>Gets milliseconds since the Unix epoch by the server's clock. Not ordered; <see cref="Sequence"/> is.</summary>
    public long Time { get; init; }

    /// <summary>Gets the sender's id; 0 where there is none.</summary>
    public ulong Id { get; init; }

    public ReadOnlySpan<byte> Name { get; init; }

    public ReadOnlySpan<byte> Body { get; init; }

    public bool IsOpaque => (Flags & EntryLayout.OpaqueFlag) != 0;

    public static bool TryDecode(ReadOnlySpan<byte> body, out EntryFrame frame)
    {
        var fields = new FieldReader(body);
        frame = new EntryFrame
        {
            Kind = (EntryKind)fields.U8(),
            Flags = fields.U16(),
            Room = fields.U32(),
            Sequence = fields.U64(),
            Time = (long)fields.U64(),
            Id = fields.U64(),
            Name = fields.Str8(),
            Body = fields.Str16(),
        };
        return fields.IsWhole;
    }

    /// <summary>Decodes an entry as a log holds it: with length word and type.</summary>
    public static bool TryDecodeWhole(ReadOnlySpan<byte> frame, out EntryFrame entry)
    {
        var fields = new FieldReader(frame);
        uint length = fields.U32();
        byte type = fields.U8();
        bool isEntry = fields.IsWhole && length == EntryLayout.LengthWord(frame.Length) && type == (byte)Type;
        return TryDecode(fields.Rest, out entry) && isEntry;
    }

    // 85 · kind u8 · flags u16 · room u32 · sequence u64 · time i64 · id u64 · name str8 · body str16 · 0-3 zeros
    public void WriteTo(IBufferWriter<byte> output)
    {
        int bytes = EntryLayout.MeasureBytes(Name.Length, Body.Length);
        Span<byte> frame = output.GetSpan(bytes)[..bytes];
        EntryLayout.Fill(frame, Kind, Flags, Room, Sequence, Time, Id, Name, Body);
        BinaryPrimitives.WriteUInt32BigEndian(frame, EntryLayout.LengthWord(bytes));
        output.Advance(bytes);
    }
}
