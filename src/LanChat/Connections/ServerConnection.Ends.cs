using LanChat.Diagnostics;
using LanChat.Rooms;

namespace LanChat.Connections;

/// <content>The end of a connection: one place, and the first reason wins.</content>
internal sealed partial class ServerConnection
{
    private bool _peerMayComeBack;

    /// <summary>Ends the connection: the one place. The first reason wins; the session is over, or waits for its client, when this returns.</summary>
    /// <param name="reason">Why; both sides learn it.</param>
    /// <param name="text">The sentence that goes with it; empty: none but the reason's own.</param>
    /// <param name="drain">Whether the caller first gets everything it is owed.</param>
    internal void End(DisconnectReason reason, string text = "", bool drain = false)
    {
        if (_phase is >= Phase.Draining or Phase.Moving)
        {
            // On the way to another loop it is nobody's; it looks for itself when it gets there.
            return;
        }

        if (_phase is Phase.Sniffing or Phase.Handshaking)
        {
            // It has not said a byte: there is no language in which to tell it.
            Close(reset: false);
            return;
        }

        _endReason = reason;
        _endText = text.Length > 0 ? text : Refusals.Sentence(reason);
        CountEnd(reason);
        bool isOwed = LeaveSession(reason);
        _phase = Phase.Draining;

        // How long a stop may take is its caller's to say; StopDraining ends it.
        _phaseDue = reason == DisconnectReason.ServerStopping ? long.MaxValue : After(DrainTime);
        ScheduleNext(_phaseDue);
        if (!drain || !isOwed)
        {
            SayBye();
        }

        Loop.Queue(this);
    }

    /// <summary>Ends the connection because the caller said so: it gets what it is owed, but no answer to that.</summary>
    /// <param name="isForGood">Whether it said goodbye; otherwise it may come back to its session.</param>
    internal void EndByPeer(bool isForGood)
    {
        _peerSaidBye = true;
        _peerMayComeBack = !isForGood;
        End(DisconnectReason.Goodbye, drain: true);
    }

    /// <summary>Ends what is left of the patience with a connection that <see cref="End"/> let drain: the stop's deadline has come.</summary>
    internal void StopDraining()
    {
        if (_phase == Phase.Draining)
        {
            SayBye();
        }
    }

    /// <summary>Makes place for another caller, unless this one has been welcomed meanwhile. Any thread; only for one that was not on its way to another loop.</summary>
    internal void GiveWay() => Loop.Post(
        static work =>
        {
            // On another loop by now: it has a session there.
            if (work.Connection.Loop == work.Loop && work.Connection.Session is null && !work.Connection.IsMoving)
            {
                Metrics.CountLimit(nameof(ChatServerOptions.MaxUnwelcomed));
                work.Connection.End(DisconnectReason.TooManyConnections, Refusals.TooManyCallers);
            }
        },
        (Connection: this, Loop));

    private void CountEnd(DisconnectReason reason)
    {
        if (reason == DisconnectReason.Banned && Session is null)
        {
            NoteBannedCaller();
        }

        Metrics.ConnectionsEnded.Add(1, new KeyValuePair<string, object?>(Metrics.ReasonTag, reason));
        Log.ConnectionEnding(Server.Logger, Link.RemoteEndPoint, reason);
    }

    /// <summary>Counts and logs a caller that was refused because it is banned.</summary>
    internal void NoteBannedCaller()
    {
        Metrics.BannedCallers.Add(1);
        Log.BannedCaller(Server.Logger, Link.RemoteEndPoint);
    }

    private void Close(bool reset)
    {
        if (_phase == Phase.Handshaking)
        {
            NoteHandshakeFailed();
        }

        _phase = Phase.Closed;
        Loop.Close(this, reset);
    }

    // Also when the loop itself ends the connection: it stops, or something here threw.
    internal override void OnClosed()
    {
        try
        {
            if (_phase == Phase.Talking)
            {
                LeaveSession(DisconnectReason.ConnectionReset);
            }
            else if (_phase == Phase.Handshaking)
            {
                NoteHandshakeFailed();
            }
        }
        finally
        {
            Release();
        }
    }

    // Whatever threw before, the app's log for one: no room may go on with a connection that is gone, and a stop waits until every connection is counted out.
    private void Release()
    {
        _phase = Phase.Closed;
        try
        {
            ForgetCursors();
            ConsumeOutput(OutputCount);
        }
        finally
        {
            Server.Callers.Remove(this);
            Server.RemoveConnection();
        }
    }

    private void ConsumeOutput(int count)
    {
        _output?.Consume(count);
        if (_output is { Count: 0 } empty)
        {
            _output = null;
            _loop.Outputs.TakeBack(empty);
        }
    }

    // Of a session that is over.
    private void ForgetCursors()
    {
        if (Session is { } session && !_cursorsForgotten)
        {
            _cursorsForgotten = true;
            foreach (Membership membership in session.Memberships)
            {
                Room.Forget(membership);
            }

            session.Memberships.Clear();

            // Made even if nobody needed it, so that an append that comes too late finds the mark.
            session.Mailbox.Close();
        }
    }
}
