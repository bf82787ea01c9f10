using System.Buffers.Binary;
using System.Net;
using LanChat.Diagnostics;
using LanChat.Framing;

namespace LanChat.Discovery;

/// <summary>Says why a datagram is not taken.</summary>
internal enum BeaconDefect
{
    None,

    /// <summary>Too short, too long, or another magic: somebody else's datagram.</summary>
    Foreign,

    /// <summary>A type that this version does not know.</summary>
    UnknownType,

    /// <summary>A field that goes beyond the end, has a length it cannot have, or comes twice.</summary>
    BadField,

    /// <summary>A field that may not be skipped, and that this version does not know.</summary>
    UnknownCriticalField,

    /// <summary>A server that has no port, no lifetime, no key, or no signature as the last thing it says.</summary>
    Incomplete,

    /// <summary>A server that wants a newer protocol than this version speaks: nobody here could connect to it.</summary>
    Version,

    /// <summary>The id is not that of the key, or the signature not the key's. Found by <see cref="BeaconSignature"/>.</summary>
    NotGenuine,

    /// <summary>Too many came for this one to be checked.</summary>
    TooMany,

    /// <summary>There is no place for this server on the list: the list is full, or its address has too many on it.</summary>
    NoPlace,
}

/// <summary>A discovery datagram, read but not believed: the spans point into it, names are as they came, and the signature is not checked
/// (<see cref="BeaconSignature"/>).</summary>
internal readonly ref struct BeaconPacket
{
    private readonly ReadOnlySpan<byte> _extraAddresses;

    private BeaconPacket(ReadOnlySpan<byte> datagram, Fields fields)
    {
        Type = (BeaconType)datagram[BeaconLayout.TypeAt];
        Flags = (BeaconFlags)datagram[BeaconLayout.FlagsAt];
        LifetimeSeconds = U16(datagram, BeaconLayout.LifetimeAt);
        Id = new ServerId(datagram.Slice(BeaconLayout.IdAt, ServerId.Bytes));
        Epoch = BinaryPrimitives.ReadUInt32BigEndian(datagram[BeaconLayout.EpochAt..]);
        Sequence = BinaryPrimitives.ReadUInt32BigEndian(datagram[BeaconLayout.SequenceAt..]);
        Nonce = BinaryPrimitives.ReadUInt64BigEndian(datagram[BeaconLayout.NonceAt..]);
        ChatPort = U16(datagram, BeaconLayout.ChatPortAt);
        WebPort = U16(datagram, BeaconLayout.WebPortAt);
        UdpPort = U16(datagram, BeaconLayout.UdpPortAt);
        Members = U16(datagram, BeaconLayout.MembersAt);
        MaxMembers = U16(datagram, BeaconLayout.MaxMembersAt);
        MinProtocol = U16(datagram, BeaconLayout.MinProtocolAt);
        Name = fields.Name;
        Topic = fields.Topic;
        PublicKey = fields.PublicKey;
        Signature = fields.Signature;
        Signed = datagram[..fields.SignedBytes];
        _extraAddresses = datagram[BeaconLayout.HeaderBytes..];
    }

    internal BeaconType Type { get; }

    internal BeaconFlags Flags { get; }

    internal ushort LifetimeSeconds { get; }

    internal ServerId Id { get; }

    internal uint Epoch { get; }

    internal uint Sequence { get; }

    internal ulong Nonce { get; }

    internal ushort ChatPort { get; }

    internal ushort WebPort { get; }

    internal ushort UdpPort { get; }

    internal ushort Members { get; }

    internal ushort MaxMembers { get; }

    internal ushort MinProtocol { get; }

    internal ReadOnlySpan<byte> Name { get; }

    internal ReadOnlySpan<byte> Topic { get; }

    internal ReadOnlySpan<byte> PublicKey { get; }

    internal ReadOnlySpan<byte> Signature { get; }

    /// <summary>Gets what the signature is over: everything before its field.</summary>
    internal ReadOnlySpan<byte> Signed { get; }

    /// <summary>Reads a datagram, and counts it when it has a defect.</summary>
    internal static bool TryTake(ReadOnlySpan<byte> datagram, out BeaconPacket packet) => IsTaken(TryRead(datagram, out packet));

    /// <summary>Counts a datagram that has a defect.</summary>
    /// <returns>Whether it has none.</returns>
    internal static bool IsTaken(BeaconDefect defect)
    {
        if (defect != BeaconDefect.None && Metrics.DatagramsDropped.Enabled)
        {
            Metrics.DatagramsDropped.Add(1, new KeyValuePair<string, object?>(Metrics.DefectTag, defect));
        }

        return defect == BeaconDefect.None;
    }

    /// <summary>Reads a datagram. Never throws, and takes nothing from one that has a defect.</summary>
    internal static BeaconDefect TryRead(ReadOnlySpan<byte> datagram, out BeaconPacket packet)
    {
        packet = default;
        if (datagram.Length is < BeaconLayout.HeaderBytes or > BeaconLayout.MaxBytes || !datagram.StartsWith(BeaconLayout.Magic))
        {
            return BeaconDefect.Foreign;
        }

        if (datagram[BeaconLayout.TypeAt] is < (byte)BeaconType.Announce or > (byte)BeaconType.Goodbye)
        {
            return BeaconDefect.UnknownType;
        }

        BeaconDefect defect = Fields.TryRead(datagram, out Fields fields);
        if (defect != BeaconDefect.None)
        {
            return defect;
        }

        var read = new BeaconPacket(datagram, fields);
        if (read.Type != BeaconType.Solicit)
        {
            // Only a goodbye has no lifetime.
            bool isWhole = read.ChatPort != 0 && fields.EndsWithSignature && !read.PublicKey.IsEmpty && (read.LifetimeSeconds == 0) == (read.Type == BeaconType.Goodbye);
            if (!isWhole)
            {
                return BeaconDefect.Incomplete;
            }

            if (read.MinProtocol > FrameLimits.Version)
            {
                return BeaconDefect.Version;
            }
        }

        packet = read;
        return BeaconDefect.None;
    }

    /// <summary>Gets the addresses that the server says it has besides the one it sent from.</summary>
    internal IReadOnlyList<IPAddress> ExtraAddresses()
    {
        var addresses = new List<IPAddress>();
        ReadOnlySpan<byte> rest = _extraAddresses;
        while (!rest.IsEmpty)
        {
            if (rest[0] == (byte)BeaconField.ExtraAddress)
            {
                addresses.Add(new IPAddress(rest.Slice(BeaconLayout.FieldHeaderBytes, rest[1])));
            }

            rest = rest[(BeaconLayout.FieldHeaderBytes + rest[1])..];
        }

        return addresses;
    }

    private static ushort U16(ReadOnlySpan<byte> datagram, int at) => BinaryPrimitives.ReadUInt16BigEndian(datagram[at..]);

    /// <summary>The fields after the header, each in its place.</summary>
    private ref struct Fields
    {
        internal ReadOnlySpan<byte> Name;
        internal ReadOnlySpan<byte> Topic;
        internal ReadOnlySpan<byte> PublicKey;
        internal ReadOnlySpan<byte> Signature;
        internal int SignedBytes;
        internal bool EndsWithSignature;
        private bool _hasName;
        private bool _hasTopic;
        private int _addresses;

        internal static BeaconDefect TryRead(ReadOnlySpan<byte> datagram, out Fields fields)
        {
            fields = default;
            int at = BeaconLayout.HeaderBytes;
            while (at < datagram.Length)
            {
                int value = at + BeaconLayout.FieldHeaderBytes;
                if (value > datagram.Length || value + datagram[at + 1] > datagram.Length)
                {
                    return BeaconDefect.BadField;
                }

                BeaconDefect defect = fields.Take((BeaconField)datagram[at], datagram.Slice(value, datagram[at + 1]), at);
                if (defect != BeaconDefect.None)
                {
                    return defect;
                }

                at = value + datagram[at + 1];
            }

            return BeaconDefect.None;
        }

        private BeaconDefect Take(BeaconField type, ReadOnlySpan<byte> value, int at)
        {
            // What comes after the signature is not under it.
            if (EndsWithSignature)
            {
                return BeaconDefect.BadField;
            }

            bool isGood = true;
            switch (type)
            {
                case BeaconField.Name:
                    isGood = !_hasName && value.Length <= BeaconLayout.MaxNameBytes;
                    _hasName = true;
                    Name = value;
                    break;
                case BeaconField.Topic:
                    isGood = !_hasTopic && value.Length <= BeaconLayout.MaxTopicBytes;
                    _hasTopic = true;
                    Topic = value;
                    break;
                case BeaconField.ExtraAddress:
                    isGood = value.Length is 4 or 16 && ++_addresses <= BeaconLayout.MaxExtraAddresses;
                    break;
                case BeaconField.PublicKey:
                    isGood = PublicKey.IsEmpty && value.Length == ServerIdentity.PublicKeyBytes;
                    PublicKey = value;
                    break;
                case BeaconField.Signature:
                    isGood = value.Length == ServerIdentity.SignatureBytes;
                    Signature = value;
                    SignedBytes = at;
                    EndsWithSignature = true;
                    break;
                default:
                    return ((byte)type & BeaconLayout.CriticalField) != 0 ? BeaconDefect.UnknownCriticalField : BeaconDefect.None;
            }

            return isGood ? BeaconDefect.None : BeaconDefect.BadField;
        }
    }
}
