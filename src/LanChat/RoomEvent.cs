using LanChat.Text;

namespace LanChat;

/// <summary>One thing that happened in a room, in the room's order. The kinds are the records derived from it.</summary>
/// <remarks>Texts and names come from strangers: they were sanitized before they got here (no control or bidirectional characters but line
/// feed and tab), so they may be printed.</remarks>
public abstract record RoomEvent
{
    /// <summary>Gets the room's name as it was asked for; empty in the mailbox (direct messages).</summary>
    public string Room { get; init; } = "";

    /// <summary>Gets the entry's sequence in its room (from 1), or 0 for what has none of its own (<see cref="Gap"/>, <see cref="Resumed"/>, <see cref="Reset"/>).</summary>
    public long Sequence { get; init; }

    /// <summary>Gets the server's clock when it happened. Not ordered; <see cref="Sequence"/> is.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>Gets whether it is from before: history up to and including this member's own coming, or what was caught up after the connection was lost. Such events do not change the
    /// member list.</summary>
    public bool IsReplay { get; init; }

    /// <summary>Formats the event as one line of text (docs/protocol.md, section 8), without the line's end; line feeds in a message become
    /// continuation lines indented by four spaces.</summary>
    /// <param name="zone">The time zone of the clock shown; the machine's own when null.</param>
    public string ToText(TimeZoneInfo? zone = null) => LineFormat.Format(this, zone);
}

/// <summary>A message to the room.</summary>
public sealed record MessageReceived : RoomEvent
{
    /// <summary>Gets the sender's name.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the text; empty when <see cref="IsOpaque"/>.</summary>
    public string Text { get; init; } = "";

    /// <summary>Gets whether the sender marked the body as bytes rather than text.</summary>
    public bool IsOpaque { get; init; }

    /// <summary>Gets the body of an opaque message, unchecked; empty otherwise.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>Gets the sender's id of the message.</summary>
    public long Id { get; init; }

    /// <summary>Gets whether this client sent it: then it is also the confirmation.</summary>
    public bool IsOwn { get; init; }
}

/// <summary>A member came.</summary>
public sealed record MemberJoined : RoomEvent
{
    /// <summary>Gets who.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the number of members now.</summary>
    public int Members { get; init; }
}

/// <summary>A member went.</summary>
public sealed record MemberLeft : RoomEvent
{
    /// <summary>Gets who.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the number of members now.</summary>
    public int Members { get; init; }

    /// <summary>Gets why.</summary>
    public DisconnectReason Reason { get; init; }
}

/// <summary>The number of members changed in a room too large to name each coming and going (a counted room).</summary>
public sealed record MembersChanged : RoomEvent
{
    /// <summary>Gets the number of members now.</summary>
    public int Members { get; init; }
}

/// <summary>A word from the operator or the server to the room.</summary>
public sealed record Notice : RoomEvent
{
    /// <summary>Gets the text.</summary>
    public required string Text { get; init; }
}

/// <summary>A member's connection was lost; it stays a member for the resume window.</summary>
public sealed record MemberLostContact : RoomEvent
{
    /// <summary>Gets who.</summary>
    public required string Name { get; init; }
}

/// <summary>A member whose connection was lost is back.</summary>
public sealed record MemberBack : RoomEvent
{
    /// <summary>Gets who.</summary>
    public required string Name { get; init; }
}

/// <summary>A message from one member to this one alone.</summary>
public sealed record DirectReceived : RoomEvent
{
    /// <summary>Gets the sender's name.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the text.</summary>
    public required string Text { get; init; }
}

/// <summary>A word from the server to this member alone, such as a warning.</summary>
public sealed record PrivateNotice : RoomEvent
{
    /// <summary>Gets the text.</summary>
    public required string Text { get; init; }
}

/// <summary>Entries that this reader will not see: the server no longer had them, or passed over them because this client read too slowly
/// (<see cref="SlowConsumerPolicy.Skip"/>), or the app read too slowly while it was sending.</summary>
public sealed record Gap : RoomEvent
{
    /// <summary>Gets the first missing sequence.</summary>
    public long From { get; init; }

    /// <summary>Gets the last missing sequence.</summary>
    public long To { get; init; }
}

/// <summary>The connection was lost and is back; nothing is missing. What was caught up follows, as replay.</summary>
public sealed record Resumed : RoomEvent
{
    /// <summary>Gets how many entries were caught up.</summary>
    public long Entries { get; init; }
}

/// <summary>The connection was lost, and the log that is found now is another one (the server was restarted, or the room made anew): sequences start over, and what was missed is not known.</summary>
public sealed record Reset : RoomEvent
{
    /// <summary>Gets the new epoch.</summary>
    public ulong Epoch { get; init; }
}
