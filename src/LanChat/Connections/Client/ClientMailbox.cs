using LanChat.Framing;
using LanChat.Rooms;

namespace LanChat.Connections.Client;

/// <summary>Room 0: what was sent to this session alone. It is always joined and has no members. Guarded by the client's Gate.</summary>
internal sealed class ClientMailbox
{
    private ulong _epoch;
    private long _next = 1;
    private long _newest;

    internal ClientMailbox(ClientFlow flow, int maxBufferedEvents) => Events = new ClientEvents(flow, "", maxBufferedEvents);

    internal ClientEvents Events { get; }

    /// <summary>Gets the last sequence that was processed.</summary>
    internal long After => _next - 1;

    /// <summary>Takes what WELCOME says of the mailbox: of a new one with a new session, else of the one known. Returns null, or what is wrong with it.</summary>
    /// <param name="welcome">The WELCOME.</param>
    /// <param name="isReturn">Whether there was a session before, of which the readers know.</param>
    internal string? OnWelcome(in WelcomeFrame welcome, bool isReturn)
    {
        // A mailbox that was not needed yet may have neither a first nor a newest.
        ulong first = Math.Max(1, welcome.MailboxFirst);
        if (welcome.MailboxNewest > long.MaxValue - 1 || first > welcome.MailboxNewest + 1)
        {
            return $"a WELCOME with a mailbox from {welcome.MailboxFirst} to {welcome.MailboxNewest}";
        }

        RoomEvent? news = null;
        if (welcome.IsResumed)
        {
            JoinOutcome outcome = welcome.MailboxOutcome;

            // Without a sequence processed there is nothing to come back to; then it is a first visit for the server, and the same for us.
            bool isContinued = outcome == JoinOutcome.Recovered || (outcome == JoinOutcome.Fresh && After == 0);
            bool fits = outcome switch
            {
                JoinOutcome.Recovered => first == (ulong)_next && IsOurs(welcome.MailboxEpoch),
                JoinOutcome.Gap => first > (ulong)_next && IsOurs(welcome.MailboxEpoch),
                JoinOutcome.Reset => true,
                _ => isContinued,
            };
            if (!fits)
            {
                return $"a WELCOME with mailbox outcome {(byte)outcome} and first {first} where {_next} was due";
            }

            news = outcome == JoinOutcome.Reset ? new Reset { Epoch = welcome.MailboxEpoch }
                : isContinued && first == (ulong)_next ? new Resumed { Entries = (long)welcome.MailboxNewest - After }
                : new Gap { From = _next, To = (long)first - 1 };
        }
        else if (isReturn)
        {
            news = new Reset { Epoch = welcome.MailboxEpoch };
        }

        _epoch = welcome.MailboxEpoch;
        _next = (long)first;
        _newest = (long)welcome.MailboxNewest;
        if (news is not null)
        {
            Events.Publish(news);
        }

        return null;
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

    // Before the mailbox was needed it may have had no epoch.
    private bool IsOurs(ulong epoch) => _epoch == 0 || epoch == _epoch;
}
