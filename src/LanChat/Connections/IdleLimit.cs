using LanChat.Framing;
using LanChat.Sessions;

namespace LanChat.Connections;

/// <summary>Ends who publishes nothing for the idle limit, with a warning to the mailbox at three quarters of it.</summary>
internal static class IdleLimit
{
    /// <summary>Acts if it is time, and returns when to look again (a timestamp; <see cref="long.MaxValue"/>: never).</summary>
    internal static long Check(ServerConnection connection, Session session, long now)
    {
        if (connection.Server.Options.IdleTimeout is not { } limit)
        {
            return long.MaxValue;
        }

        long ticks = connection.After(limit) - connection.Loop.Timestamp;
        long end = session.PublishedAt + ticks;
        if (now >= end)
        {
            connection.End(DisconnectReason.Idle, "nothing was said for too long");
            return long.MaxValue;
        }

        long warning = session.PublishedAt + (ticks / 4 * 3);
        if (now < warning)
        {
            return warning;
        }

        if (!session.IdleWarned)
        {
            session.IdleWarned = true;
            session.Mailbox.TryAppend(
                EntryKind.Private,
                connection.Loop.UtcMilliseconds,
                id: 0,
                ServerSpeaker.Utf8,
                "you will be disconnected soon unless you say something"u8,
                out _);
        }

        return end;
    }
}

/// <summary>The name under which the server and its operator speak. Nobody else can have it: it is reserved.</summary>
internal static class ServerSpeaker
{
    internal static ReadOnlySpan<byte> Utf8 => "server"u8;
}
