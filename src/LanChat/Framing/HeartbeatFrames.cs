using System.Buffers;

namespace LanChat.Framing;

/// <summary>A question whether the other end lives.</summary>
internal readonly ref struct PingFrame : IFrame<PingFrame>
{
    public static FrameType Type => FrameType.Ping;

    public ulong Opaque { get; init; }

    public static bool TryDecode(ReadOnlySpan<byte> body, out PingFrame frame)
    {
        var fields = new FieldReader(body);
        frame = new PingFrame { Opaque = fields.U64() };
        return fields.IsWhole;
    }

    // 0E · opaque u64
    public void WriteTo(IBufferWriter<byte> output)
    {
        var fields = new FieldWriter(output, Type, sizeof(ulong));
        fields.U64(Opaque);
        fields.End();
    }
}

/// <summary>The answer to PING, with its opaque value.</summary>
internal readonly ref struct PongFrame : IFrame<PongFrame>
{
    public static FrameType Type => FrameType.Pong;

    public ulong Opaque { get; init; }

    public static bool TryDecode(ReadOnlySpan<byte> body, out PongFrame frame)
    {
        var fields = new FieldReader(body);
        frame = new PongFrame { Opaque = fields.U64() };
        return fields.IsWhole;
    }

    // 0F · opaque u64, echoed
    public void WriteTo(IBufferWriter<byte> output)
    {
        var fields = new FieldWriter(output, Type, sizeof(ulong));
        fields.U64(Opaque);
        fields.End();
    }
}
