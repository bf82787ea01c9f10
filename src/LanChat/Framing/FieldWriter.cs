using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;

namespace LanChat.Framing;

/// <summary>Writes one frame in place: the header at once, since the size is known, then the fields in order.</summary>
/// <remarks>Nothing reaches the output before <see cref="End"/>, so an exception on the way leaves no half frame behind.</remarks>
internal ref struct FieldWriter
{
    private readonly IBufferWriter<byte> _output;
    private readonly Span<byte> _frame;
    private int _position;

    public FieldWriter(IBufferWriter<byte> output, FrameType type, int bodyBytes)
    {
        _output = output;
        _frame = output.GetSpan(FrameLimits.HeaderBytes + bodyBytes)[..(FrameLimits.HeaderBytes + bodyBytes)];
        U32((uint)(FrameLimits.TypeBytes + bodyBytes));
        U8((byte)type);
    }

    public static int Str8Bytes(ReadOnlySpan<byte> value) => sizeof(byte) + value.Length;

    public static int Str16Bytes(ReadOnlySpan<byte> value) => sizeof(ushort) + value.Length;

    public void U8(byte value) => _frame[_position++] = value;

    public void U16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Take(sizeof(ushort)), value);

    public void U32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Take(sizeof(uint)), value);

    public void U64(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Take(sizeof(ulong)), value);

    public void Str8(ReadOnlySpan<byte> value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Length, FrameLimits.MaxStr8Bytes, nameof(value));
        U8((byte)value.Length);
        Bytes(value);
    }

    public void Str16(ReadOnlySpan<byte> value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Length, FrameLimits.MaxStr16Bytes, nameof(value));
        U16((ushort)value.Length);
        Bytes(value);
    }

    /// <summary>Writes a field of fixed size; an empty value stands for zeros.</summary>
    public void Fixed(ReadOnlySpan<byte> value, int count)
    {
        Span<byte> field = Take(count);
        if (value.IsEmpty)
        {
            field.Clear();
            return;
        }

        ArgumentOutOfRangeException.ThrowIfNotEqual(value.Length, count, nameof(value));
        value.CopyTo(field);
    }

    public void Bytes(ReadOnlySpan<byte> value) => value.CopyTo(Take(value.Length));

    /// <summary>Hands the frame to the output.</summary>
    public readonly void End()
    {
        Debug.Assert(_position == _frame.Length, "The frame was measured wrong.");
        _output.Advance(_frame.Length);
    }

    private Span<byte> Take(int count)
    {
        Span<byte> field = _frame.Slice(_position, count);
        _position += count;
        return field;
    }
}
