using LanChat.Diagnostics;
using LanChat.Sessions;
using LanChat.Transport;

namespace LanChat.Connections;

/// <content>The session of a connection: started, taken over, left.</content>
internal sealed partial class ServerConnection
{
    /// <summary>Gets whether it is inside TLS.</summary>
    internal bool IsSecure => Link is TlsLink;

    /// <summary>Gets whether the address that the caller is at is banned.</summary>
    internal bool IsAddressBanned => Link.RemoteAddress is { } address && Server.Bans.Has(address);

    /// <summary>Gets whether it is on the way to another loop: what it has received is left for that one.</summary>
    internal bool IsMoving => _phase == Phase.Moving;

    /// <summary>Starts a session here. Null, with the reason, when it may not be.</summary>
    internal Session? StartSession(SessionName? name, uint attempt, out DisconnectReason refusal)
    {
        Session = Server.Sessions.TryStart(this, name, attempt, out refusal);
        Metrics.CountLimit(nameof(ChatServerOptions.MaxMembers), isReached: refusal == DisconnectReason.ServerFull);
        if (Session is { } session)
        {
            Server.Callers.Welcome(this);

            // What it had to wait for, the app's answer for one, is not its silence.
            ReceivedAt = Loop.Timestamp;
            session.PublishedAt = Loop.Timestamp;
            Metrics.Sessions.Add(1);
            Log.SessionStarted(Server.Logger, session.Id, Link.RemoteEndPoint);
            ScheduleNext(_caller!.CheckDeadlines(Loop.Timestamp));
        }

        return Session;
    }

    /// <summary>Goes on with a session that belongs to this loop.</summary>
    internal MailboxStart ResumeSession(Session session, uint attempt, ulong after)
    {
        Server.Callers.Welcome(this);
        MailboxStart mailbox = session.Attach(this, attempt, after);
        Session = session;
        ScheduleNext(_caller!.CheckDeadlines(Loop.Timestamp));
        return mailbox;
    }

    /// <summary>Tells the caller what became of a message that the app had to decide on.</summary>
    internal void OnDecided(UndecidedMessage message, long sequence, DisconnectReason refusal, string text)
    {
        if (IsTalking)
        {
            _caller!.OnDecided(message, sequence, refusal, text);
        }
    }

    /// <summary>Goes to the loop of the session that the caller wants back; what it has received so far comes again there.</summary>
    internal void MoveTo(ServerLoop home)
    {
        // It knows a session's token. From here on it has no loop that a post could be sure of, so it gives way to nobody.
        Server.Callers.Welcome(this);
        _phase = Phase.Moving;
        _loop = home;
        Loop.Move(this, home.Loop);
    }

    internal override void OnMoved()
    {
        (Link as TlsLink)?.MoveTo(_loop.TlsBuffers);
        _phase = Phase.Talking;
        if (Server.IsDraining)
        {
            // The stop may have gone through this loop's connections just before.
            End(DisconnectReason.ServerStopping);
            return;
        }

        ScheduleNext(_caller!.CheckDeadlines(Loop.Timestamp));
    }

    /// <summary>Parts with the session: it waits for its client, or goes on with a newer connection, or it is over.</summary>
    /// <returns>True when it is over, and this connection still gives the caller what it was to see.</returns>
    private bool LeaveSession(DisconnectReason reason)
    {
        if (Session is not { } session)
        {
            _caller?.OnGone();
            return true;
        }

        CloseDatagrams();
        bool isReplaced = reason == DisconnectReason.Replaced;
        if (!isReplaced && !(MayComeBack(reason) && session.OutlivesConnection))
        {
            session.End(reason);
            return true;
        }

        FinishEntry();
        ForgetEpisode();
        Session = null;
        if (isReplaced)
        {
            session.Release();
        }
        else
        {
            session.Detach(reason);
        }

        return false;
    }

    // docs/protocol.md, section 4. A session whose loop ends could never be attached again.
    private bool MayComeBack(DisconnectReason reason)
    {
        bool isLost = reason
            is DisconnectReason.ConnectionReset
            or DisconnectReason.TooSlow
            or DisconnectReason.ProtocolViolation
            or DisconnectReason.FrameTooLarge
            or DisconnectReason.HeartbeatLost
            or DisconnectReason.TooFast;
        return (isLost || _peerMayComeBack) && _caller!.CanResume && Server.Options.ResumeWindow > TimeSpan.Zero && !Server.IsDraining && !Loop.HasStopped;
    }
}
