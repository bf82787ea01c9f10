using System.Net;

namespace LanChat.Datagrams;

/// <summary>Takes a datagram that came in. Bytes and address are the caller's again when it returns.</summary>
/// <param name="datagram">The bytes; at most one more than a datagram of ours may have.</param>
/// <param name="source">Who claims to have sent it.</param>
internal delegate void DatagramArrived(ReadOnlySpan<byte> datagram, SocketAddress source);

/// <summary>The seam between messages by UDP and the network: a socket, or a network in memory whose faults a test makes.</summary>
internal interface IDatagramEnd : IAsyncDisposable
{
    /// <summary>Gets the number of its port.</summary>
    int Port { get; }

    /// <summary>Starts to receive. Calls come one at a time, on any thread; called once.</summary>
    void Start(DatagramArrived arrived);

    /// <summary>Sends to an address, or does not: it neither waits nor fails, for datagrams get lost anyway. Any thread.</summary>
    void Send(ReadOnlySpan<byte> datagram, SocketAddress destination);
}
