using System.Buffers;

namespace LanChat.Framing;

/// <summary>The last frame of a direction: why it ends.</summary>
internal readonly ref struct ByeFrame : IFrame<ByeFrame>
{
    public static FrameType Type => FrameType.Bye;

    public ushort Code { get; init; }

    public ReadOnlySpan<byte> Text { get; init; }

    public static bool TryDecode(ReadOnlySpan<byte> body, out ByeFrame frame)
    {
        var fields = new FieldReader(body);
        frame = new ByeFrame { Code = fields.U16(), Text = fields.Str16() };
        return fields.IsWhole;
    }

    // 10 · code u16 · text str16
    public void WriteTo(IBufferWriter<byte> output)
    {
        var fields = new FieldWriter(output, Type, sizeof(ushort) + FieldWriter.Str16Bytes(Text));
        fields.U16(Code);
        fields.Str16(Text);
        fields.End();
    }
}
