using System.Buffers;

namespace LanChat.Framing;

/// <summary>A client's wish to leave a room; PARTED answers, after the caller's own <c>left</c> entry.</summary>
internal readonly ref struct LeaveFrame : IFrame<LeaveFrame>
{
    public static FrameType Type => FrameType.Leave;

    public uint Room { get; init; }

    public static bool TryDecode(ReadOnlySpan<byte> body, out LeaveFrame frame)
    {
        var fields = new FieldReader(body);
        frame = new LeaveFrame { Room = fields.U32() };
        return fields.IsWhole;
    }

    // 04 · room u32
    public void WriteTo(IBufferWriter<byte> output)
    {
        var fields = new FieldWriter(output, Type, sizeof(uint));
        fields.U32(Room);
        fields.End();
    }
}

/// <summary>A client's question who is in a room; ROSTER answers.</summary>
internal readonly ref struct WhoFrame : IFrame<WhoFrame>
{
    public static FrameType Type => FrameType.Who;

    public uint Room { get; init; }

    public static bool TryDecode(ReadOnlySpan<byte> body, out WhoFrame frame)
    {
        var fields = new FieldReader(body);
        frame = new WhoFrame { Room = fields.U32() };
        return fields.IsWhole;
    }

    // 08 · room u32
    public void WriteTo(IBufferWriter<byte> output)
    {
        var fields = new FieldWriter(output, Type, sizeof(uint));
        fields.U32(Room);
        fields.End();
    }
}
