using LanChat.Connections;
using LanChat.Diagnostics;
using LanChat.Rooms;

namespace LanChat.Sessions;

/// <content>From connection to connection: attached, detached, attached again, ended. On the home loop.</content>
internal sealed partial class Session
{
    // The number of the last attempt that was accepted: a later one of the client has a higher one.
    private uint _attempt;

    private bool _hasEnded;

    // The one wait for the client that is under way; another object each time, so that what was decided about an earlier one does not touch this.
    private Detachment? _detachment;

    /// <summary>Gets the connection it is attached to; null while it is detached.</summary>
    internal ServerConnection? Connection { get; private set; }

    /// <summary>Gets why its last connection ended.</summary>
    internal DisconnectReason LastEnd { get; private set; }

    /// <summary>Whether anything but HELLO, PROVE, JOIN and what carries an id has arrived.</summary>
    internal bool HasSpoken { get; set; }

    /// <summary>Gets whether it may outlive its connection. One that nothing but HELLO, PROVE and JOIN has arrived on may not: its client may never have learned its token.</summary>
    internal bool OutlivesConnection => HasSpoken || LastId > 0;

    /// <summary>Whether an attempt is a later one than that which was last accepted.</summary>
    internal bool IsLater(uint attempt) => attempt > _attempt;

    /// <summary>Its connection is gone; it waits for the next one. Its rooms are told.</summary>
    internal void Detach(DisconnectReason reason)
    {
        ServerConnection connection = Connection!;
        LastEnd = reason;
        LetGo(isTold: true);
        _detachment = new Detachment(this, connection.Link, connection.Loop.Timestamp);
        Metrics.DetachedSessions.Add(1);
        Home.Server.Detached.Add(_detachment);
        Log.SessionDetached(Home.Server.Logger, Id, reason);
    }

    /// <summary>Goes on with another connection. One that it is still attached to ends: nothing that it says counts any more.</summary>
    /// <param name="connection">The connection, on the home loop.</param>
    /// <param name="attempt">The number of its attempt, which is a later one.</param>
    /// <param name="after">The last entry of the mailbox that the client has.</param>
    /// <returns>Where the mailbox goes on.</returns>
    internal MailboxStart Attach(ServerConnection connection, uint attempt, ulong after)
    {
        if (Connection is { } older)
        {
            older.End(DisconnectReason.Replaced);
        }
        else if (_detachment is { } detachment)
        {
            // Time away is not silence.
            PublishedAt += connection.Loop.Timestamp - detachment.Since;
            StopWaiting(detachment);
        }

        _attempt = attempt;
        Connection = connection;
        Metrics.ResumedSessions.Add(1);
        Log.SessionResumed(Home.Server.Logger, Id, connection.Link.RemoteEndPoint);
        return Mailbox.Attach(after);
    }

    /// <summary>Its connection goes on without it, because a newer one has come. Nobody is told: it was there all the time.</summary>
    internal void Release()
    {
        LastEnd = DisconnectReason.Replaced;
        LetGo(isTold: false);
    }

    /// <summary>It is over: its rooms are told, unless the server itself stops, and its name is free. What it was still to see, its connection may go on to give it.</summary>
    internal void End(DisconnectReason reason)
    {
        if (_hasEnded)
        {
            // The app's log threw at the first time, and the connection that closes for that comes here again.
            return;
        }

        _hasEnded = true;
        // A server that stops empties its rooms without a word; an entry about one who goes for another reason meanwhile would count those that are left over.
        bool isSilent = reason == DisconnectReason.ServerStopping || Home.Server.IsDraining;
        for (int i = 0; i < Memberships.Count; i++)
        {
            if (!Memberships[i].IsLeaving)
            {
                Memberships[i].Room.Leave(Memberships[i], reason, isSilent);
            }
        }

        ForgetUnjoined();
        if (_detachment is { } detachment)
        {
            StopWaiting(detachment);
            Mailbox.Close();
        }

        _undecided?.End(reason);
        Home.Server.Sessions.Remove(this);
        Metrics.Sessions.Add(-1);
        Log.SessionEnded(Home.Server.Logger, Id, reason);
    }

    /// <summary>Ends it if this wait of it is still going on.</summary>
    internal void EndWait(Detachment detachment, DisconnectReason reason)
    {
        if (_detachment == detachment)
        {
            Metrics.ExpiredSessions.Add(reason == DisconnectReason.ServerStopping ? 0 : 1);
            End(reason);
        }
    }

    /// <summary>Removes the session by the operator's wish.</summary>
    /// <returns>False when it was over already.</returns>
    internal bool Kick(string sentence) => Remove(DisconnectReason.Kicked, sentence);

    /// <summary>Removes the session because its name was banned, and has the ban hold for its address too.</summary>
    /// <returns>False when it was over already.</returns>
    internal bool Ban(string key)
    {
        if ((Connection?.Link.RemoteAddress ?? _detachment?.Address) is { } address)
        {
            Home.Server.Bans.AddAddress(key, address);
        }

        return Remove(DisconnectReason.Banned, sentence: "");
    }

    /// <summary>Leaves the rooms that it did not join again.</summary>
    internal void LeaveUnjoined()
    {
        foreach (Membership membership in Memberships)
        {
            if (!membership.IsAttached)
            {
                membership.Room.Leave(membership, DisconnectReason.Goodbye, isSilent: Home.Server.IsDraining);
            }
        }

        ForgetUnjoined();
    }

    private void ForgetUnjoined()
    {
        for (int i = Memberships.Count - 1; i >= 0; i--)
        {
            if (!Memberships[i].IsAttached)
            {
                Memberships.RemoveAt(i);
            }
        }
    }

    // It stays a member, without cursors. A visit that was ending is simply over: there is nobody to see its end.
    private void LetGo(bool isTold)
    {
        Connection = null;

        // Made even if nobody needed it, so that an append that comes meanwhile finds the mark.
        Mailbox.Detach();
        for (int i = Memberships.Count - 1; i >= 0; i--)
        {
            Membership membership = Memberships[i];
            if (membership.IsLeaving)
            {
                Memberships.RemoveAt(i);
                Room.Forget(membership);
            }
            else
            {
                membership.Room.Detach(membership, isTold);
            }
        }
    }

    private bool Remove(DisconnectReason reason, string sentence)
    {
        if (Connection is { IsTalking: true } connection)
        {
            connection.End(reason, sentence);
            return true;
        }

        if (_detachment is null)
        {
            return false;
        }

        End(reason);
        return true;
    }

    private void StopWaiting(Detachment detachment)
    {
        _detachment = null;
        Metrics.DetachedSessions.Add(-1);
        Home.Server.Detached.Remove(detachment);
    }
}
