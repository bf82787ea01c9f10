using LanChat.Framing;

namespace LanChat.Connections.Client;

/// <summary>One room as this client follows it: where it is in the room's log, who is there, and who reads along.</summary>
/// <remarks>Joining, joined, leaving, parted, in this order; a member whose connection is lost is away, until the next connection has joined the room again. The entries of a room come without
/// a hole: what is missing is said by GAP, and anything else is a broken server, not a lost message (<c>ClientRoom.Entries.cs</c>). Everything but the tasks is guarded by the client's
/// Gate.</remarks>
internal sealed partial class ClientRoom
{
    private readonly ClientRooms _rooms;
    private readonly ClientFlow _flow;
    private readonly ClientSends _sends;

    // Completions are values: nobody may be waiting any more, and an exception that nobody sees is an unobserved one.
    private readonly TaskCompletionSource<JoinAnswer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DisconnectReason> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Stage _stage;
    private ulong _epoch;
    private long _next = 1;

    // Entries up to here are replay.
    private long _newest;

    // Own messages up to here are of an earlier session of that name.
    private long _ownFloor;

    internal ClientRoom(ClientRooms rooms, ClientFlow flow, ClientSends sends, byte[] asked, string name, int maxBufferedEvents)
    {
        _rooms = rooms;
        _flow = flow;
        _sends = sends;
        Asked = asked;
        Name = name;
        Events = new ClientEvents(flow, name, maxBufferedEvents);
        Handle = new ChatRoom(this);
    }

    private enum Stage
    {
        Joining,
        Joined,

        /// <summary>Was joined; the connection is lost, or the next one has not joined it again yet.</summary>
        Away,
        Leaving,
        Parted,
    }

    internal string Name { get; }

    /// <summary>Gets the name in bytes, as JOIN has it.</summary>
    internal byte[] Asked { get; }

    /// <summary>Gets what the app holds.</summary>
    internal ChatRoom Handle { get; }

    internal ClientEvents Events { get; }

    internal ClientRoster Roster { get; } = new();

    internal ClientFlow Flow => _flow;

    internal ClientSends Sends => _sends;

    /// <summary>Gets the number that JOINED gave it on this connection; 0 while there is none.</summary>
    internal uint Number { get; private set; }

    /// <summary>Gets whether the app may send to it; while it is away, what is sent waits.</summary>
    internal bool IsMember => _stage is Stage.Joined or Stage.Away;

    internal bool IsJoined => _stage == Stage.Joined;

    internal bool IsAway => _stage == Stage.Away;

    internal bool IsLeaving => _stage == Stage.Leaving;

    internal bool IsOver => _stage == Stage.Parted;

    /// <summary>Gets whether JOIN was sent on this connection and has no answer yet.</summary>
    internal bool IsAsked { get; private set; }

    /// <summary>Gets or sets whether the app left it while it was being joined again.</summary>
    internal bool LeavesWhenBack { get; set; }

    /// <summary>JOINED.newest when the room was joined, or began anew. Set before the join is answered.</summary>
    internal long JoinedSequence { get; private set; }

    internal Task<JoinAnswer> Answer => _answer.Task;

    internal Task<DisconnectReason> Completion => _completion.Task;

    internal string PartedText { get; private set; } = "";

    /// <summary>JOIN is on its way: what it says of where this client was.</summary>
    internal JoinFrame Ask(ushort replay)
    {
        IsAsked = true;
        if (IsAway)
        {
            // The app may be awaiting a message to this room, inside a reader that is full.
            _flow.Await();
        }

        return new JoinFrame { Replay = replay, Epoch = _epoch, After = _epoch == 0 ? 0 : (ulong)(_next - 1), Room = Asked };
    }

    /// <summary>The server did not take this member back. True when that is only because it is stopping: the next connection asks again.</summary>
    internal bool TryPutOff(DisconnectReason reason)
    {
        if (reason != DisconnectReason.ServerStopping || !IsAway || LeavesWhenBack)
        {
            return false;
        }

        StopAsking();
        return true;
    }

    /// <summary>The connection is lost. False when the room is over with it: it was being left.</summary>
    internal bool OnLost()
    {
        Number = 0;
        StopAsking();
        _stage = _stage == Stage.Joined ? Stage.Away : _stage;
        if (!IsLeaving && !LeavesWhenBack)
        {
            return true;
        }

        End(DisconnectReason.Goodbye, "");
        return false;
    }

    /// <summary>Takes JOINED. Returns null, or what is wrong with it.</summary>
    internal string? OnJoined(in JoinedFrame joined, long ownFloor)
    {
        if (joined.Epoch == 0 || joined.First == 0 || joined.Newest > long.MaxValue - 1 || joined.First > joined.Newest + 1)
        {
            return $"JOINED with epoch {joined.Epoch}, first {joined.First} and newest {joined.Newest}";
        }

        if (!Fits(joined))
        {
            return $"JOINED with outcome {(byte)joined.Outcome}, first {joined.First} and newest {joined.Newest} where {_next} was due";
        }

        bool isCounted = (joined.Flags & JoinedFrame.CountedFlag) != 0;
        long processed = _next - 1;
        StopAsking();
        Number = joined.Room;
        _epoch = joined.Epoch;
        _next = (long)joined.First;
        _newest = (long)joined.Newest;
        _ownFloor = ownFloor;
        _stage = Stage.Joined;
        if (joined.Outcome is JoinOutcome.Fresh or JoinOutcome.Reset)
        {
            JoinedSequence = _newest;
        }

        Roster.OnJoined(isCounted, _newest, (int)Math.Min(joined.Members, int.MaxValue));
        RoomEvent? news = joined.Outcome switch
        {
            JoinOutcome.Recovered => new Resumed { Room = Name, Entries = _newest - processed },
            JoinOutcome.Gap => new Gap { Room = Name, From = processed + 1, To = _next - 1 },
            JoinOutcome.Reset => new Reset { Room = Name, Epoch = _epoch },
            _ => null,
        };
        if (news is not null)
        {
            Events.Publish(news);
        }

        AnswerIfKnown();
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

        StopAsking();
        Number = 0;
        _stage = Stage.Parted;
        PartedText = text;
        _sends.RefuseWaiting(this);
        if (_answer.TrySetResult(new JoinAnswer(false, reason, text)))
        {
            _flow.Answered();
        }

        Events.End();
        _completion.SetResult(reason);
    }

    /// <summary>Says whether the answer is one to what was asked.</summary>
    private bool Fits(in JoinedFrame joined) => joined.Outcome switch
    {
        JoinOutcome.Fresh => _epoch == 0,
        JoinOutcome.Recovered => joined.Epoch == _epoch && joined.First == (ulong)_next,
        JoinOutcome.Gap => joined.Epoch == _epoch && joined.First > (ulong)_next,
        JoinOutcome.Reset => _epoch != 0 && (joined.Epoch != _epoch || joined.Newest < (ulong)(_next - 1)),
        _ => false,
    };

    private void StopAsking()
    {
        if (IsAsked && IsAway)
        {
            _flow.Answered();
        }

        IsAsked = false;
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
