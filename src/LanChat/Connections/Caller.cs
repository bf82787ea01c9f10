using System.Buffers;
using LanChat.Datagrams;
using LanChat.Diagnostics;

namespace LanChat.Connections;

/// <summary>The language a caller speaks on its connection: frames, or lines of text. Everything runs on the connection's loop.</summary>
internal abstract class Caller(ServerConnection connection)
{
    /// <summary>What a caller may send while it waits for an answer of the app, and is not acted on before.</summary>
    private const int MaxEarlyBytes = 64 << 10;

    // The app's answer is waited for.
    private Authentication? _authentication;

    protected ServerConnection Connection { get; } = connection;

    protected ServerContext Server => Connection.Server;

    /// <summary>Gets whether the app is being asked about the caller: nothing is acted on meanwhile.</summary>
    protected bool IsAuthenticating => _authentication is not null;

    /// <summary>Gets whether the round sends the cursors' bytes as they are. Otherwise <see cref="Draw"/> reads the cursors.</summary>
    internal abstract bool SendsEntries { get; }

    /// <summary>Gets whether the caller has what it takes to come back to its session over another connection.</summary>
    internal abstract bool CanResume { get; }

    /// <summary>Acts on what was received, and returns how far: what is left is the start of something, and comes again with more.</summary>
    internal abstract SequencePosition OnReceived(ReadOnlySequence<byte> bytes);

    /// <summary>Acts on a frame that came by UDP, and writes the answer, if there is one. Says what was wrong with it.</summary>
    internal virtual DatagramDefect OnDatagram(ReadOnlySpan<byte> frame, DatagramWriter answer) => DatagramDefect.Malformed;

    /// <summary>The peer has said all it will say. True when it may still get its answers before the connection ends.</summary>
    internal virtual bool OnEndOfStream() => false;

    /// <summary>Writes what the cursors have to the connection's output, as far as it may hold it.</summary>
    internal virtual void Draw()
    {
    }

    /// <summary>Writes the last word.</summary>
    internal abstract void WriteBye(DisconnectReason reason, string text);

    /// <summary>Tells the caller that it is out of a room, after its last entry there.</summary>
    internal virtual void OnParted(Rooms.Membership membership)
    {
    }

    /// <summary>Gets whether entries may be passed over, should the caller be too slow for them.</summary>
    internal virtual bool MayMissEntries => true;

    /// <summary>Writes, just before the next entry, that some before it were passed over.</summary>
    /// <param name="membership">The room in which; null: the mailbox.</param>
    /// <param name="first">The first entry that is missing.</param>
    /// <param name="last">The last.</param>
    internal abstract void OnGap(Rooms.Membership? membership, long first, long last);

    /// <summary>Tells the caller what became of a message that the app had to decide on.</summary>
    /// <param name="message">The message.</param>
    /// <param name="sequence">The entry that it became; 0 when it was rejected.</param>
    /// <param name="refusal">Why it was rejected.</param>
    /// <param name="text">The sentence that goes with it.</param>
    internal abstract void OnDecided(UndecidedMessage message, long sequence, DisconnectReason refusal, string text);

    /// <summary>Ends the connection if a time has run out, and returns the next time to look (a timestamp; <see cref="long.MaxValue"/>: none).</summary>
    internal abstract long CheckDeadlines(long now);

    /// <summary>The connection ends before the caller had a session.</summary>
    internal virtual void OnGone()
    {
        _authentication?.Cancel();
        _authentication = null;
    }

    /// <summary>The app has answered.</summary>
    internal void OnAuthenticated(Authentication authentication, AuthenticationResult result)
    {
        if (authentication != _authentication)
        {
            // The caller went, or the time was over.
            return;
        }

        _authentication = null;
        if (!result.IsAccepted)
        {
            Connection.End(result.Reason, result.Text);
            return;
        }

        if (!TurnAway())
        {
            OnAdmitted(result.Name);
            GoOn();
        }
    }

    /// <summary>Any thread: does this on the connection's loop; false when that has stopped. Only while the connection cannot move to another.</summary>
    internal bool Post<T>(Action<T> work, T state) => Connection.Loop.Post(work, state);

    /// <summary>Ends the connection of a caller that nobody may let in: the server stops, or its address is banned. Asked again after each wait, in which either may have come about.</summary>
    /// <returns>True when it has ended.</returns>
    protected bool TurnAway()
    {
        if (Server.IsDraining)
        {
            Connection.End(DisconnectReason.ServerStopping);
            return true;
        }

        if (Connection.IsAddressBanned)
        {
            Connection.End(DisconnectReason.Banned);
            return true;
        }

        return false;
    }

    /// <summary>The app lets the caller in, under this name if it is not null.</summary>
    protected abstract void OnAdmitted(string? name);

    /// <summary>Acts on what had to wait. Not while the connection is being received for.</summary>
    protected virtual void GoOn() => Connection.Loop.Arrivals.Redeliver(Connection);

    /// <summary>Asks the app about the caller: <see cref="OnAdmitted"/> is called when it may come in, else the connection ends.</summary>
    protected void BeginAuthentication(string name, ReadOnlySpan<byte> credential, bool isText)
    {
        byte[] secret = credential.ToArray();
        var request = new AuthenticationRequest(name, secret, Connection.Link.RemoteEndPoint, Connection.IsSecure, isText);
        long due = Connection.After(Server.Options.AuthenticateTimeout);
        _authentication = Server.Authentications.Begin(this, request, secret, due);
        Connection.ScheduleNext(due);
    }

    /// <summary>Ends the connection if the app has not answered in time, and returns when to look again.</summary>
    protected long CheckAuthentication(long now)
    {
        if (now < _authentication!.Due)
        {
            return _authentication.Due;
        }

        Metrics.CountLimit(nameof(ChatServerOptions.AuthenticateTimeout));
        Connection.End(DisconnectReason.NotProved, "it could not be told in time whether you may come in; try again later");
        return long.MaxValue;
    }

    /// <summary>Leaves what was received for later, as far as it may be.</summary>
    protected SequencePosition Keep(in ReadOnlySequence<byte> bytes)
    {
        if (bytes.Length <= MaxEarlyBytes)
        {
            return bytes.Start;
        }

        Connection.End(DisconnectReason.TooFast, "too much was said before the last answer came");
        return bytes.End;
    }
}
