using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using LanChat.Broadcast;
using LanChat.Connections;
using LanChat.Framing;
using LanChat.Rooms;

namespace LanChat.Sessions;

/// <summary>A client's identity: its number and token, its name, the outcomes of its ids, its rooms and its mailbox.</summary>
/// <remarks>
/// <para>A session outlives its connections (docs/protocol.md, section 4): it is attached to one, or detached and waits for the next, or has ended. How it passes
/// from one to the other is in <c>Session.Life.cs</c>.</para>
/// <para>It is bound for life to the loop of its first connection (<see cref="Home"/>): everything here but <see cref="Mailbox"/> and <see cref="Name"/> is touched only there, other
/// threads post work to it, and a connection that was accepted by another loop and takes the session over moves there. So whatever happens to a session happens in one order.</para>
/// </remarks>
internal sealed partial class Session
{
    /// <summary>The secret that proves the session to be the client's.</summary>
    internal readonly SessionToken Token = SessionToken.Random();

    // Made by whoever needs it first, with one compare-exchange; never changed afterwards.
    private Mailbox? _mailbox;

    private UndecidedMessages? _undecided;

    // Made with the first id.
    private OutcomeWindow? _outcomes;

    /// <param name="id">Its number.</param>
    /// <param name="connection">The connection it begins on.</param>
    /// <param name="attempt">The number of the client's attempt by which it came.</param>
    internal Session(ulong id, ServerConnection connection, uint attempt)
    {
        Id = id;
        Home = connection.ServerLoop;
        Connection = connection;
        IsSecure = connection.IsSecure;
        _attempt = attempt;
    }

    /// <summary>Gets the number under which the session is known: random, not 0.</summary>
    internal ulong Id { get; }

    /// <summary>Gets the loop it belongs to. Any thread.</summary>
    internal ServerLoop Home { get; }

    /// <summary>Gets whether it began inside TLS: its token is good only on links of that kind. Any thread.</summary>
    internal bool IsSecure { get; }

    /// <summary>Gets the name in one object, so that other threads (a roster, a kick) never see half a change. Written by
    /// <see cref="SessionTable"/> on the session's loop.</summary>
    internal SessionName Name { get => Volatile.Read(ref field); set => Volatile.Write(ref field, value); } = SessionName.None;

    internal OutcomeWindow Outcomes => _outcomes ??= new OutcomeWindow();

    /// <summary>Gets the last id received; 0 before the first.</summary>
    internal ulong LastId => _outcomes?.Last ?? 0;

    internal MembershipList Memberships;

    /// <summary>Gets the messages that the app is to decide on. Made with the first.</summary>
    internal UndecidedMessages Undecided => _undecided ??= new UndecidedMessages(this);

    /// <summary>Gets whether the app is to decide on a message.</summary>
    internal bool HasUndecided => _undecided is { Count: > 0 };

    /// <summary>Gets the log of what is for this session alone. Any thread.</summary>
    internal Mailbox Mailbox
    {
        get
        {
            Interleave.Point(Access.Read, this);
            if (Volatile.Read(ref _mailbox) is { } mailbox)
            {
                return mailbox;
            }

            var made = new Mailbox(this, Home.Server.Pool);
            Interleave.Point(Access.Change, this);
            return Interlocked.CompareExchange(ref _mailbox, made, null) ?? made;
        }
    }

    /// <summary>Gets the mark of this life of the mailbox. It lives as long as the session, whose number is as random.</summary>
    internal ulong MailboxEpoch => Id;

    /// <summary>Gets the mailbox's cursor, once there is something to read. Only on the loop.</summary>
    /// <remarks>Acquire, partner: the compare-exchange that publishes the mailbox. Without it the loop could find one whose fields are not there yet.</remarks>
    internal LogCursor? MailboxCursor
    {
        get
        {
            Interleave.Point(Access.Read, this);
            return Volatile.Read(ref _mailbox)?.Cursor;
        }
    }

    /// <summary>The limit on PUBLISH, DIRECT and COMMAND.</summary>
    internal TokenBucket PublishTokens;

    /// <summary>The limit on every other frame.</summary>
    internal TokenBucket ControlTokens;

    /// <summary>When the session last published; its start at first. For the idle limit.</summary>
    internal long PublishedAt { get; set; }

    /// <summary>Whether the warning before the idle limit was given since the last publish.</summary>
    internal bool IdleWarned { get; set; }

    internal bool HasPublished { get; set; }

    /// <summary>Gets whether a JOIN waits for the end of a visit.</summary>
    internal bool IsToRejoin
    {
        get
        {
            foreach (Membership membership in Memberships)
            {
                if (membership.Rejoin is not null)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>An id that was still being carried out has its outcome: it goes to the connection that the session has now, or waits for the client to ask again. On the home loop.</summary>
    internal void Settle(ulong id, Outcome outcome, ReadOnlySpan<byte> text)
    {
        Outcomes.Settle(id, outcome);
        if (Connection is { TakesOutcomes: true } connection)
        {
            outcome.WriteTo(connection.Output, id, text);
            connection.Loop.Queue(connection);
        }
    }

    /// <summary>Gives back what an idle session can do without.</summary>
    internal void ForgetOutcomes() => _outcomes?.Forget();

    internal Membership? FindMembership(uint room)
    {
        foreach (Membership membership in Memberships)
        {
            if (membership.Room.Number == room)
            {
                return membership;
            }
        }

        return null;
    }
}

/// <summary>The bytes of a token, as in HELLO and WELCOME.</summary>
[InlineArray(FrameLimits.TokenBytes)]
internal struct SessionToken
{
    private byte _first;

    internal static SessionToken Random()
    {
        SessionToken token = default;
        RandomNumberGenerator.Fill(token);
        return token;
    }
}

/// <summary>A name in the two forms that are needed: as sent, and as compared.</summary>
internal sealed record SessionName(byte[] Utf8, string Key)
{
    internal static readonly SessionName None = new([], "");

    internal string Text => Encoding.UTF8.GetString(Utf8);
}
