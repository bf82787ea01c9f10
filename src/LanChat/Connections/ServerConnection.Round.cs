using LanChat.Broadcast;
using LanChat.Rooms;
using LanChat.Transport;

namespace LanChat.Connections;

/// <content>A connection's part of the round: one gather send of everything between its cursors and the tails, with what waits in its output.</content>
/// <remarks>
/// Frames are never interleaved inside one another, also after a partial send: the cursor that was cut (<see cref="_interrupted"/>) goes first
/// the next time. Otherwise the output goes first, because an answer (JOINED) stands before the entries that follow from it; what must come
/// after entries (PARTED, the last word) is written to the output only once the cursor is there.
/// </remarks>
internal sealed partial class ServerConnection
{
    /// <summary>The most bytes of one send. A connection that has more to get goes on in the next round, so that the others' turn comes.</summary>
    private const int MaxSendBytes = 1 << 20;

    // The place of the output among the sources of pieces; the others are the memberships' indexes, and -2 the mailbox.
    private const int OutputSource = -1;
    private const int MailboxSource = -2;

    private Hindrances _hindrances;

    // The cursor that the last send stopped in, perhaps inside an entry.
    private LogCursor? _interrupted;

    private bool _cursorsForgotten;

    /// <summary>What keeps a send from being the short one. In one place, so that it is one look.</summary>
    [Flags]
    private enum Hindrances : byte
    {
        None = 0,

        /// <summary>The link took only a part of the last send; it will say when it takes more.</summary>
        FullLink = 1,

        /// <summary>Entries were passed over, and it has not caught up since.</summary>
        Slow = 2,
    }

    private bool IsBlocked
    {
        get => (_hindrances & Hindrances.FullLink) != 0;
        set => _hindrances = value ? _hindrances | Hindrances.FullLink : _hindrances & ~Hindrances.FullLink;
    }

    /// <summary>Hears, in a round, that a log has news. A connection that cannot be sent to now must not lag behind it for ever.</summary>
    /// <param name="cursor">The cursor in that log.</param>
    /// <param name="lagFrom">The position from which on its lag counts.</param>
    internal void OnNews(LogCursor cursor, long lagFrom)
    {
        if (_phase > Phase.Draining)
        {
            return;
        }

        if (IsBlocked || OutputCount >= MaxOutputBytes)
        {
            LookAtLag(cursor, lagFrom);
            return;
        }

        Loop.FlushInRound(this);
    }

    private void LookAtLag(LogCursor cursor, long lagFrom)
    {
        try
        {
            long lag = cursor.Lag(lagFrom);
            if (lag > Server.Options.MaxLagBytes)
            {
                OnTooSlow(cursor, lag);
            }
        }
        catch (Exception e)
        {
            // Here, where it is known whose it is: the others in the room still have their turn in this round.
            Loop.Fail(this, e);
        }
    }

    internal override void OnWritable()
    {
        IsBlocked = false;
        Loop.Queue(this);
    }

    internal override void Flush()
    {
        if (!TrySendNews())
        {
            FlushAll();
        }
    }

    // Nearly every send is one of these: nothing but what is new in the one room. What the kernel did for the last connection has left little of our code in the processor's cache,
    // so that each line that is not run saves more than its work.
    private bool TrySendNews()
    {
        if (_phase != Phase.Talking || !_sendsEntries || _hindrances != Hindrances.None || _output is not null || _interrupted is not null
            || Session is not { MailboxCursor: null, Memberships.Only: { IsLeaving: false, Cursor: { } cursor } }
            || !cursor.TryGatherWhole(MaxSendBytes, out ArraySegment<byte> piece))
        {
            return false;
        }

        if (piece.Count == 0)
        {
            return true;
        }

        LinkStatus status = Link.Send(new ReadOnlySpan<ArraySegment<byte>>(in piece), out int sent);
        _loop.Traffic.Sent(sent);
        if (status == LinkStatus.Ok)
        {
            cursor.AdvanceWhole();
            return true;
        }

        Span<int> source = [0];
        Took(new ReadOnlySpan<ArraySegment<byte>>(in piece), source, sent);
        Note(status, isPart: true);
        return true;
    }

