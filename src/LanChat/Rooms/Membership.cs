using LanChat.Broadcast;
using LanChat.Framing;
using LanChat.Sessions;

namespace LanChat.Rooms;

/// <summary>A session in a room: its cursor in the room's log, and how far it is to run. Belongs to the session's loop.</summary>
/// <remarks>While the session is detached, and after it came back until it joins the room again, there is no cursor: it is a member whom nothing is sent to.</remarks>
internal sealed class Membership(Session session, LoopMembers members)
{
    internal Room Room => Members.Room;

    internal Session Session { get; } = session;

    /// <summary>Gets the room's members on this loop, which this one is on the list of.</summary>
    internal LoopMembers Members { get; } = members;

    /// <summary>The place on that list; kept by it.</summary>
    internal int Index { get; set; }

    /// <summary>The cursor. Only while <see cref="IsAttached"/>.</summary>
    internal LogCursor Cursor { get; set; } = null!;

    /// <summary>Gets whether the session's connection has joined the room, and so gets what happens there.</summary>
    internal bool IsAttached => Cursor is not null;

    /// <summary>Gets whether the member can act in the room.</summary>
    internal bool IsPresent => IsAttached && !IsLeaving;

    /// <summary>Whether the room was told that contact with this member is lost, and not yet that it is back.</summary>
    internal bool IsLost { get; set; }

    /// <summary>Gets the room's name as this member asked for it.</summary>
    internal required byte[] Name { get; set; }

    /// <summary>The member's name as the room's entries have told it. Written under the gate, together with the entries that tell of a new one: between
    /// <see cref="Session.Name"/>'s change and those, a joiner on another loop gets the roster.</summary>
    internal SessionName MemberName { get; set; } = session.Name;

    /// <summary>When WHO is answered again: a timestamp.</summary>
    internal long WhoDue { get; set; }

    /// <summary>The sequence of the newest entry at JOIN: what is not newer is history.</summary>
    internal long Newest { get; set; }

    /// <summary>The position after that entry: lag counts only what was appended later, since history is paced by the socket.</summary>
    internal long LagFrom { get; set; }

    /// <summary>Where the cursor is to stop: at the end of the caller's own <c>left</c> entry once it is leaving.</summary>
    internal long StopAt { get; set; } = long.MaxValue;

    /// <summary>Whether it left the room, and only its cursor is still on the way to <see cref="StopAt"/>.</summary>
    internal bool IsLeaving => StopAt != long.MaxValue;

    /// <summary>Gets whether everything that this member is to see was handed to the link.</summary>
    internal bool HasStopped => IsLeaving && Cursor.Position >= StopAt;

    /// <summary>A JOIN of the same room that came while this one was leaving; it is carried out after PARTED.</summary>
    internal JoinRequest? Rejoin { get; set; }
}

/// <summary>What a JOIN asks for.</summary>
/// <param name="Replay">How many entries of history are wanted, up to and including the newest.</param>
/// <param name="Epoch">The epoch the caller knows, 0 on a first visit.</param>
/// <param name="After">The last sequence it has processed in that epoch.</param>
/// <param name="Name">The room's name as asked.</param>
internal sealed record JoinRequest(int Replay, ulong Epoch, ulong After, byte[] Name);

/// <summary>What a JOIN got: everything JOINED and ROSTER say, true at one moment under the room's gate.</summary>
internal readonly record struct JoinAnswer(Membership Membership, JoinOutcome Outcome, long First, int Members, bool IsCounted, byte[][] Roster);
