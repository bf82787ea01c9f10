using LanChat.Rooms;
using LanChat.Sessions;

namespace LanChat.Connections;

/// <summary>The checks before a session becomes a member, the same for frames and lines.</summary>
internal static class Joining
{
    /// <summary>Makes a session a member of the room that a request names.</summary>
    /// <returns>0, or why not. With 0 and no membership in the answer, the request waits until the session's last visit of that room is
    /// over (<see cref="Membership.Rejoin"/>).</returns>
    internal static DisconnectReason TryJoin(ServerConnection connection, Session session, JoinRequest request, out JoinAnswer answer)
    {
        answer = default;
        ServerContext server = connection.Server;
        if (server.IsDraining)
        {
            return DisconnectReason.ServerStopping;
        }

        if (session.Memberships.Count >= server.Options.MaxRoomsPerSession)
        {
            return DisconnectReason.TooManyRooms;
        }

        while (true)
        {
            if (server.Rooms.FindOrMake(request.Name, out DisconnectReason refusal) is not { } room)
            {
                return refusal;
            }

            if (session.FindMembership(room.Number) is { } there)
            {
                if (!there.IsLeaving || there.Rejoin is not null)
                {
                    return DisconnectReason.AlreadyThere;
                }

                there.Rejoin = request;
                return default;
            }

            if (room.TryJoin(session, connection.ServerLoop.Number, request, out answer, out refusal))
            {
                session.Memberships.Add(answer.Membership);
                return default;
            }

            // Closed between the look-up and now: it is off the table, so the next look-up makes it anew.
            if (!room.IsClosed)
            {
                return refusal;
            }
        }
    }
}
