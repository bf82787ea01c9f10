using LanChat.Framing;

namespace LanChat.Tests.Faults;

/// <summary>What one reader of one room may be told: the log from the place where it came in, without a hole that is not told, in its order.</summary>
internal static class StreamLaw
{
    /// <summary>Checks what a visit has seen. Gets the epoch that it is in and the sequence that is due next; 0 and 0 when it never began.</summary>
    internal static (ulong Epoch, long Next) Check(FaultWorld world, FaultClient client, Visit visit)
    {
        if (visit.Room is null)
        {
            return default;
        }

        int joinedTo = client.Visits.Find(later => later.Name == visit.Name && later.JoinedFrom > visit.JoinedFrom)?.JoinedFrom ?? int.MaxValue;

        // The last: one that came with a connection that broke before the client looked at it was asked for again.
        JoinedRecord? first = client.Record.Joined.FindLast(joined =>
            joined.Room == visit.Name && joined.Outcome == JoinOutcome.Fresh && joined.Index >= visit.JoinedFrom && joined.Index < joinedTo);
        Laws.Require(first is not null, Law.OneOrder, () => $"{client} has joined {visit.Name}, which the server never said");
        var place = new Place(world, client, visit.Name, first!, joinedTo);
        foreach (RoomEvent e in visit.Reader!.Events)
        {
            place.Take(e);
        }

        return (place.Epoch, place.Next);
    }

    /// <summary>Checks what a client was told alone: each entry of its mailbox once, in order, and only what was meant for it.</summary>
    internal static void CheckMail(FaultWorld world, FaultClient client)
    {
        JoinedRecord? first = client.Record.Joined.Find(joined => joined.Room.Length == 0);
        if (client.Mail is null || first is null)
        {
            return;
        }

        var place = new Place(world, client, "", first, int.MaxValue);
        var seen = new HashSet<string>();
        foreach (RoomEvent e in client.Mail.Events)
        {
            place.Take(e);
            if (e is DirectReceived direct)
            {
                Laws.Require(seen.Add(direct.Text), Law.NothingTwice, () => $"{client} got '{direct.Text}' twice");
                Sent? sent = world.Clients.SelectMany(one => one.Sends).FirstOrDefault(one => one.Text == direct.Text);
                Laws.Require(sent?.To == client.Name, Law.OneOrder, () => $"{client} got '{direct.Text}', which was for {sent?.To}");
                Laws.Require(
                    sent!.Task is { IsCompletedSuccessfully: true, Result.Outcome: not SendOutcome.Rejected },
                    Law.RejectedIsNowhere,
                    () => $"{client} got '{direct.Text}', which was not accepted");
            }
        }
    }

    /// <summary>Where a reader is: in which epoch, and which sequence is due.</summary>
    private sealed class Place(FaultWorld world, FaultClient client, string room, JoinedRecord first, int joinedTo)
    {
        internal ulong Epoch { get; private set; } = first.Epoch;

        internal long Next { get; private set; } = first.First;

        internal void Take(RoomEvent e)
        {
            switch (e)
            {
                case Gap gap:
                    TakeGap(gap);
                    break;
                case Resumed resumed:
                    Laws.Require(
                        client.Record.Joined.Exists(joined => joined.Room == room && joined.Epoch == Epoch && joined.Outcome == JoinOutcome.Recovered
                            && joined.First == Next && joined.Newest - joined.First + 1 == resumed.Entries),
                        Law.OneOrder,
                        () => $"{client} resumed {room} at {Next} with {resumed.Entries} entries, which the server never said");
                    break;
                case Reset reset:
                    JoinedRecord? anew = WhereBegan(reset.Epoch);
                    Laws.Require(anew is not null && reset.Epoch != Epoch, Law.OneOrder, () => $"{client} was told a reset of {room}, which the server never said");
                    (Epoch, Next) = (anew!.Epoch, anew.First);
                    break;
                default:
                    TakeEntry(e);
                    break;
            }
        }

        // In a room the last JOINED of the epoch that says reset: what an earlier connection brought and lost before the client looked at it was said again. A mailbox has an epoch for
        // each session, so it began with the first WELCOME of that.
        private JoinedRecord? WhereBegan(ulong epoch) => room.Length == 0
            ? client.Record.Joined.Find(joined => joined.Room == room && joined.Epoch == epoch)
            : client.Record.Joined.FindLast(joined => joined.Room == room && joined.Epoch == epoch && joined.Index < joinedTo && joined.Outcome == JoinOutcome.Reset);

        private void TakeGap(Gap gap)
        {
            Laws.Require(gap.From == Next && gap.To >= gap.From, Law.SeenOrTold, () => $"{client} was told a gap from {gap.From} to {gap.To} in {room} where {Next} was due");
            bool hasCause = client.HasSmallBuffers || client.Record.ToldGaps > 0 || client.Record.Joined.Exists(joined => joined.Room == room && joined.Outcome == JoinOutcome.Gap);
            Laws.Require(hasCause, Law.SeenOrTold, () => $"{client} was told a gap from {gap.From} to {gap.To} in {room} for no reason");
            Next = gap.To + 1;
        }

        private void TakeEntry(RoomEvent e)
        {
            Laws.Require(e.Sequence == Next, Law.SeenOrTold, () => $"{client} saw entry {e.Sequence} of {room} where {Next} was due");
            Next++;
            JoinedRecord? under = client.Record.WhereCame(room, Epoch, e.Sequence, first.Index, joinedTo);
            Laws.Require(under is not null, Law.OneOrder, () => $"{client} saw entry {e.Sequence} of {room}, which the server never sent");
            Laws.Require(e.IsReplay == (e.Sequence <= under!.Newest), Law.OneOrder, () => $"{client} saw entry {e.Sequence} of {room} as {(e.IsReplay ? "history" : "new")}");
            if (room.Length > 0)
            {
                LogEntry? entry = world.Log.Find(Epoch)?.Find(e.Sequence);
                Laws.Require(entry is not null && IsSame(e, entry), Law.OneOrder, () => $"{client} saw {e} as entry {e.Sequence} of {room}, which is {entry}");
            }
        }

        private bool IsSame(RoomEvent e, LogEntry entry) => e switch
        {
            MessageReceived message => entry.Kind == EntryKind.Message && message.Name == entry.Name && message.Text == entry.Body && (ulong)message.Id == entry.Id
                && (!message.IsOwn || client.Sends.Exists(sent => sent.Text == message.Text)),
            MemberJoined came => entry.Kind == EntryKind.Joined && came.Name == entry.Name && came.Members == entry.Members,
            MemberLeft left => entry.Kind == EntryKind.Left && left.Name == entry.Name && left.Members == entry.Members,
            MembersChanged changed => entry.Kind == EntryKind.Members && changed.Members == entry.Members,
            MemberLostContact lost => entry.Kind == EntryKind.LostContact && lost.Name == entry.Name,
            MemberBack back => entry.Kind == EntryKind.Back && back.Name == entry.Name,
            Notice notice => entry.Kind == EntryKind.Notice && notice.Text == entry.Body,
            _ => false,
        };
    }
}
