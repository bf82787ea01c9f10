using LanChat.Broadcast;
using LanChat.Framing;
using LanChat.Sessions;
using LanChat.Transport;

namespace LanChat.Rooms;

/// <content>Who is a member: each change under the log's gate, together with the entry that tells of it.</content>
internal sealed partial class Room
{
    /// <summary>Makes a session a member. On its loop.</summary>
    /// <returns>False, with the reason, when the room is full; or when it was closed meanwhile (<see cref="DisconnectReason.NoSuchRoom"/>):
    /// then the caller looks it up anew.</returns>
    internal bool TryJoin(Session session, JoinRequest request, out JoinAnswer answer, out DisconnectReason refusal)
    {
        EventLoop loop = session.Home.Loop;
        answer = default;
        lock (_log.Gate)
        {
            refusal = _isClosed ? DisconnectReason.NoSuchRoom : DisconnectReason.RoomFull;
            if (_isClosed || _roster.Count >= _options.MaxRoomMembers)
            {
                return false;
            }

            Interleave.Point(Access.Change, _loops, session.Home.Number);
            LoopMembers members = _loops[session.Home.Number] ??= new LoopMembers(this, loop);
            var membership = new Membership(session, members) { Name = Shared(request.Name) };
            _roster.Add(membership);
            AppendJoined(session, membership);
            TrimUnderGate(_options.TimeProvider.GetUtcNow());

            (JoinOutcome outcome, long first) = WhereToStart(request, membership.Newest);
            Attach(membership, first);
            answer = new JoinAnswer(membership, outcome, first, _roster.Count, _isCounted, _isCounted ? [] : RosterNames());
        }

        loop.Mark(answer.Membership.Members);
        return true;
    }

    /// <summary>Ends a membership; its name is off the roster when this returns. On the session's loop.</summary>
    /// <param name="membership">The membership.</param>
    /// <param name="reason">Why, as told to the others.</param>
    /// <param name="isSilent">True when the room itself is ending and nobody needs to be told.</param>
    /// <remarks>The cursor stays, with <see cref="Membership.StopAt"/> at the end of what it still is to see; see <see cref="Forget"/>.</remarks>
    internal void Leave(Membership membership, DisconnectReason reason, bool isSilent = false)
    {
        lock (_log.Gate)
        {
            _roster.Remove(membership);
            if (_roster.Count == 0)
            {
                _emptySince = _options.TimeProvider.GetUtcNow();
            }

            if (isSilent)
            {
                membership.StopAt = _log.TailPosition;
            }
            else if (_isCounted)
            {
                _countIsStale = true;
                membership.StopAt = _log.TailPosition;
            }
            else
            {
                membership.StopAt = AppendLeft(membership.Session.Name, _roster.Count, reason).EndPosition;
            }
        }

        if (membership is { IsAttached: true, Members.Loop.HasStopped: false })
        {
            membership.Members.Loop.Mark(membership.Members);
        }
        else if (!isSilent)
        {
            // From any thread, unlike a mark, and now: the loop may be no more, of a session that is detached, or end just here, and make no further round.
            WakeOthers(but: null);
        }
    }

    /// <summary>Lets go of a membership's cursor, once it has stopped or nobody reads on. On the session's loop.</summary>
    internal static void Forget(Membership membership)
    {
        membership.Members.Remove(membership);
        membership.Cursor.Dispose();
        membership.Cursor = null!;
    }

    /// <summary>Tells the room that a member has another name now: as one that left and one that came.</summary>
    internal void Rename(Membership membership)
    {
        lock (_log.Gate)
        {
            SessionName old = membership.MemberName;
            membership.MemberName = membership.Session.Name;
            if (!_isCounted)
            {
                AppendLeft(old, _roster.Count - 1, DisconnectReason.Goodbye);
                AppendMembers(EntryKind.Joined, membership.MemberName.Utf8);
            }
        }

        membership.Members.Loop.Mark(membership.Members);
    }

    private void Attach(Membership membership, long first)
    {
        membership.Cursor = _log.Subscribe(first);
        membership.Members.Add(membership);
    }

    // Nearly every member writes the name as the room does.
    private byte[] Shared(byte[] name) => name.AsSpan().SequenceEqual(_utf8Name) ? _utf8Name : name;

    private void AppendJoined(Session session, Membership membership)
    {
        if (!_isCounted && _roster.Count <= _options.PresenceLimit)
        {
            SetNewest(membership, AppendMembers(EntryKind.Joined, session.Name.Utf8));
        }
        else if (!_isCounted)
        {
            _isCounted = true;
            _countedSince = _options.TimeProvider.GetUtcNow();
            SetNewest(membership, AppendMembers(EntryKind.Members, []));
        }
        else
        {
            _countIsStale = true;
            membership.Newest = _log.LastSequence;
            membership.LagFrom = _log.TailPosition;
        }
    }

    private static void SetNewest(Membership membership, in LogReservation entry)
    {
        membership.Newest = entry.Sequence;
        membership.LagFrom = entry.EndPosition;
    }

    // docs/protocol.md, section 3, "coming back". `newest` counts the joiner's own entry.
    private (JoinOutcome Outcome, long First) WhereToStart(JoinRequest request, long newest)
    {
        long oldest = _log.OldestSequence;
        if (request.Epoch == Epoch && request.After <= (ulong)newest)
        {
            long next = (long)request.After + 1;
            return next >= oldest ? (JoinOutcome.Recovered, next) : (JoinOutcome.Gap, oldest);
        }

        long first = Math.Max(oldest, newest + 1 - request.Replay);
        return (request.Epoch == 0 ? JoinOutcome.Fresh : JoinOutcome.Reset, first);
    }

    private byte[][] RosterNames()
    {
        var names = new byte[_roster.Count][];
        for (int i = 0; i < names.Length; i++)
        {
            names[i] = _roster[i].MemberName.Utf8;
        }

        return names;
    }

    private LogReservation AppendLeft(SessionName name, int members, DisconnectReason reason)
    {
        Span<byte> body = stackalloc byte[PresenceBody.LeftBytes];
        PresenceBody.WriteLeft(body, (uint)members, (ushort)reason);
        return Append(EntryKind.Left, name.Utf8, body);
    }
}
