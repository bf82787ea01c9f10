using System.Net;

namespace LanChat.Tests.Support;

/// <summary>Makes connections in memory: deterministic, without threads and without real time.</summary>
internal sealed class MemoryNetwork(TimeProvider time)
{
    private const int FirstPort = 50_000;

    private int _nextPort = FirstPort;

    /// <summary>A new connection: a link for a loop, and the client at its other end.</summary>
    /// <param name="address">Where the client says it is; loopback unless told otherwise.</param>
    /// <param name="deferBytes">See <see cref="MemoryLink"/>.</param>
    internal (MemoryLink Link, MemoryClient Client) Connect(IPAddress? address = null, int deferBytes = 0)
    {
        var toServer = new MemoryDirection(time);
        var fromServer = new MemoryDirection(time);
        toServer.WasReset += () => fromServer.Reset();
        fromServer.WasReset += () => toServer.Reset();
        var link = new MemoryLink(toServer, fromServer, new IPEndPoint(address ?? IPAddress.Loopback, _nextPort), deferBytes);
        _nextPort = _nextPort < IPEndPoint.MaxPort ? _nextPort + 1 : FirstPort;
        return (link, new MemoryClient(toServer, fromServer));
    }
}
