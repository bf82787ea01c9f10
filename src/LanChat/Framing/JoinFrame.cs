using System.Buffers;

namespace LanChat.Framing;

/// <summary>A client's wish to be in a room, as a newcomer or where it left.</summary>
internal readonly ref struct JoinFrame : IFrame<JoinFrame>
{
    private const int FixedBytes = 2 + 8 + 8;

    public static FrameType Type => FrameType.Join;

    /// <summary>Gets how many entries of history a newcomer wants.</summary>
    public ushort Replay { get; init; }

    /// <summary>Gets the epoch that <see cref="After"/> belongs to; 0 on a first visit.</summary>
    public ulong Epoch { get; init; }

    /// <summary>Gets the last sequence that was processed.</summary>
    public ulong After { get; init; }

    public ReadOnlySpan<byte> Room { get; init; }

    public static bool TryDecode(ReadOnlySpan<byte> body, out JoinFrame frame)
    {
        var fields = new FieldReader(body);
        frame = new JoinFrame { Replay = fields.U16(), Epoch = fields.U64(), After = fields.U64(), Room = fields.Str8() };
        return fields.IsWhole;
    }

    // 03 · replay u16 · epoch u64 · after u64 · room str8
    public void WriteTo(IBufferWriter<byte> output)
    {
        var fields = new FieldWriter(output, Type, FixedBytes + FieldWriter.Str8Bytes(Room));
        fields.U16(Replay);
        fields.U64(Epoch);
        fields.U64(After);
        fields.Str8(Room);
        fields.End();
    }
}
