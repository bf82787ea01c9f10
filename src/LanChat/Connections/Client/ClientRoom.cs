using LanChat.Framing;
using LanChat.Rooms;

namespace LanChat.Connections.Client;

/// <summary>One room as this client follows it: where it is in the room's log, who is there, and who reads along.</summary>
/// <remarks>Joining, joined, leaving, parted, in this order. The entries of a room come without a hole: what is missing is
/// said by GAP, and anything else is a broken server, not a lost message. Everything but the tasks is guarded by the client's Gate.</remarks>
internal sealed class ClientRoom
{
    private readonly ClientRooms _rooms;
    private readonly ClientFlow _flow;
    private readonly ClientSends _sends;
    private readonly byte[] _myName;

    // Completions are values: nobody may be waiting any more, and an exception that nobody sees is an unobserved one.
    private readonly TaskCompletionSource<JoinAnswer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DisconnectReason> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Stage _stage;
    private long _next;

    // Own messages up to here are of an earlier session of that name.
    private long _ownFloor;

    internal ClientRoom(ClientRooms rooms, ClientFlow flow, ClientSends sends, byte[] myName, string name, int maxBufferedEvents)
    {
        _rooms = rooms;
        _flow = flow;
        _sends = sends;
        _myName = myName;
        Name = name;
        Events = new ClientEvents(flow, name, maxBufferedEvents);
        Handle = new ChatRoom(this);
    }

    private enum Stage
    {
        Joining,
        Joined,
        Leaving,
        Parted,
    }

    internal string Name { get; }

    /// <summary>Gets what the app holds.</summary>
    internal ChatRoom Handle { get; }

    internal ClientEvents Events { get; }

    internal ClientRoster Roster { get; } = new();

    internal ClientFlow Flow => _flow;

    internal ClientSends Sends => _sends;

    /// <summary>Gets the number that JOINED gave it; 0 before.</summary>
    internal uint Number { get; private set; }

    internal bool IsJoined => _stage == Stage.Joined;

    internal bool IsLeaving => _stage == Stage.Leaving;

    /// <summary>JOINED.newest: entries up to it are replay. Set before the join is answered.</summary>
    internal long JoinedSequence { get; private set; }

    internal Task<JoinAnswer> Answer => _answer.Task;

    internal Task<DisconnectReason> Completion => _completion.Task;

    internal string PartedText { get; private set; } = "";

    /// <summary>Takes JOINED. Returns null, or what is wrong with it.</summary>
    internal string? OnJoined(in JoinedFrame joined, long ownFloor)
    {
        if (joined.First == 0 || joined.Newest > long.MaxValue - 1 || joined.First > joined.Newest + 1)
        {
            return $"JOINED with first {joined.First} and newest {joined.Newest}";
        }

        bool isCounted = (joined.Flags & JoinedFrame.CountedFlag) != 0;
        Number = joined.Room;
        _next = (long)joined.First;
        JoinedSequence = (long)joined.Newest;
        _ownFloor = ownFloor;
        _stage = Stage.Joined;
        Roster.OnJoined(isCounted, JoinedSequence, (int)Math.Min(joined.Members, int.MaxValue));
        AnswerIfKnown();
        return null;
    }

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
        bool isOwn = entry.Kind == EntryKind.Message && sequence > _ownFloor && entry.Name.SequenceEqual(_myName) && _sends.WasDrawn(entry.Id);
        if (!EntryEvents.TryRead(entry, Name, sequence <= JoinedSequence, isOwn, out RoomEvent? roomEvent))
        {
            return $"an entry of kind {entry.Kind} without its fields";
        }

        // The list first, the readers last: who sees the event finds the list as of then, or later.
        switch (roomEvent)
        {
            case MemberJoined came:
                Roster.OnCame(came.Name, sequence, came.Members);
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

    internal ValueTask LeaveAsync(CancellationToken cancellationToken) => _rooms.LeaveAsync(this, cancellationToken);

    internal void BeginLeave()
    {
        _stage = Stage.Leaving;
        _flow.Await();
    }

    /// <summary>It is over: parted by the server, left, refused, or the connection has ended. The first reason stays.</summary>
    internal void End(DisconnectReason reason, string text)
    {
        if (_stage == Stage.Parted)
        {
            return;
        }

        if (_stage == Stage.Leaving)
        {
            _flow.Answered();
        }

        _stage = Stage.Parted;
        PartedText = text;
        if (_answer.TrySetResult(new JoinAnswer(false, reason, text)))
        {
            _flow.Answered();
        }

        Events.End();
        _completion.SetResult(reason);
    }

    private void AnswerIfKnown()
    {
        // With its members, not before: the app's first look at the list is right.
        if (Roster.IsCurrent && _answer.TrySetResult(new JoinAnswer(true, default, "")))
        {
            _flow.Answered();
        }
    }

    internal readonly record struct JoinAnswer(bool IsJoined, DisconnectReason Reason, string Text);
}
