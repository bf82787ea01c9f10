using System.Net.Sockets;

namespace LanChat.Transport.Sockets;

/// <summary>Asks the system which of many sockets are ready. Sockets are told apart by their places, from 0 on without a gap. One thread at a time.</summary>
internal abstract class Readiness
{
    /// <summary>What the last <see cref="Wait"/> found at a place; only what somebody waits for.</summary>
    internal abstract LinkEvents this[int place] { get; }

    /// <summary>Made for the system: <c>poll</c> where there is one, which costs no allocation; <see cref="Socket.Select(System.Collections.IList, System.Collections.IList, System.Collections.IList, int)"/> on Windows.</summary>
    internal static Readiness OfThisSystem() => OperatingSystem.IsWindows() ? new SelectReadiness() : new PollReadiness();

    /// <summary>Takes the next place. Waits for <see cref="LinkEvents.Readable"/>.</summary>
    internal abstract void Add(Socket socket);

    /// <summary>The last one takes the place.</summary>
    internal abstract void RemoveAt(int place);

    internal abstract void SetInterest(int place, LinkEvents events);

    /// <summary>Looks, with <paramref name="block"/> until there is something, and returns how many are ready. One that failed is ready for whatever it waits for.</summary>
    internal abstract int Wait(bool block);
}
