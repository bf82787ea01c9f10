using LanChat.Framing;

namespace LanChat.Rooms;

/// <content>Members who lose their connections and come back: they are members all the time.</content>
internal sealed partial class Room
{
    /// <summary>Nothing is sent to a member any more: its connection is gone. On the session's loop.</summary>
    /// <param name="membership">The membership.</param>
    /// <param name="isTold">Whether the others are told.</param>
    internal void Detach(Membership membership, bool isTold)
    {
        if (membership.IsAttached)
        {
            Forget(membership);
        }

        if (!isTold || membership.IsLost)
        {
            return;
        }

        lock (_log.Gate)
        {
            if (_isCounted)
            {
                return;
            }

            membership.IsLost = true;
            Append(EntryKind.LostContact, membership.MemberName.Utf8, []);
        }

        membership.Members.Loop.Mark(membership.Members);
    }

    /// <summary>A member joins again over a new connection: also when the room is full, for its place was kept. On the session's loop.</summary>
    internal JoinAnswer ComeBack(Membership membership, JoinRequest request)
    {
        JoinAnswer answer;
        membership.Name = Shared(request.Name);
        lock (_log.Gate)
        {
            membership.Newest = _log.LastSequence;
            membership.LagFrom = _log.TailPosition;
            if (membership.IsLost)
            {
                membership.IsLost = false;
                if (!_isCounted)
                {
                    SetNewest(membership, Append(EntryKind.Back, membership.MemberName.Utf8, []));
                }
            }

            TrimUnderGate(_options.TimeProvider.GetUtcNow());
            (JoinOutcome outcome, long first) = WhereToStart(request, membership.Newest);
            Attach(membership, first);
            answer = new JoinAnswer(membership, outcome, first, _roster.Count, _isCounted, _isCounted ? [] : RosterNames());
        }

        membership.Members.Loop.Mark(membership.Members);
        return answer;
    }
}
