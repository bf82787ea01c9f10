using System.Buffers;

namespace LanChat.Framing;

/// <summary>An id's outcome: it was not carried out, and why.</summary>
internal readonly ref struct RejectedFrame : IFrame<RejectedFrame>
{
    private const int FixedBytes = 8 + 2;

    public static FrameType Type => FrameType.Rejected;

    public ulong Id { get; init; }

    public ushort Code { get; init; }

    public ReadOnlySpan<byte> Text { get; init; }

    public static bool TryDecode(ReadOnlySpan<byte> body, out RejectedFrame frame)
    {
        var fields = new FieldReader(body);
        frame = new RejectedFrame { Id = fields.U64(), Code = fields.U16(), Text = fields.Str16() };
        return fields.IsWhole;
    }

    // 87 · id u64 · code u16 · text str16
    public void WriteTo(IBufferWriter<byte> output)
    {
        var fields = new FieldWriter(output, Type, FixedBytes + FieldWriter.Str16Bytes(Text));
        fields.U64(Id);
        fields.U16(Code);
        fields.Str16(Text);
        fields.End();
    }
}

/// <summary>A COMMAND's outcome: it was carried out.</summary>
internal readonly ref struct ResultFrame : IFrame<ResultFrame>
{
    public static FrameType Type => FrameType.Result;

    public ulong Id { get; init; }

    public ReadOnlySpan<byte> Text { get; init; }

    public static bool TryDecode(ReadOnlySpan<byte> body, out ResultFrame frame)
    {
        var fields = new FieldReader(body);
        frame = new ResultFrame { Id = fields.U64(), Text = fields.Str16() };
        return fields.IsWhole;
    }

    // 89 · id u64 · text str16
    public void WriteTo(IBufferWriter<byte> output)
    {
        var fields = new FieldWriter(output, Type, sizeof(ulong) + FieldWriter.Str16Bytes(Text));
        fields.U64(Id);
        fields.Str16(Text);
        fields.End();
    }
}

/// <summary>The outcome of a DIRECT, of a repeated id, and of a PUBLISH by UDP: it was carried out.</summary>
internal readonly ref struct AckFrame : IFrame<AckFrame>
{
    private const int FixedBytes = 8 + 8;

    public static FrameType Type => FrameType.Ack;

    public ulong Id { get; init; }

    /// <summary>Gets the entry's sequence; 0: carried out, but the sequence is no longer known.</summary>
    public ulong Sequence { get; init; }

    public static bool TryDecode(ReadOnlySpan<byte> body, out AckFrame frame)
    {
        var fields = new FieldReader(body);
        frame = new AckFrame { Id = fields.U64(), Sequence = fields.U64() };
        return fields.IsWhole;
    }

    // 8A · id u64 · sequence u64
    public void WriteTo(IBufferWriter<byte> output)
    {
        var fields = new FieldWriter(output, Type, FixedBytes);
        fields.U64(Id);
        fields.U64(Sequence);
        fields.End();
    }
}
