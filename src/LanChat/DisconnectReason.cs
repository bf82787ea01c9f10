namespace LanChat;

/// <summary>Says why a connection, a membership or a single request ended: the codes of the wire protocol, the same on both ends.</summary>
/// <remarks>Values from 1 to 28 are sent in BYE, PARTED, REJECTED and in <c>left</c> entries (docs/protocol.md, section 2). A value that this
/// version does not know may arrive from a newer one; treat it like <see cref="Goodbye"/> with a text.</remarks>
public enum DisconnectReason
{
    /// <summary>The link broke without a goodbye. As the code of a <c>left</c> entry it is 0.</summary>
    ConnectionReset = 0,

    /// <summary>One side said goodbye on purpose.</summary>
    Goodbye = 1,

    /// <summary>The server is stopping.</summary>
    ServerStopping = 2,

    /// <summary>The connection fell further behind its rooms than the lag limit allows.</summary>
    TooSlow = 3,

    /// <summary>The other side broke the protocol.</summary>
    ProtocolViolation = 4,

    /// <summary>A frame was longer than agreed.</summary>
    FrameTooLarge = 5,

    /// <summary>Nothing was published for longer than the idle limit.</summary>
    Idle = 6,

    /// <summary>Not a byte was received for two heartbeats.</summary>
    HeartbeatLost = 7,

    /// <summary>An operator removed the member.</summary>
    Kicked = 8,

    /// <summary>An operator banned the member.</summary>
    Banned = 9,

    /// <summary>Another member has this name, or one that looks the same.</summary>
    NameInUse = 10,

    /// <summary>The name does not follow the name rule.</summary>
    BadName = 11,

    /// <summary>A required proof (join code, operator token, session token) is missing or wrong; or the server is not the one that was meant.</summary>
    NotProved = 12,

    /// <summary>The server has as many members as it takes; or as many bans.</summary>
    ServerFull = 13,

    /// <summary>More was sent than the rate limit allows; wait and try again.</summary>
    TooFast = 14,

    /// <summary>The room has as many members as it takes.</summary>
    RoomFull = 15,

    /// <summary>There is no such room, and the server does not let callers make one.</summary>
    NoSuchRoom = 16,

    /// <summary>The sender is not a member of that room.</summary>
    NotAMember = 17,

    /// <summary>A newer connection took the session over.</summary>
    Replaced = 18,

    /// <summary>The sender does not have the right to do that.</summary>
    NotPermitted = 19,

    /// <summary>The server, or this session, has as many rooms as it may.</summary>
    TooManyRooms = 20,

    /// <summary>The two sides share no protocol version.</summary>
    Version = 21,

    /// <summary>The text is not UTF-8, or too long.</summary>
    BadText = 22,

    /// <summary>No member has that name; or no ban holds for it.</summary>
    NoSuchMember = 23,

    /// <summary>The server takes plain, unencrypted connections only from its own machine.</summary>
    PlaintextNotAccepted = 24,

    /// <summary>The server has as many connections as it takes.</summary>
    TooManyConnections = 25,

    /// <summary>The connection is a member of that room already.</summary>
    AlreadyThere = 26,

    /// <summary>A flag was set that the receiver does not know.</summary>
    UnknownFlag = 27,

    /// <summary>The server could not store the message.</summary>
    StoreFailed = 28,

    /// <summary>This side gave the connection up, at once. Never sent.</summary>
    Aborted = 0x10000,
}
