using System.Buffers.Binary;

namespace LanChat.Framing;

/// <summary>Reads the fields of one frame in order. It never throws: once a field does not fit, that one and all later ones read as zero or empty
/// and <see cref="IsWhole"/> is false, so a decoder asks once, at its end.</summary>
internal ref struct FieldReader(ReadOnlySpan<byte> body)
{
    private ReadOnlySpan<byte> _rest = body;
    private bool _isShort;

    /// <summary>Gets whether every field so far was there in full.</summary>
    public readonly bool IsWhole => !_isShort;

    /// <summary>Gets what follows the fields read so far.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    public byte U8()
    {
        ReadOnlySpan<byte> field = Bytes(sizeof(byte));
        return field.IsEmpty ? default : field[0];
    }

    public ushort U16()
    {
        ReadOnlySpan<byte> field = Bytes(sizeof(ushort));
        return field.IsEmpty ? default : BinaryPrimitives.ReadUInt16BigEndian(field);
    }

    public uint U32()
    {
        ReadOnlySpan<byte> field = Bytes(sizeof(uint));
        return field.IsEmpty ? default : BinaryPrimitives.ReadUInt32BigEndian(field);
    }

    public ulong U64()
    {
        ReadOnlySpan<byte> field = Bytes(sizeof(ulong));
        return field.IsEmpty ? default : BinaryPrimitives.ReadUInt64BigEndian(field);
    }

    public ReadOnlySpan<byte> Str8() => Bytes(U8());

    public ReadOnlySpan<byte> Str16() => Bytes(U16());

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (count > _rest.Length)
        {
            // Nothing may be read from the middle of a field that was cut off.
            _isShort = true;
            _rest = default;
            return default;
        }

        ReadOnlySpan<byte> field = _rest[..count];
        _rest = _rest[count..];
        return field;
    }
}
