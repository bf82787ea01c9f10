using System.Security.Cryptography;
using System.Text;
using LanChat.Broadcast;
using LanChat.Connections;
using LanChat.Rooms;

namespace LanChat.Sessions;

/// <summary>A client's identity: its number and token, its name, the outcomes of its ids, its rooms and its mailbox.</summary>
/// <remarks>A session belongs to the loop of its connection: everything here but <see cref="Mailbox"/>, <see cref="Name"/> and
/// <see cref="Connection"/> is touched only there. In this version it ends with its connection.</remarks>
internal sealed class Session
{
    /// <summary>The bytes of a token, as in HELLO and WELCOME.</summary>
    internal const int TokenBytes = 16;

    internal Session(ulong id, ServerConnection connection, SegmentPool pool)
    {
        Id = id;
        Connection = connection;
        Mailbox = new Mailbox(this, pool);
    }

    /// <summary>Gets the number under which the session is known: random, not 0.</summary>
    internal ulong Id { get; }

    /// <summary>Gets the secret that proves the session to be the client's.</summary>
    internal byte[] Token { get; } = RandomNumberGenerator.GetBytes(TokenBytes);

    /// <summary>Gets the connection the session lives on. Other threads only post work to its loop.</summary>
    internal ServerConnection Connection { get; }

    /// <summary>Gets the name in one object, so that other threads (a roster, a kick) never see half a change. Written by
    /// <see cref="SessionTable"/> on the session's loop.</summary>
    internal SessionName Name { get => Volatile.Read(ref field); set => Volatile.Write(ref field, value); } = SessionName.None;

    internal OutcomeWindow Outcomes { get; } = new();

    internal List<Membership> Memberships { get; } = [];

    /// <summary>Gets the log of what is for this session alone.</summary>
    internal Mailbox Mailbox { get; }

    /// <summary>The limit on PUBLISH, DIRECT and COMMAND.</summary>
    internal TokenBucket PublishTokens;

    /// <summary>The limit on every other frame.</summary>
    internal TokenBucket ControlTokens;

    /// <summary>When the session last published; its start at first. For the idle limit.</summary>
    internal long PublishedAt { get; set; }

    /// <summary>Whether the warning before the idle limit was given since the last publish.</summary>
    internal bool IdleWarned { get; set; }

    internal bool HasPublished { get; set; }

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

/// <summary>A name in the three forms that are needed: as shown, as sent, as compared.</summary>
internal sealed record SessionName(string Text, string Key)
{
    internal static readonly SessionName None = new("", "");

    internal byte[] Utf8 { get; } = Encoding.UTF8.GetBytes(Text);
}
