namespace LanChat.Framing;

/// <summary>Names the frames: the byte after the length. Below 0x80 they come from clients, from 0x80 on from servers; PING, PONG and BYE go both ways.</summary>
/// <remarks>0x48 and 0xC9 are reserved for receipts. A value that is not listed may arrive at any time; see <see cref="FrameTypeRules.IsSkippable"/>.</remarks>
internal enum FrameType : byte
{
    Hello = 0x01,
    Prove = 0x02,
    Join = 0x03,
    Leave = 0x04,
    Publish = 0x05,
    Direct = 0x06,
    Command = 0x07,
    Who = 0x08,
    Ping = 0x0E,
    Pong = 0x0F,
    Bye = 0x10,
    Welcome = 0x81,
    Challenge = 0x82,
    Joined = 0x83,
    Parted = 0x84,
    Entry = 0x85,
    Roster = 0x86,
    Rejected = 0x87,
    Gap = 0x88,
    Result = 0x89,
    Ack = 0x8A,
}

/// <summary>Says what a reader does with a frame that it does not know.</summary>
internal static class FrameTypeRules
{
    private const byte SkippableBit = 0x40;

    /// <summary>An unknown type with this bit is skipped; any other unknown type is a protocol violation.</summary>
    public static bool IsSkippable(this FrameType type) => ((byte)type & SkippableBit) != 0;
}
