using System.Buffers;

namespace LanChat.Framing;

/// <summary>A room's members just after one entry, or a part of them. <c>foreach</c> over the frame gives the names as spans.</summary>
internal readonly ref struct RosterFrame : IFrame<RosterFrame>
{
    /// <summary>What stands before the names.</summary>
    public const int FixedBytes = 4 + 8 + 1 + 2;

    public static FrameType Type => FrameType.Roster;

    public uint Room { get; init; }

    /// <summary>Gets the entry after which these were the members.</summary>
    public ulong Sequence { get; init; }

    /// <summary>Gets whether the next ROSTER of this room goes on with the list.</summary>
    public bool More { get; init; }

    public ushort Count { get; init; }

    /// <summary>Gets the names as they are on the wire: <see cref="Count"/> times str8.</summary>
    public ReadOnlySpan<byte> Names { get; init; }

    public RosterNameEnumerator GetEnumerator() => new(Names, Count);

    /// <summary>As everywhere; the list of names is walked once here, so that reading them later cannot fail.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> body, out RosterFrame frame)
    {
        var fields = new FieldReader(body);
        uint room = fields.U32();
        ulong sequence = fields.U64();
        bool more = fields.U8() != 0;
        ushort count = fields.U16();
        ReadOnlySpan<byte> names = fields.Rest;
        for (int i = 0; i < count && fields.IsWhole; i++)
        {
            fields.Str8();
        }

        names = fields.IsWhole ? names[..^fields.Rest.Length] : default;
        frame = new RosterFrame { Room = room, Sequence = sequence, More = more, Count = count, Names = names };
        return fields.IsWhole;
    }

    // 86 · room u32 · sequence u64 · more u8 · count u16 · count × str8
    public void WriteTo(IBufferWriter<byte> output)
    {
        FieldWriter fields = Begin(output, Room, Sequence, More, Count, Names.Length);
        fields.Bytes(Names);
        fields.End();
    }

    /// <summary>Writes what stands before the names.</summary>
    public static FieldWriter Begin(IBufferWriter<byte> output, uint room, ulong sequence, bool more, ushort count, int nameBytes)
    {
        var fields = new FieldWriter(output, Type, FixedBytes + nameBytes);
        fields.U32(room);
        fields.U64(sequence);
        fields.U8(more ? (byte)1 : (byte)0);
        fields.U16(count);
        return fields;
    }
}

/// <summary>Walks the names of a ROSTER that was decoded.</summary>
internal ref struct RosterNameEnumerator(ReadOnlySpan<byte> names, int count)
{
    private FieldReader _fields = new(names);
    private int _left = count;

    public ReadOnlySpan<byte> Current { get; private set; }

    public bool MoveNext()
    {
        if (_left == 0)
        {
            return false;
        }

        _left--;
        Current = _fields.Str8();
        return _fields.IsWhole;
    }
}
