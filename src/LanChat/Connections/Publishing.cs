using LanChat.Diagnostics;
using LanChat.Framing;
using LanChat.Rooms;
using LanChat.Sessions;
using LanChat.Text;

namespace LanChat.Connections;

/// <summary>The checks before a message is appended, the same for frames and lines: everything that can fail is decided here, first.</summary>
/// <remarks>Each returns 0 when the message was carried out, else the reason it was not. With 0 and a sequence of 0 the app is still to decide (<see cref="ChatServerOptions.OnPublish"/>).</remarks>
internal static class Publishing
{
    internal static DisconnectReason TryPublish(ServerConnection connection, Session session, in PublishFrame frame, out long sequence)
    {
        sequence = 0;
        DisconnectReason refusal = TryStart(connection, session);
        if (refusal != default)
        {
            return refusal;
        }

        const byte KnownFlags = PublishFrame.OpaqueFlag;
        if ((frame.Flags & ~KnownFlags) != 0)
        {
            return DisconnectReason.UnknownFlag;
        }

        if (session.FindMembership(frame.Room) is not { IsPresent: true } membership)
        {
            return frame.Room == 0 ? DisconnectReason.NoSuchRoom : DisconnectReason.NotAMember;
        }

        ReadOnlySpan<byte> body = frame.Body;
        bool isOpaque = (frame.Flags & PublishFrame.OpaqueFlag) != 0;
        bool isGood = isOpaque ? body.Length <= connection.Server.Options.MaxTextBytes : TryClean(connection, body, out body);
        return !isGood ? DisconnectReason.BadText
            : connection.Server.Options.OnPublish is null ? Append(connection, membership, isOpaque, frame.Id, body, out sequence)
            : Hold(session, new UndecidedMessage(session.Undecided, connection)
            {
                Id = frame.Id,
                Room = frame.Room,
                Visit = membership,
                RoomName = membership.Room.Name,
                IsOpaque = isOpaque,
                Body = body.ToArray(),
            });
    }

    internal static DisconnectReason TryDirect(
        ServerConnection connection, Session session, ulong id, ReadOnlySpan<byte> to, ReadOnlySpan<byte> body, out long sequence)
    {
        sequence = 0;
        DisconnectReason refusal = TryStart(connection, session);
        if (refusal != default)
        {
            return refusal;
        }

        if (!TryClean(connection, body, out ReadOnlySpan<byte> clean))
        {
            return DisconnectReason.BadText;
        }

        if (connection.Server.Options.OnPublish is null)
        {
            return Deliver(session, id, to, clean, out sequence);
        }

        return connection.Server.Sessions.FindByName(to) is null
            ? DisconnectReason.NoSuchMember
            : Hold(session, new UndecidedMessage(session.Undecided, connection) { Id = id, To = to.ToArray(), Body = clean.ToArray() });
    }

    /// <summary>Puts a message into the recipient's mailbox.</summary>
    internal static DisconnectReason Deliver(Session session, ulong id, ReadOnlySpan<byte> to, ReadOnlySpan<byte> clean, out long sequence)
    {
        sequence = 0;
        SessionTable sessions = session.Home.Server.Sessions;
        if (sessions.FindByName(to) is not { } recipient)
        {
            return DisconnectReason.NoSuchMember;
        }

        long now = session.Home.Loop.UtcMilliseconds;
        if (recipient.Mailbox.TryAppend(EntryKind.Direct, now, id, session.Name.Utf8, clean, out sequence))
        {
            session.HasPublished = true;
            return default;
        }

        // It has just gone, or the server's memory is used up.
        return sessions.Find(recipient.Id) is null ? DisconnectReason.NoSuchMember : DisconnectReason.TooFast;
    }

    /// <summary>Takes what every id costs: the server must not be stopping, and the session not be too fast. Counts as a sign of life.</summary>
    internal static DisconnectReason TryStart(ServerConnection connection, Session session)
    {
        ChatServerOptions options = connection.Server.Options;
        if (connection.Server.IsDraining)
        {
            return DisconnectReason.ServerStopping;
        }

        session.PublishedAt = connection.Loop.Timestamp;
        session.IdleWarned = false;
        return session.PublishTokens.TryTake(session.PublishedAt, options.TimeProvider.TimestampFrequency, options.PublishRate, options.PublishBurst)
            ? default
            : DisconnectReason.TooFast;
    }

    private static DisconnectReason Append(
        ServerConnection connection, Membership membership, bool isOpaque, ulong id, ReadOnlySpan<byte> body, out long sequence)
    {
        ushort flags = isOpaque ? EntryLayout.OpaqueFlag : (ushort)0;
        if (!membership.Room.TryPublish(membership, flags, id, body, connection.Loop.UtcMilliseconds, out sequence))
        {
            return DisconnectReason.TooFast;
        }

        membership.Session.HasPublished = true;
        Metrics.Messages.Add(1);
        return default;
    }

    private static DisconnectReason Hold(Session session, UndecidedMessage message) => session.Undecided.TryAdd(message) ? default : DisconnectReason.TooFast;

    private static bool TryClean(ServerConnection connection, ReadOnlySpan<byte> body, out ReadOnlySpan<byte> clean) =>
        TextRules.TrySanitize(body, connection.ServerLoop.TextScratch, out clean) == TextCheck.Ok;
}
