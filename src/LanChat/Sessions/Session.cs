using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using LanChat.Broadcast;
using LanChat.Connections;
using LanChat.Framing;
using LanChat.Rooms;

namespace LanChat.Sessions;

/// <summary>A client's identity: its number and token, its name, the outcomes of its ids, its rooms and its mailbox.</summary>
/// <remarks>A session belongs to the loop of its connection: everything here but <see cref="Mailbox"/>, <see cref="Name"/> and
/// <see cref="Connection"/> is touched only there. In this version it ends with its connection.</remarks>
internal sealed class Session(ulong id, ServerConnection connection)
{
    /// <summary>The secret that proves the session to be the client's.</summary>
    internal readonly SessionToken Token = SessionToken.Random();

    // Made by whoever needs it first, with one compare-exchange; never changed afterwards.
    private Mailbox? _mailbox;

    // Made with the first id.
    private OutcomeWindow? _outcomes;

    /// <summary>Gets the number under which the session is known: random, not 0.</summary>
    internal ulong Id { get; } = id;

    /// <summary>Gets the connection the session lives on. Other threads only post work to its loop.</summary>
    internal ServerConnection Connection { get; } = connection;

    /// <summary>Gets the name in one object, so that other threads (a roster, a kick) never see half a change. Written by
    /// <see cref="SessionTable"/> on the session's loop.</summary>
    internal SessionName Name { get => Volatile.Read(ref field); set => Volatile.Write(ref field, value); } = SessionName.None;

    internal OutcomeWindow Outcomes => _outcomes ??= new OutcomeWindow();

    internal MembershipList Memberships;

    /// <summary>Gets the log of what is for this session alone. Any thread.</summary>
    internal Mailbox Mailbox
    {
        get
        {
            if (Volatile.Read(ref _mailbox) is { } mailbox)
            {
                return mailbox;
            }

            var made = new Mailbox(this, Connection.Server.Pool);
            return Interlocked.CompareExchange(ref _mailbox, made, null) ?? made;
        }
    }

    /// <summary>Gets the mark of this life of the mailbox. It lives as long as the session, whose number is as random.</summary>
    internal ulong MailboxEpoch => Id;

    /// <summary>Gets the mailbox's cursor, once there is something to read. Only on the loop.</summary>
    /// <remarks>Acquire, partner: the compare-exchange that publishes the mailbox. Without it the loop could find one whose fields are not there yet.</remarks>
    internal LogCursor? MailboxCursor => Volatile.Read(ref _mailbox)?.Cursor;

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
