using System.Buffers;

namespace LanChat.Framing;

/// <summary>A client's message to one member's mailbox, under an id of its session.</summary>
internal readonly ref struct DirectFrame : IFrame<DirectFrame>
{
    public static FrameType Type => FrameType.Direct;

    public ulong Id { get; init; }

    public ReadOnlySpan<byte> To { get; init; }

    public ReadOnlySpan<byte> Body { get; init; }

    /// <summary>Gets the length of a frame, type and body, by those of its texts.</summary>
    public static int MeasureBytes(int toBytes, int bodyBytes) => FrameLimits.TypeBytes + sizeof(ulong) + sizeof(byte) + toBytes + sizeof(ushort) + bodyBytes;

    public static bool TryDecode(ReadOnlySpan<byte> body, out DirectFrame frame)
    {
        var fields = new FieldReader(body);
        frame = new DirectFrame { Id = fields.U64(), To = fields.Str8(), Body = fields.Str16() };
        return fields.IsWhole;
    }

    // 06 · id u64 · to str8 · body str16
    public void WriteTo(IBufferWriter<byte> output)
    {
        var fields = new FieldWriter(output, Type, sizeof(ulong) + FieldWriter.Str8Bytes(To) + FieldWriter.Str16Bytes(Body));
        fields.U64(Id);
        fields.Str8(To);
        fields.Str16(Body);
        fields.End();
    }
}
