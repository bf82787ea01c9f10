using LanChat.Framing;
using LanChat.Rooms;

namespace LanChat.Connections.Client;

/// <summary>Room 0: what was sent to this session alone. It is always joined and has no members. Guarded by the client's Gate.</summary>
internal sealed class ClientMailbox
{
    private long _next = 1;
    private long _newest;

    internal ClientMailbox(ClientFlow flow, int maxBufferedEvents) => Events = new ClientEvents(flow, "", maxBufferedEvents);

    internal ClientEvents Events { get; }

    /// <summary>Sets what WELCOME said. A mailbox that was not needed yet has neither a first nor a newest.</summary>
    internal void Begin(ulong first, ulong newest)
    {
        _next = (long)Math.Clamp(first, 1, long.MaxValue);
        _newest = (long)Math.Min(newest, long.MaxValue);
    }

    /// <summary>Takes an entry of the mailbox. Returns null, or what is wrong with it.</summary>
    internal string? OnEntry(in EntryFrame entry)
    {
        long sequence = (long)entry.Sequence;
        if (sequence != _next)
        {
            return $"mailbox entry {entry.Sequence} where {_next} was due";
        }

        _next++;
        if (EntryEvents.ReadMail(entry, sequence <= _newest) is { } roomEvent)
        {
            Events.Publish(roomEvent);
        }

        return null;
    }

    internal string? OnGap(long from, long to)
    {
        if (from != _next || to < from || to == long.MaxValue)
        {
            return $"mailbox GAP from {from} to {to} where {_next} was due";
        }

        _next = to + 1;
        Events.Publish(new Gap { From = from, To = to });
        return null;
    }
}
