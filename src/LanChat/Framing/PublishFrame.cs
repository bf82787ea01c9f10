using System.Buffers;

namespace LanChat.Framing;

/// <summary>A client's message to a room, under an id of its session.</summary>
internal readonly ref struct PublishFrame : IFrame<PublishFrame>
{
    /// <summary>The body is bytes, not text: nobody checks or changes it.</summary>
    public const byte OpaqueFlag = 128;

    private const int FixedBytes = 4 + 8 + 1;

    public static FrameType Type => FrameType.Publish;

    public uint Room { get; init; }

    public ulong Id { get; init; }

    public byte Flags { get; init; }

    public ReadOnlySpan<byte> Body { get; init; }

    /// <summary>Gets the length of a frame, type and body, by that of its text.</summary>
    public static int MeasureBytes(int bodyBytes) => FrameLimits.TypeBytes + FixedBytes + sizeof(ushort) + bodyBytes;

    public static bool TryDecode(ReadOnlySpan<byte> body, out PublishFrame frame)
    {
        var fields = new FieldReader(body);
        frame = new PublishFrame { Room = fields.U32(), Id = fields.U64(), Flags = fields.U8(), Body = fields.Str16() };
        return fields.IsWhole;
    }

    // 05 · room u32 · id u64 · flags u8 · body str16
    public void WriteTo(IBufferWriter<byte> output)
    {
        var fields = new FieldWriter(output, Type, FixedBytes + FieldWriter.Str16Bytes(Body));
        fields.U32(Room);
        fields.U64(Id);
        fields.U8(Flags);
        fields.Str16(Body);
        fields.End();
    }
}
