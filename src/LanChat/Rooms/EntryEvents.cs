using LanChat.Framing;
using LanChat.Text;

namespace LanChat.Rooms;

/// <summary>Turns an entry of a log into the event that an app sees. Names and texts are sanitized again here: the server
/// is a stranger, too.</summary>
internal static class EntryEvents
{
    private static readonly long FirstMilliseconds = DateTimeOffset.MinValue.ToUnixTimeMilliseconds();
    private static readonly long LastMilliseconds = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>Reads an entry of a room. False when its body is not what its kind asks for; null for a kind that this version does not know.</summary>
    internal static bool TryRead(in EntryFrame entry, string room, bool isReplay, bool isOwn, out RoomEvent? roomEvent)
    {
        roomEvent = null;
        switch (entry.Kind)
        {
            case EntryKind.Message:
                roomEvent = entry.IsOpaque
                    ? new MessageReceived { Name = Name(entry), IsOpaque = true, Data = entry.Body.ToArray(), Id = (long)entry.Id, IsOwn = isOwn }
                    : new MessageReceived { Name = Name(entry), Text = Text(entry), Id = (long)entry.Id, IsOwn = isOwn };
                break;
            case EntryKind.Joined:
                if (!PresenceBody.TryReadMembers(entry.Body, out uint afterJoin))
                {
                    return false;
                }

                roomEvent = new MemberJoined { Name = Name(entry), Members = Members(afterJoin) };
                break;
            case EntryKind.Left:
                if (!PresenceBody.TryReadLeft(entry.Body, out uint afterLeave, out ushort code))
                {
                    return false;
                }

                roomEvent = new MemberLeft { Name = Name(entry), Members = Members(afterLeave), Reason = (DisconnectReason)code };
                break;
            case EntryKind.Members:
                if (!PresenceBody.TryReadMembers(entry.Body, out uint members))
                {
                    return false;
                }

                roomEvent = new MembersChanged { Members = Members(members) };
                break;
            case EntryKind.Notice:
                roomEvent = new Notice { Text = Text(entry) };
                break;
            case EntryKind.LostContact:
                roomEvent = new MemberLostContact { Name = Name(entry) };
                break;
            case EntryKind.Back:
                roomEvent = new MemberBack { Name = Name(entry) };
                break;
        }

        roomEvent = roomEvent is null ? null : Place(roomEvent, entry, room, isReplay);
        return true;
    }

    /// <summary>Reads an entry of the mailbox; null for a kind that this version does not know there.</summary>
    internal static RoomEvent? ReadMail(in EntryFrame entry, bool isReplay) => entry.Kind switch
    {
        EntryKind.Direct => Place(new DirectReceived { Name = Name(entry), Text = Text(entry) }, entry, "", isReplay),
        EntryKind.Private => Place(new PrivateNotice { Text = Text(entry) }, entry, "", isReplay),
        _ => null,
    };

    private static RoomEvent Place(RoomEvent roomEvent, in EntryFrame entry, string room, bool isReplay) => roomEvent with
    {
        Room = room,
        Sequence = (long)entry.Sequence,
        Time = DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(entry.Time, FirstMilliseconds, LastMilliseconds)),
        IsReplay = isReplay,
    };

    private static string Name(in EntryFrame entry) => TextRules.SanitizeToLine(entry.Name);

    private static string Text(in EntryFrame entry) => TextRules.SanitizeToString(entry.Body);

    private static int Members(uint members) => (int)Math.Min(members, int.MaxValue);
}
