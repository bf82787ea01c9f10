using System.Buffers;

namespace LanChat.Framing;

/// <summary>Says what coming back to a log found: all of it, a part, or another log.</summary>
internal enum JoinOutcome : byte
{
    /// <summary>A first visit.</summary>
    Fresh = 0,

    /// <summary>Nothing is missing.</summary>
    Recovered = 1,

    /// <summary>The entries between the last one processed and the first one sent are gone.</summary>
    Gap = 2,

    /// <summary>It is another log: start afresh.</summary>
    Reset = 3,
}

/// <summary>A server's yes to JOIN: the room's number on this connection, and where its log starts for this member.</summary>
internal readonly ref struct JoinedFrame : IFrame<JoinedFrame>
{
    /// <summary>The room is too large to name its members: no ROSTER follows.</summary>
    public const byte CountedFlag = 1;

    private const int FixedBytes = 4 + 1 + 8 + 1 + 8 + 8 + 4;

    public static FrameType Type => FrameType.Joined;

    public uint Room { get; init; }

    public byte Flags { get; init; }

    public ulong Epoch { get; init; }

    public JoinOutcome Outcome { get; init; }

    /// <summary>Gets the first sequence that will be sent.</summary>
    public ulong First { get; init; }

    /// <summary>Gets the newest sequence at JOIN: entries up to it are replay.</summary>
    public ulong Newest { get; init; }

    public uint Members { get; init; }

    /// <summary>Gets the room's name as it was asked for.</summary>
    public ReadOnlySpan<byte> Name { get; init; }

    public static bool TryDecode(ReadOnlySpan<byte> body, out JoinedFrame frame)
    {
        var fields = new FieldReader(body);
        frame = new JoinedFrame
        {
            Room = fields.U32(),
            Flags = fields.U8(),
            Epoch = fields.U64(),
            Outcome = (JoinOutcome)fields.U8(),
            First = fields.U64(),
            Newest = fields.U64(),
            Members = fields.U32(),
            Name = fields.Str8(),
        };
        return fields.IsWhole;
    }

    // 83 · room u32 · flags u8 · epoch u64 · outcome u8 · first u64 · newest u64 · members u32 · room name str8
    public void WriteTo(IBufferWriter<byte> output)
    {
        var fields = new FieldWriter(output, Type, FixedBytes + FieldWriter.Str8Bytes(Name));
        fields.U32(Room);
        fields.U8(Flags);
        fields.U64(Epoch);
        fields.U8((byte)Outcome);
        fields.U64(First);
        fields.U64(Newest);
        fields.U32(Members);
        fields.Str8(Name);
        fields.End();
    }
}
