using System.Net;
using LanChat.Discovery;
using LanChat.Tests.Support;

namespace LanChat.Tests.Discovery;

/// <summary>One network segment in memory, on fake time: every datagram takes a moment, and a seeded chance loses, doubles or delays it.</summary>
internal sealed class MemoryLan(FakeTimeProvider time, int seed = 1)
{
    internal const int Port = 5005;

    private readonly Random _random = new(seed);
    private readonly List<MemoryPort> _ports = [];
    private int _nextPort = 40_000;

    internal FakeTimeProvider Time => time;

    internal double Loss { get; set; }

    internal double Doubling { get; set; }

    /// <summary>The longest a datagram takes; with more than the least, they overtake each other.</summary>
    internal TimeSpan MaxDelay { get; set; } = TimeSpan.FromMilliseconds(1);

    /// <summary>Every datagram that was sent, before its fate.</summary>
    internal List<(byte[] Datagram, IPEndPoint From, IPEndPoint? To)> Sent { get; } = [];

    internal int TimesSent(BeaconType type) => Sent.Count(sent => sent.Datagram.Length > 4 && sent.Datagram[BeaconLayout.TypeAt] == (byte)type);

    internal MemoryHost AddHost(string address, bool isPortTaken = false) => new(this, IPAddress.Parse(address), isPortTaken);

    internal int PortCount => _ports.Count;

    internal int TakePort() => _nextPort++;

    internal void Add(MemoryPort port) => _ports.Add(port);

    internal void Remove(MemoryPort port) => _ports.Remove(port);

    /// <summary>Takes a machine off the network without a word.</summary>
    internal void Cut(MemoryHost host) => _ports.RemoveAll(port => port.EndPoint.Address.Equals(host.Address));

    /// <summary>Sends to one endpoint, or to everyone who shares the port.</summary>
    internal void Send(ReadOnlySpan<byte> datagram, IPEndPoint from, IPEndPoint? to)
    {
        byte[] copy = datagram.ToArray();
        Sent.Add((copy, from, to));
        foreach (MemoryPort port in _ports.Where(port => to is null ? port.HearsAll : port.EndPoint.Equals(to)).ToArray())
        {
            for (int copies = _random.NextDouble() < Doubling ? 2 : 1; copies > 0; copies--)
            {
                if (_random.NextDouble() >= Loss)
                {
                    TimeSpan delay = TimeSpan.FromMicroseconds(100) + (MaxDelay * _random.NextDouble());
                    ITimer? arrival = null;
                    arrival = time.CreateTimer(
                        _ =>
                        {
                            arrival?.Dispose();
                            Deliver(port, copy, from);
                        },
                        null,
                        delay,
                        Timeout.InfiniteTimeSpan);
                }
            }
        }
    }

    private void Deliver(MemoryPort port, byte[] datagram, IPEndPoint from)
    {
        if (_ports.Contains(port))
        {
            port.Deliver(datagram, from);
        }
    }
}

/// <summary>A machine on a <see cref="MemoryLan"/>.</summary>
internal sealed class MemoryHost(MemoryLan lan, IPAddress address, bool isPortTaken) : IDatagramNetwork
{
    public event Action? Changed;

    internal IPAddress Address => address;

    /// <summary>The interfaces, as the next <see cref="IDatagramPort.Renew"/> finds them.</summary>
    internal IReadOnlyList<NetworkCard> Cards { get; set; } = [new NetworkCard("eth0", 2, IsLoopback: false, [new CardAddress(address, 24)])];

    /// <summary>What its ports throw when they are to send to everyone; null for nothing.</summary>
    internal Exception? Defect { get; set; }

    internal bool IsWatched => Changed is not null;

    internal void ReportChange() => Changed?.Invoke();

    public IDatagramPort Open(bool isShared)
    {
        var port = new MemoryPort(lan, this, isShared && !isPortTaken, isShared && isPortTaken ? "the port is taken" : null);
        lan.Add(port);
        return port;
    }
}

internal sealed class MemoryPort(MemoryLan lan, MemoryHost host, bool isShared, string? problem) : IDatagramPort
{
    private DatagramHandler? _handler;

    public IReadOnlyList<NetworkCard> Cards { get; private set; } = host.Cards;

    public bool HearsAll => isShared;

    public string? Problem => problem;

    internal IPEndPoint EndPoint { get; } = new(host.Address, isShared ? MemoryLan.Port : lan.TakePort());

    public void Start(DatagramHandler handler) => _handler = handler;

    public bool Renew()
    {
        bool isChanged = !Cards.SequenceEqual(host.Cards);
        Cards = host.Cards;
        return isChanged;
    }

    public void SendToAll(ReadOnlySpan<byte> datagram)
    {
        if (host.Defect is { } defect)
        {
            throw defect;
        }

        if (Cards.Count > 0)
        {
            lan.Send(datagram, EndPoint, to: null);
        }
    }

    public void Broadcast(ReadOnlySpan<byte> datagram) => SendToAll(datagram);

    public void Send(ReadOnlySpan<byte> datagram, IPEndPoint destination) => lan.Send(datagram, EndPoint, destination);

    internal void Deliver(byte[] datagram, IPEndPoint from) => _handler?.Invoke(datagram, from, card: host.Cards.Count > 0 ? host.Cards[0].Index : 0);

    public ValueTask DisposeAsync()
    {
        lan.Remove(this);
        return ValueTask.CompletedTask;
    }
}
