using LanChat.Framing;
using LanChat.Text;

namespace LanChat.Rooms;

/// <summary>Makes the events that applications see out of entries. Every text passes the sanitizer here.</summary>
internal static class EntryEvents
{
    /// <summary>Creates the event of an entry, or null for a kind that this version does not know or a body that makes no sense.</summary>
    internal static RoomEvent? Create(in EntryFrame entry, string room, bool isReplay, bool isOwn)
    {
        RoomEvent? made = CreateKind(in entry, isOwn);
        return made is null
            ? null
            : made with
            {
                Room = room,
                Sequence = (long)entry.Sequence,
                Time = ToTime(entry.Time),
                IsReplay = isReplay,
            };
    }

    private static RoomEvent? CreateKind(in EntryFrame entry, bool isOwn)
    {
        switch (entry.Kind)
        {
            case EntryKind.Message when entry.IsOpaque:
                return new MessageReceived { Name = Name(in entry), IsOpaque = true, Data = entry.Body.ToArray(), Id = (long)entry.Id, IsOwn = isOwn };
            case EntryKind.Message:
                return new MessageReceived { Name = Name(in entry), Text = Body(in entry), Id = (long)entry.Id, IsOwn = isOwn };
            case EntryKind.Joined when PresenceBody.TryReadMembers(entry.Body, out uint members):
                return new MemberJoined { Name = Name(in entry), Members = (int)members };
            case EntryKind.Left when PresenceBody.TryReadLeft(entry.Body, out uint members, out ushort code):
                return new MemberLeft { Name = Name(in entry), Members = (int)members, Reason = (DisconnectReason)code };
            case EntryKind.Members when PresenceBody.TryReadMembers(entry.Body, out uint members):
                return new MembersChanged { Members = (int)members };
            case EntryKind.Notice:
                return new Notice { Text = Body(in entry) };
            case EntryKind.LostContact:
                return new MemberLostContact { Name = Name(in entry) };
            case EntryKind.Back:
                return new MemberBack { Name = Name(in entry) };
            case EntryKind.Direct:
                return new DirectReceived { Name = Name(in entry), Text = Body(in entry) };
            case EntryKind.Private:
                return new PrivateNotice { Text = Body(in entry) };
            default:
                return null;
        }
    }

    private static string Name(in EntryFrame entry) => TextRules.SanitizeToString(entry.Name);

    private static string Body(in EntryFrame entry) => TextRules.SanitizeToString(entry.Body);

    // A server may send any 64 bits as a time; those that are no date become the epoch.
    private static DateTimeOffset ToTime(long milliseconds) =>
        milliseconds is >= -62_135_596_800_000 and <= 253_402_300_799_999 ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : DateTimeOffset.UnixEpoch;
}
