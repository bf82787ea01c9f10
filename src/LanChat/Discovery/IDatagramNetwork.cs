using System.Net;

namespace LanChat.Discovery;

/// <summary>Takes a datagram that came in. The bytes are the caller's again when it returns.</summary>
/// <param name="datagram">The bytes; at most one more than a beacon may have.</param>
/// <param name="source">Who sent it.</param>
/// <param name="card">The number of the interface it came in on.</param>
internal delegate void DatagramHandler(ReadOnlySpan<byte> datagram, IPEndPoint source, int card);

/// <summary>The seam between discovery and the network: real sockets, or a network in memory whose faults a test makes.</summary>
internal interface IDatagramNetwork
{
    /// <summary>Says that addresses or interfaces may have changed. It does not come for all changes, and may come often.</summary>
    event Action? Changed;

    /// <summary>Opens a port that sends, and receives what is sent to it alone; a shared one also what is sent to everyone.</summary>
    /// <remarks>It never fails: what it cannot do is in <see cref="IDatagramPort.Problem"/>.</remarks>
    IDatagramPort Open(bool isShared);
}

/// <summary>A place from which datagrams are sent and at which they are received, on all usable interfaces.</summary>
internal interface IDatagramPort : IAsyncDisposable
{
    /// <summary>Gets the interfaces in use, as the last <see cref="Renew"/> found them; none before the first. Safe on any thread.</summary>
    IReadOnlyList<NetworkCard> Cards { get; }

    /// <summary>Gets whether datagrams to everyone are heard here.</summary>
    bool HearsAll { get; }

    /// <summary>Gets what does not work, in words for a person; null when everything does.</summary>
    string? Problem { get; }

    /// <summary>Starts to receive. Calls come on any thread, also at the same time.</summary>
    void Start(DatagramHandler handler);

    /// <summary>Looks which interfaces there are now, and listens on the new ones.</summary>
    /// <returns>Whether anything is different.</returns>
    bool Renew();

    /// <summary>Sends to everyone on each interface, by every way there is. Errors are logged and passed over: another way may work.</summary>
    void SendToAll(ReadOnlySpan<byte> datagram);

    /// <summary>Sends to the broadcast address of each interface alone.</summary>
    void Broadcast(ReadOnlySpan<byte> datagram);

    /// <summary>Sends to one. Errors are logged and passed over: datagrams get lost anyway.</summary>
    void Send(ReadOnlySpan<byte> datagram, IPEndPoint destination);
}
