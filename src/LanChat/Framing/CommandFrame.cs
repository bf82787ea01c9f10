using System.Buffers;

namespace LanChat.Framing;

/// <summary>An operator's order to the server (kick, ban, notice, ...), under an id of its session.</summary>
internal readonly ref struct CommandFrame : IFrame<CommandFrame>
{
    public static FrameType Type => FrameType.Command;

    public ulong Id { get; init; }

    public ReadOnlySpan<byte> Verb { get; init; }

    public ReadOnlySpan<byte> Argument { get; init; }

    public static bool TryDecode(ReadOnlySpan<byte> body, out CommandFrame frame)
    {
        var fields = new FieldReader(body);
        frame = new CommandFrame { Id = fields.U64(), Verb = fields.Str8(), Argument = fields.Str16() };
        return fields.IsWhole;
    }

    // 07 · id u64 · verb str8 · argument str16
    public void WriteTo(IBufferWriter<byte> output)
    {
        var fields = new FieldWriter(output, Type, sizeof(ulong) + FieldWriter.Str8Bytes(Verb) + FieldWriter.Str16Bytes(Argument));
        fields.U64(Id);
        fields.Str8(Verb);
        fields.Str16(Argument);
        fields.End();
    }
}
