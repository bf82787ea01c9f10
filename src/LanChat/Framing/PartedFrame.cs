using System.Buffers;

namespace LanChat.Framing;

/// <summary>The end of a membership, or the refusal of a JOIN (then <see cref="Room"/> is 0), LEAVE or WHO.</summary>
internal readonly ref struct PartedFrame : IFrame<PartedFrame>
{
    private const int FixedBytes = 4 + 2;

    public static FrameType Type => FrameType.Parted;

    public uint Room { get; init; }

    public ushort Code { get; init; }

    /// <summary>Gets the room's name as it was asked for.</summary>
    public ReadOnlySpan<byte> Name { get; init; }

    public ReadOnlySpan<byte> Text { get; init; }

    public static bool TryDecode(ReadOnlySpan<byte> body, out PartedFrame frame)
    {
        var fields = new FieldReader(body);
        frame = new PartedFrame { Room = fields.U32(), Code = fields.U16(), Name = fields.Str8(), Text = fields.Str16() };
        return fields.IsWhole;
    }

    // 84 · room u32 · code u16 · room name str8 · text str16
    public void WriteTo(IBufferWriter<byte> output)
    {
        var fields = new FieldWriter(output, Type, FixedBytes + FieldWriter.Str8Bytes(Name) + FieldWriter.Str16Bytes(Text));
        fields.U32(Room);
        fields.U16(Code);
        fields.Str8(Name);
        fields.Str16(Text);
        fields.End();
    }
}
