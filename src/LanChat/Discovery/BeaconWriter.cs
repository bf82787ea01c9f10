using System.Buffers.Binary;
using System.Net;
using System.Text;
using LanChat.Framing;

namespace LanChat.Discovery;

/// <summary>What a server says about itself in every datagram.</summary>
internal sealed record BeaconContent
{
    internal required byte[] Name { get; init; }

    internal byte[] Topic { get; init; } = [];

    internal required int ChatPort { get; init; }

    internal int WebPort { get; init; }

    internal int UdpPort { get; init; }

    internal int Members { get; init; }

    internal int MaxMembers { get; init; }

    internal bool NeedsJoinCode { get; init; }

    internal IReadOnlyList<IPAddress> ExtraAddresses { get; init; } = [];

    internal BeaconFlags Flags =>
        (NeedsJoinCode ? BeaconFlags.NeedsJoinCode : 0)
        | (MaxMembers > 0 && Members >= MaxMembers ? BeaconFlags.IsFull : 0)
        | (UdpPort != 0 ? BeaconFlags.HasUdp : 0)
        | (WebPort != 0 ? BeaconFlags.HasWeb : 0);

    internal static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}

/// <summary>Writes discovery datagrams.</summary>
internal static class BeaconWriter
{
    /// <summary>Writes a question: a header with nothing but a nonce, filled up with zeros.</summary>
    /// <returns><see cref="BeaconLayout.MaxBytes"/> bytes.</returns>
    internal static byte[] Solicit(ulong nonce)
    {
        byte[] datagram = new byte[BeaconLayout.MaxBytes];
        BeaconLayout.Magic.CopyTo(datagram);
        datagram[BeaconLayout.TypeAt] = (byte)BeaconType.Solicit;
        BinaryPrimitives.WriteUInt64BigEndian(datagram.AsSpan(BeaconLayout.NonceAt), nonce);
        U16(datagram, BeaconLayout.MinProtocolAt, FrameLimits.Version);
        return datagram;
    }

    /// <summary>Writes what a server says, and signs it.</summary>
    /// <returns>At most <see cref="BeaconLayout.MaxBytes"/> bytes, whatever the content.</returns>
    internal static byte[] Sign(
        BeaconType type, ServerIdentity identity, uint epoch, uint sequence, ulong nonce, TimeSpan lifetime, BeaconContent content)
    {
        Span<byte> datagram = stackalloc byte[BeaconLayout.MaxBytes];
        datagram.Clear();
        BeaconLayout.Magic.CopyTo(datagram);
        datagram[BeaconLayout.TypeAt] = (byte)type;
        datagram[BeaconLayout.FlagsAt] = (byte)content.Flags;
        U16(datagram, BeaconLayout.LifetimeAt, (int)lifetime.TotalSeconds);
        identity.Id.WriteTo(datagram[BeaconLayout.IdAt..]);
        BinaryPrimitives.WriteUInt32BigEndian(datagram[BeaconLayout.EpochAt..], epoch);
        BinaryPrimitives.WriteUInt32BigEndian(datagram[BeaconLayout.SequenceAt..], sequence);
        BinaryPrimitives.WriteUInt64BigEndian(datagram[BeaconLayout.NonceAt..], nonce);
        U16(datagram, BeaconLayout.ChatPortAt, content.ChatPort);
        U16(datagram, BeaconLayout.WebPortAt, content.WebPort);
        U16(datagram, BeaconLayout.UdpPortAt, content.UdpPort);
        U16(datagram, BeaconLayout.MembersAt, content.Members);
        U16(datagram, BeaconLayout.MaxMembersAt, content.MaxMembers);
        U16(datagram, BeaconLayout.MinProtocolAt, FrameLimits.Version);

        int at = Field(datagram, BeaconLayout.HeaderBytes, BeaconField.Name, content.Name);
        if (content.Topic.Length > 0)
        {
            at = Field(datagram, at, BeaconField.Topic, content.Topic);
        }

        foreach (IPAddress address in content.ExtraAddresses)
        {
            at = Field(datagram, at, BeaconField.ExtraAddress, address.GetAddressBytes());
        }

        at = Field(datagram, at, BeaconField.PublicKey, identity.PublicKey);
        Span<byte> signature = stackalloc byte[ServerIdentity.SignatureBytes];
        identity.Sign(datagram[..at], signature);
        at = Field(datagram, at, BeaconField.Signature, signature);
        return datagram[..at].ToArray();
    }

    // A count that does not fit is told as the most that does.
    private static void U16(Span<byte> datagram, int at, int value) =>
        BinaryPrimitives.WriteUInt16BigEndian(datagram[at..], (ushort)Math.Clamp(value, 0, ushort.MaxValue));

    private static int Field(Span<byte> datagram, int at, BeaconField type, ReadOnlySpan<byte> value)
    {
        datagram[at] = (byte)type;
        datagram[at + 1] = (byte)value.Length;
        value.CopyTo(datagram[(at + BeaconLayout.FieldHeaderBytes)..]);
        return at + BeaconLayout.FieldHeaderBytes + value.Length;
    }
}
