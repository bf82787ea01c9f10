namespace LanChat.Discovery;

/// <summary>What a discovery datagram is for.</summary>
internal enum BeaconType : byte
{
    /// <summary>A server is there, or says something new. To everyone.</summary>
    Announce = 1,

    /// <summary>A client asks who is there. To everyone.</summary>
    Solicit = 2,

    /// <summary>A server answers. To the client alone, with the client's nonce.</summary>
    Reply = 3,

    /// <summary>A server goes. To everyone.</summary>
    Goodbye = 4,
}

/// <summary>What a server says about itself in single bits; the others are zero, and not looked at.</summary>
[Flags]
internal enum BeaconFlags : byte
{
    None = 0,
    NeedsJoinCode = 1,
    IsFull = 2,
    HasUdp = 4,
    HasWeb = 8,
}

/// <summary>The fields after the header. One with <see cref="BeaconLayout.CriticalField"/> set may not be skipped by who does not know it.</summary>
internal enum BeaconField : byte
{
    /// <summary>Says nothing: a run of zero bytes reads as such fields without a value, and so fills a solicit up.</summary>
    Padding = 0x00,
    Name = 0x01,
    Topic = 0x02,
    ExtraAddress = 0x03,
    PublicKey = 0xA0,
    Signature = 0xA1,
}

/// <summary>Where things are in a discovery datagram (docs/protocol.md, section 7). Numbers are big-endian.</summary>
/// <remarks>
/// <code>
///  0     4     5      6          8            40        44      48       56       58       60      62        64         66         68
///  | LCB1| type| flags| lifetime | server id  | epoch   | seq   | nonce  | chat   | web    | udp   | members | max      | min proto | fields…
///  | u32 | u8  | u8   | s u16    | 32 B       | u32     | u32   | 8 B    | tcp u16| u16    | u16   | u16     | members16| u16       |
/// </code>
/// A field is type u8, length u8, value.
/// </remarks>
internal static class BeaconLayout
{
    internal const int TypeAt = 4;
    internal const int FlagsAt = 5;
    internal const int LifetimeAt = 6;
    internal const int IdAt = 8;
    internal const int EpochAt = 40;
    internal const int SequenceAt = 44;
    internal const int NonceAt = 48;
    internal const int ChatPortAt = 56;
    internal const int WebPortAt = 58;
    internal const int UdpPortAt = 60;
    internal const int MembersAt = 62;
    internal const int MaxMembersAt = 64;
    internal const int MinProtocolAt = 66;
    internal const int HeaderBytes = 68;

    /// <summary>Type and length before each value.</summary>
    internal const int FieldHeaderBytes = 2;

    /// <summary>Fits one unfragmented datagram on every link; what is longer is not looked at. A solicit has exactly so many, so that no answer is longer than its question.</summary>
    internal const int MaxBytes = 512;

    internal const int MaxNameBytes = 48;
    internal const int MaxTopicBytes = 48;
    internal const int MaxExtraAddresses = 4;
    internal const byte CriticalField = 0x80;

    internal const int DefaultPort = 5005;

    /// <summary>What the first generation of servers sent once a second.</summary>
    internal static ReadOnlySpan<byte> LegacyDatagram => "response"u8;

    internal static ReadOnlySpan<byte> Magic => "LCB1"u8;
}
