using System.Buffers.Binary;

namespace LanChat.Framing;

/// <summary>The bodies of the entries that say how many members a room has now.</summary>
internal static class PresenceBody
{
    /// <summary>The body of <see cref="EntryKind.Joined"/> and <see cref="EntryKind.Members"/>: members u32.</summary>
    public const int MembersBytes = 4;

    /// <summary>The body of <see cref="EntryKind.Left"/>: members u32 · code u16.</summary>
    public const int LeftBytes = 6;

    // members u32
    public static void WriteMembers(Span<byte> body, uint members) => BinaryPrimitives.WriteUInt32BigEndian(body, members);

    // members u32 · code u16
    public static void WriteLeft(Span<byte> body, uint members, ushort code)
    {
        BinaryPrimitives.WriteUInt32BigEndian(body, members);
        BinaryPrimitives.WriteUInt16BigEndian(body[MembersBytes..], code);
    }

    /// <summary>Reads how many members there are now; false when the body is too short. It reads <see cref="EntryKind.Left"/> too.</summary>
    public static bool TryReadMembers(ReadOnlySpan<byte> body, out uint members)
    {
        var fields = new FieldReader(body);
        members = fields.U32();
        return fields.IsWhole;
    }

    /// <summary>Reads how many members there are now, and why one left; false when the body is too short.</summary>
    public static bool TryReadLeft(ReadOnlySpan<byte> body, out uint members, out ushort code)
    {
        var fields = new FieldReader(body);
        members = fields.U32();
        code = fields.U16();
        return fields.IsWhole;
    }
}
