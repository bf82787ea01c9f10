using LanChat.Framing;
using LanChat.Rooms;

namespace LanChat.Connections.Client;

/// <content>What comes in a room that is joined. Each returns null, or what the server did wrong.</content>
internal sealed partial class ClientRoom
{
    internal string? OnRoster(in RosterFrame roster)
    {
        string? violation = Roster.OnRoster(roster, _next - 1);
        AnswerIfKnown();
        return violation;
    }

    internal string? OnGap(long from, long to)
    {
        if (from != _next || to < from || to == long.MaxValue)
        {
            return $"GAP from {from} to {to} where {_next} was due";
        }

        _next = to + 1;
        Roster.OnGap();
        if (Events.IsRead)
        {
            Events.Publish(new Gap { Room = Name, From = from, To = to });
        }

        _sends.Repeat(this);
        return null;
    }

    internal string? OnEntry(in EntryFrame entry)
    {
        long sequence = (long)entry.Sequence;
        if (sequence != _next)
        {
            return $"entry {entry.Sequence} where {_next} was due";
        }

        _next++;
        bool isOwn = entry.Kind == EntryKind.Message && sequence > _ownFloor && entry.Name.SequenceEqual(_rooms.MyName) && _sends.WasDrawn(entry.Id);
        if (!EntryEvents.TryRead(entry, Name, sequence <= _newest, isOwn, out RoomEvent? roomEvent))
        {
            return $"an entry of kind {entry.Kind} without its fields";
        }

        // The list first, the readers last: who sees the event finds the list as of then, or later.
        switch (roomEvent)
        {
            case MemberJoined came:
                if (Roster.OnCame(came.Name, sequence, came.Members) is { } violation)
                {
                    return violation;
                }

                break;
            case MemberLeft went:
                Roster.OnWent(went.Name, sequence, went.Members);
                break;
            case MembersChanged changed:
                Roster.OnCounted(sequence, changed.Members);
                AnswerIfKnown();
                break;
        }

        if (isOwn)
        {
            _sends.Confirm(entry.Id, this, sequence);
        }

        if (roomEvent is not null)
        {
            Events.Publish(roomEvent);
        }

        return null;
    }
}