    private void FlushAll()
    {
        // Once more only when the first pass brought a cursor to its stop, and PARTED or the last word is to follow in the same round; or sent what a gap waits for.
        for (int pass = 0; pass < 3 && !IsBlocked && _phase is Phase.Talking or Phase.Refusing or Phase.Draining or Phase.Farewell; pass++)
        {
            TellGaps();
            if (_phase != Phase.Farewell && !_sendsEntries)
            {
                _caller!.Draw();
            }

            bool isEmpty = SendOnce();
            if (IsBlocked || _phase == Phase.Closed || !(Settle(isEmpty) || HasGapToTell))
            {
                break;
            }
        }

        EndEpisodeIfCaughtUp();
    }

    // Returns whether there is nothing left to send now.
    private bool SendOnce()
    {
        Span<ArraySegment<byte>> pieces = Loop.Pieces;
        Span<int> sources = _loop.PieceSources;
        int count = Gather(pieces, sources, out int bytes);
        if (count == 0)
        {
            return true;
        }

        LinkStatus status = Link.Send(pieces[..count], out int sent);
        _loop.Traffic.Sent(sent);
        Took(pieces[..count], sources, sent);
        if (!Note(status, isPart: sent < bytes))
        {
            return false;
        }

        if (bytes >= MaxSendBytes || count == pieces.Length)
        {
            Loop.Queue(this);
            return false;
        }

        return true;
    }

    // Returns whether more may be sent now.
    private bool Note(LinkStatus status, bool isPart)
    {
        if (status is LinkStatus.Broken or LinkStatus.Ended)
        {
            OnLinkEnded(LinkStatus.Broken, insideFrame: false);
            return false;
        }

        IsBlocked = isPart;
        return !isPart;
    }

    // What follows when cursors have come to their stops, or all is out. Returns whether there is something to send again.
    private bool Settle(bool isEmpty)
    {
        switch (_phase)
        {
            case Phase.Talking:
                return PartLeavers();
            case Phase.Draining when ForgetStopped() && isEmpty && OutputCount == 0 && !Link.IsSending:
                SayBye();
                return OutputCount > 0 || FinishFarewell();
            case Phase.Farewell when OutputCount == 0:
                return FinishFarewell();
            default:
                return false;
        }
    }

    // Whether all cursors have come to their stops. One that has is let go at once: what is said from then on is not for this caller, and not to be kept for it.
    private bool ForgetStopped()
    {
        if (Session is not { } session || _cursorsForgotten)
        {
            return true;
        }

        for (int i = session.Memberships.Count - 1; i >= 0; i--)
        {
            Membership membership = session.Memberships[i];
            if (membership.HasStopped)
            {
                session.Memberships.RemoveAt(i);
                Room.Forget(membership);
            }
        }

        return session.Memberships.Count == 0;
    }

    private bool PartLeavers()
    {
        bool any = false;
        if (Session is { } session)
        {
            for (int i = session.Memberships.Count - 1; i >= 0; i--)
            {
                Membership membership = session.Memberships[i];
                if (membership.HasStopped)
                {
                    session.Memberships.RemoveAt(i);
                    Room.Forget(membership);
                    _caller!.OnParted(membership);
                    any = true;
                }
            }
        }

        return any;
    }

    // Stops sending entries: finishes the one that was cut, and writes the last word after it.
    private void SayBye()
    {
        FinishEntry();
        ForgetCursors();
        _phase = Phase.Farewell;
        _phaseDue = After(FarewellTime);
        ScheduleNext(_phaseDue);
        if (!_peerSaidBye)
        {
            _caller!.WriteBye(_endReason, _endText);
        }

        Loop.Queue(this);
    }

    // All is said. What the peer still sends is read and discarded until it closes too, so that no reset destroys the last word.
    private bool FinishFarewell()
    {
        Link.ShutdownSend();
        if (_peerHasEnded && !Link.IsSending)
        {
            Close(reset: false);
            return false;
        }

        _phase = Phase.Lingering;
        _phaseDue = After(FarewellTime);
        ScheduleNext(_phaseDue);
        return false;
    }
}
