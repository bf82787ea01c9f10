using System.Runtime.CompilerServices;
using LanChat.Connections.Client;

namespace LanChat.Tests.Faults;

/// <summary>Looks into a client to see whether it waits for nothing but the wire, the clock and the app. What it gets wrong makes a seed replay less exactly; no law rests on it.</summary>
internal static class ClientProbe
{
    /// <summary>Says null at rest, else what is still going on.</summary>
    internal static string? WhatMoves(ChatClient client, Wire wire, ClientClock clock)
    {
        ClientSession session = SessionOf(client);
        FaultStream stream = wire.Stream;
        lock (session.Flow.Gate)
        {
            bool isPaused = session.Flow.IsPaused && !MayRead(session.Flow);
            bool isReadAtRest = isPaused || stream.IsReadWaiting;
            if (session.Ending.IsCompleted)
            {
                // A goodbye waits for the wire, then for the server, each for a time; any other end waits for nothing.
                bool isPatient = session.SaysGoodbye && clock.ArmedTimers > 0 && (stream.IsWriteWaiting || (isReadAtRest && (stream.IsSendShutDown || stream.HasWriteFailed)));
                return isPatient ? null : "its connection ends";
            }

            return !isReadAtRest ? "it reads"
                : session.Output.QueuedBytes == 0 || stream.IsWriteWaiting || stream.HasWriteFailed ? null
                : "it writes";
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_session")]
    private static extern ref ClientSession SessionOf(ChatClient client);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_MayRead")]
    private static extern bool MayRead(ClientFlow flow);
}
