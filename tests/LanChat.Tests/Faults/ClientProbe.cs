using System.Runtime.CompilerServices;
using LanChat.Connections.Client;

namespace LanChat.Tests.Faults;

/// <summary>Looks into a client to see whether it waits for nothing but the wire, the clock and the app. What it gets wrong makes a seed replay less exactly; no law rests on it.</summary>
internal sealed class ClientProbe(ChatClient client, ClientClock clock)
{
    // The last one that the session had: once it is over for the session, its end may still take a while.
    private ClientConnection? _connection;

    /// <summary>Says null at rest, else what is still going on.</summary>
    internal string? WhatMoves(Wire wire)
    {
        ClientSession session = SessionOf(client);
        FaultStream stream = wire.Stream;
        lock (session.Flow.Gate)
        {
            _connection = ConnectionOf(session) ?? _connection;
            if (_connection is null || LinkOf(_connection).Stream != stream)
            {
                return "it takes the connection";
            }

            bool isPaused = session.Flow.IsPaused && !MayRead(session.Flow);
            bool isReadAtRest = isPaused || stream.IsReadWaiting;
            if (_connection.IsEnding)
            {
                // A goodbye waits for the wire, then for the server, each for a time; any other end waits for nothing.
                bool isPatient = SaysGoodbye(_connection) && clock.ArmedTimers > 0
                    && (stream.IsWriteWaiting || (isReadAtRest && (stream.IsSendShutDown || stream.HasWriteFailed)));
                return isPatient ? null : "its connection ends";
            }

            return !isReadAtRest ? "it reads"
                : _connection.Output.QueuedBytes == 0 || stream.IsWriteWaiting || stream.HasWriteFailed ? null
                : "it writes";
        }
    }

    /// <summary>Gets the answer that a join waits for; null if it waits for none.</summary>
    internal static Task? AnswerTo(ChatClient client, string room)
    {
        ClientSession session = SessionOf(client);
        lock (session.Flow.Gate)
        {
            return RoomsOf(session.Rooms).TryGetValue(room, out ClientRoom? asked) && !asked.Answer.IsCompleted ? asked.Answer : null;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_session")]
    internal static extern ref ClientSession SessionOf(ChatClient client);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_byName")]
    private static extern ref Dictionary<string, ClientRoom> RoomsOf(ClientRooms rooms);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_connection")]
    private static extern ref ClientConnection? ConnectionOf(ClientSession session);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_link")]
    private static extern ref ClientLink LinkOf(ClientConnection connection);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_saysGoodbye")]
    private static extern ref bool SaysGoodbye(ClientConnection connection);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_MayRead")]
    private static extern bool MayRead(ClientFlow flow);
}
