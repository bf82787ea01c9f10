using LanChat.Broadcast;
using LanChat.Diagnostics;
using LanChat.Framing;
using LanChat.Rooms;

namespace LanChat.Connections;

/// <content>A connection that cannot be sent to and is too far behind: it is ended or moved on, as <see cref="SlowConsumerPolicy"/> says.</content>
/// <remarks>
/// A cursor that was moved on keeps no more memory than the others. The caller is told of it only when it can be sent to again and all that waited is out, just before the
/// next entry: so several skips are one GAP, and nothing grows while it stands still. The bytes on the wire are the rest of the entry that was cut, what waited in the output,
/// GAP and ROSTER, and the entries from there on. From the first skip until the connection has caught up is one episode, which is reported once.
/// </remarks>
internal sealed partial class ServerConnection
{
    // Not null from the first skip until all is sent; Hindrances.Slow says the same.
    private SlowEpisode? _slow;

    private bool HasGapToTell => _slow is { Untold.Count: > 0 } && _phase is Phase.Talking or Phase.Draining;

    /// <summary>Whether the caller is still to be told that entries before this cursor were passed over. Nothing is sent from the cursor until then.</summary>
    internal bool IsUntold(LogCursor cursor) => _slow is { } slow && slow.IsUntold(cursor);

    // The connection cannot be sent to now, and a cursor lags by more than the limit.
    private void OnTooSlow(LogCursor cursor, long lag)
    {
        if (_phase == Phase.Draining)
        {
            // It was to get all that it is owed, within a time. It may not keep more memory meanwhile than others may.
            SayBye();
            return;
        }

        if (cursor == _interrupted)
        {
            FinishEntry();
        }

        bool isCommitted = cursor.TryReadEntry(out ReadOnlySpan<byte> entry);
        long first = isCommitted ? EntryLayout.SequenceOf(entry) : 0;
        Membership? membership = MembershipOf(cursor);

        // One that leaves waits for its own last entry: there is nothing to move it on to.
        if (Server.Options.SlowPolicy == SlowConsumerPolicy.End || membership is { IsLeaving: true } || !_caller!.MayMissEntries)
        {
            NoteTooSlow(cursor, membership, first, lag, SlowConsumerPolicy.End);
            End(DisconnectReason.TooSlow);
        }
        else if (isCommitted)
        {
            Skip(cursor, membership, first, lag);
        }

        // Else its next entry is being written at this moment, and brings news again when it is there.
    }

    private void Skip(LogCursor cursor, Membership? membership, long first, long lag)
    {
        // Half: whoever stands still is moved once for every half of the limit that is said, not with each entry.
        if (!cursor.TrySkip(Server.Options.MaxLagBytes / 2))
        {
            return;
        }

        if (_slow is null)
        {
            NoteTooSlow(cursor, membership, first, lag, SlowConsumerPolicy.Skip);
            _slow = new SlowEpisode();
            _hindrances |= Hindrances.Slow;
        }

        long entries = NextSequence(cursor) - first;
        _slow.Add(cursor, membership, first, entries);
        Metrics.SkippedEntries.Add(entries);
    }

    // Not before all that waited is out: a caller that takes a byte now and then would else pile up lists of members here.
    private void TellGaps()
    {
        if (!HasGapToTell || OutputCount > 0)
        {
            return;
        }

        foreach (SlowEpisode.Skipped skipped in _slow!.Untold)
        {
            _caller!.OnGap(skipped.Membership, skipped.First, NextSequence(skipped.Cursor) - 1);
        }

        _slow.Told();
    }

    private void EndEpisodeIfCaughtUp()
    {
        if (_slow is { Untold.Count: 0 } slow && _phase == Phase.Talking && !IsBlocked && OutputCount == 0 && HasSentEverything())
        {
            Log.CaughtUp(Server.Logger, Session!.Id, slow.Entries, slow.Skips);
            ForgetEpisode();
        }
    }

    private void ForgetEpisode()
    {
        _slow = null;
        _hindrances &= ~Hindrances.Slow;
    }

    private void OnAnswersPileUp()
    {
        Metrics.SlowConsumers.Add(1, new KeyValuePair<string, object?>(Metrics.PolicyTag, SlowConsumerPolicy.End));
        Log.AnswersPileUp(Server.Logger, Session?.Id ?? 0, Link.RemoteEndPoint, OutputCount);
        End(DisconnectReason.TooSlow);
    }

    // The rest of the entry that the last send was cut in goes before all else; its cursor is free then.
    private void FinishEntry()
    {
        if (_interrupted is { } cursor && !_cursorsForgotten && cursor.GatherRestOfEntry(out ArraySegment<byte> rest) > 0)
        {
            Output.Prepend(rest);
            cursor.Advance(rest.Count);
        }

        _interrupted = null;
    }

    // Once in an episode.
    private void NoteTooSlow(LogCursor cursor, Membership? membership, long first, long lag, SlowConsumerPolicy policy)
    {
        if (_slow is null)
        {
            Metrics.SlowConsumers.Add(1, new KeyValuePair<string, object?>(Metrics.PolicyTag, policy));
            long entries = first == 0 ? 0 : cursor.LastSequence - first + 1;
            Log.TooSlow(Server.Logger, Session!.Id, Link.RemoteEndPoint, membership?.Room.Number ?? 0, lag, entries, policy);
        }
    }

    private bool HasSentEverything()
    {
        foreach (Membership membership in Session!.Memberships)
        {
            if (membership is { HasStopped: false, Cursor.IsCaughtUp: false })
            {
                return false;
            }
        }

        return Session.MailboxCursor is null or { IsCaughtUp: true };
    }

    private Membership? MembershipOf(LogCursor cursor)
    {
        foreach (Membership membership in Session!.Memberships)
        {
            if (membership.Cursor == cursor)
            {
                return membership;
            }
        }

        return null;
    }

    // Of a cursor that was moved on: it stands before an entry that is there.
    private static long NextSequence(LogCursor cursor) =>
        cursor.TryReadEntry(out ReadOnlySpan<byte> entry) ? EntryLayout.SequenceOf(entry) : throw new InvalidOperationException("A cursor was moved on to nothing.");
}
