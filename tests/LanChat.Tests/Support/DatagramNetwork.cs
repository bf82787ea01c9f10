using System.Net;
using LanChat.Datagrams;

namespace LanChat.Tests.Support;

/// <summary>A network for datagrams in memory, which loses, doubles, delays and so reorders them, all from one seed. Any thread sends; the test's own thread delivers (<see cref="Pump"/>).</summary>
internal sealed class DatagramNetwork(TimeProvider time, int seed = 0)
{
    private readonly Lock _gate = new();
    private readonly Random _random = new(seed);
    private readonly PriorityQueue<Flight, (long Due, long Order)> _flights = new();
    private readonly Dictionary<string, DatagramNetworkEnd> _ends = [];
    private long _order;
    private int _nextPort = 40_000;

    /// <summary>Gets or sets what part of the datagrams to servers gets lost.</summary>
    internal double LossToServer { get; set; }

    /// <summary>Gets or sets what part of the datagrams to clients gets lost.</summary>
    internal double LossToClients { get; set; }

    /// <summary>Gets or sets how often each comes.</summary>
    internal int Copies { get; set; } = 1;

    /// <summary>Gets or sets how long each may take.</summary>
    internal TimeSpan MaxDelay { get; set; }

    /// <summary>Gets how many were sent to servers.</summary>
    internal int SentToServer { get; private set; }

    internal int SentToClients { get; private set; }

    /// <summary>An end that clients send to.</summary>
    internal DatagramNetworkEnd OpenServer(int port = 9090) => Open(new IPEndPoint(IPAddress.Loopback, port), isServer: true);

    /// <summary>An end that hears answers.</summary>
    internal DatagramNetworkEnd OpenClient(IPAddress? address = null) => Open(new IPEndPoint(address ?? IPAddress.Loopback, Interlocked.Increment(ref _nextPort)), isServer: false);

    /// <summary>Delivers what is due. False when nothing was.</summary>
    internal bool Pump()
    {
        bool any = false;
        while (TakeDue() is { } flight)
        {
            any = true;
            flight.To.Deliver(flight.Bytes, flight.From);
        }

        return any;
    }

    internal void Send(DatagramNetworkEnd from, ReadOnlySpan<byte> datagram, SocketAddress destination)
    {
        lock (_gate)
        {
            SentToServer += from.IsServer ? 0 : 1;
            SentToClients += from.IsServer ? 1 : 0;
            if (from.IsServer && LossToClients >= 1)
            {
                // Nothing is made of it: a test may count what the server allocates.
                return;
            }

            if (!_ends.TryGetValue(destination.ToString(), out DatagramNetworkEnd? to))
            {
                return;
            }

            for (int copy = 0; copy < Copies; copy++)
            {
                if (_random.NextDouble() >= (to.IsServer ? LossToServer : LossToClients))
                {
                    long due = time.GetTimestamp() + (long)(_random.NextDouble() * MaxDelay.TotalSeconds * time.TimestampFrequency);
                    _flights.Enqueue(new Flight(datagram.ToArray(), from.Address, to), (due, ++_order));
                }
            }
        }
    }

    internal void Close(DatagramNetworkEnd end)
    {
        lock (_gate)
        {
            _ends.Remove(end.Address.ToString());
        }
    }

    private DatagramNetworkEnd Open(IPEndPoint endPoint, bool isServer)
    {
        var end = new DatagramNetworkEnd(this, endPoint, isServer);
        lock (_gate)
        {
            _ends.Add(end.Address.ToString(), end);
        }

        return end;
    }

    private Flight? TakeDue()
    {
        lock (_gate)
        {
            return _flights.TryPeek(out Flight? flight, out (long Due, long Order) at) && at.Due <= time.GetTimestamp() ? _flights.Dequeue() : null;
        }
    }

    private sealed record Flight(byte[] Bytes, SocketAddress From, DatagramNetworkEnd To);
}

/// <summary>One port of the network.</summary>
internal sealed class DatagramNetworkEnd(DatagramNetwork network, IPEndPoint endPoint, bool isServer) : IDatagramEnd
{
    private DatagramArrived? _arrived;

    public int Port => endPoint.Port;

    internal bool IsServer => isServer;

    internal SocketAddress Address { get; } = endPoint.Serialize();

    /// <summary>What has arrived, where nobody else takes it.</summary>
    internal List<byte[]> Received { get; } = [];

    internal bool IsClosed { get; private set; }

    public void Start(DatagramArrived arrived) => _arrived = arrived;

    public void Send(ReadOnlySpan<byte> datagram, SocketAddress destination) => network.Send(this, datagram, destination);

    /// <summary>Hands over a datagram, whoever it claims to be from.</summary>
    internal void Deliver(ReadOnlySpan<byte> datagram, SocketAddress from)
    {
        if (IsClosed)
        {
            return;
        }

        if (_arrived is null)
        {
            Received.Add(datagram.ToArray());
        }
        else
        {
            _arrived(datagram, from);
        }
    }

    public ValueTask DisposeAsync()
    {
        IsClosed = true;
        network.Close(this);
        return ValueTask.CompletedTask;
    }
}
