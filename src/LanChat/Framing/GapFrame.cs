using System.Buffers;

namespace LanChat.Framing;

/// <summary>A server's word that entries were passed over and can no longer be had.</summary>
internal readonly ref struct GapFrame : IFrame<GapFrame>
{
    private const int FixedBytes = 4 + 8 + 8;

    public static FrameType Type => FrameType.Gap;

    public uint Room { get; init; }

    /// <summary>Gets the first missing sequence.</summary>
    public ulong From { get; init; }

    /// <summary>Gets the last missing sequence.</summary>
    public ulong To { get; init; }

    public static bool TryDecode(ReadOnlySpan<byte> body, out GapFrame frame)
    {
        var fields = new FieldReader(body);
        frame = new GapFrame { Room = fields.U32(), From = fields.U64(), To = fields.U64() };
        return fields.IsWhole;
    }

    // 88 · room u32 · from u64 · to u64
    public void WriteTo(IBufferWriter<byte> output)
    {
        var fields = new FieldWriter(output, Type, FixedBytes);
        fields.U32(Room);
        fields.U64(From);
        fields.U64(To);
        fields.End();
    }
}
