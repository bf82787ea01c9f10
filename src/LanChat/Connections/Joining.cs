using LanChat.Diagnostics;
using LanChat.Rooms;
using LanChat.Sessions;

namespace LanChat.Connections;

/// <summary>The checks before a session becomes a member, the same for frames and lines.</summary>
internal static class Joining
{
    /// <summary>Makes a session a member of the room that a request names; one that came back and is a member still gets what happens there again.</summary>
    /// <returns>0, or why not. With 0 and no membership in the answer, the request waits until the session's last visit of that room is
    /// over (<see cref="Membership.Rejoin"/>).</returns>
    internal static DisconnectReason TryJoin(ServerConnection connection, Session session, JoinRequest request, out JoinAnswer answer)
    {
        answer = default;
        DisconnectReason refusal = default;
        ServerContext server = connection.Server;
        if (server.IsDraining)
        {
            return DisconnectReason.ServerStopping;
        }

        while (true)
        {
            Room? room = server.Rooms.Find(request.Name);
            if (room is not null && session.FindMembership(room.Number) is { } there)
            {
                if (!there.IsAttached)
                {
                    answer = room.ComeBack(there, request);
                    return default;
                }

                if (!there.IsLeaving || there.Rejoin is not null)
                {
                    return DisconnectReason.AlreadyThere;
                }

                there.Rejoin = request;
                return default;
            }

            // Before a room is made for nothing.
            if (RoomsOf(session) >= server.Options.MaxRoomsPerSession)
            {
                Metrics.CountLimit(nameof(ChatServerOptions.MaxRoomsPerSession));
                return DisconnectReason.TooManyRooms;
            }

            room ??= server.Rooms.FindOrMake(request.Name, out refusal);
            if (room is null)
            {
                Metrics.CountLimit(nameof(ChatServerOptions.MaxRooms), isReached: refusal == DisconnectReason.TooManyRooms);
                return refusal;
            }

            if (room.TryJoin(session, request, out answer, out refusal))
            {
                session.Memberships.Add(answer.Membership);
                return default;
            }

            // Closed between the look-up and now: it is off the table, so the next look-up makes it anew.
            if (!room.IsClosed)
            {
                Metrics.CountLimit(nameof(ChatServerOptions.MaxRoomMembers), isReached: refusal == DisconnectReason.RoomFull);
                return refusal;
            }
        }
    }

    // A room that is being left makes place for the next, unless it is to be entered again.
    private static int RoomsOf(Session session)
    {
        int count = 0;
        foreach (Membership membership in session.Memberships)
        {
            count += membership.IsLeaving && membership.Rejoin is null ? 0 : 1;
        }

        return count;
    }
}
