using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using LanChat.Diagnostics;
using Microsoft.Extensions.Logging;

namespace LanChat.Discovery;

/// <summary>Sockets of both families together. Sends come from one thread at a time.</summary>
internal sealed class SocketPort : IDatagramPort
{
    private readonly int _port;
    private readonly CardFilter _filter;
    private readonly ILogger _logger;
    private readonly List<DiscoverySocket> _sockets = [];
    private readonly string? _problem;
    private volatile IReadOnlyList<NetworkCard> _cards = [];

    internal SocketPort(int port, bool isShared, CardFilter filter, TimeProvider time, ILogger logger)
    {
        _port = port;
        _filter = filter;
        _logger = logger;
        if (Socket.OSSupportsIPv4)
        {
            _problem = Open(AddressFamily.InterNetwork, isShared, time);
        }

        if (Socket.OSSupportsIPv6)
        {
            _problem = Open(AddressFamily.InterNetworkV6, isShared, time) ?? _problem;
        }

        if (_sockets.Count == 0)
        {
            _problem ??= "this machine opens no UDP socket";
        }
    }

    public IReadOnlyList<NetworkCard> Cards => _cards;

    public bool HearsAll => _sockets.Count > 0 && _sockets.TrueForAll(socket => socket.IsShared);

    public string? Problem => _problem ?? _filter.FindProblem(_cards);

    public void Start(DatagramHandler handler) => _sockets.ForEach(socket => socket.Start(handler));

    public bool Renew()
    {
        IReadOnlyList<NetworkCard> cards;
        try
        {
            cards = _filter.Find();
        }
        catch (NetworkInformationException exception)
        {
            Log.InterfacesUnknown(_logger, exception.Message);
            return false;
        }

        // Also when nothing changed: what could not be joined may be joined now.
        _sockets.ForEach(socket => socket.Listen(cards));
        bool isChanged = !cards.SequenceEqual(_cards);
        _cards = cards;
        return isChanged;
    }

    public void SendToAll(ReadOnlySpan<byte> datagram)
    {
        foreach (NetworkCard card in _cards)
        {
            foreach (DiscoverySocket socket in _sockets)
            {
                // No system sends IPv6 multicast to itself by loopback; IPv4 reaches it.
                if (card.Has(socket.Family) && !(card.IsLoopback && socket.Family == AddressFamily.InterNetworkV6))
                {
                    socket.SendToGroup(datagram, card, _port);
                }
            }
        }

        Broadcast(datagram);
    }

    public void Broadcast(ReadOnlySpan<byte> datagram)
    {
        DiscoverySocket? socket = _sockets.Find(socket => socket.Family == AddressFamily.InterNetwork);
        foreach (NetworkCard card in _cards)
        {
            foreach (IPAddress address in card.Addresses.Select(own => own.Broadcast).OfType<IPAddress>().Distinct())
            {
                socket?.Send(datagram, new IPEndPoint(address, _port), card.Name);
            }
        }
    }

    public void Send(ReadOnlySpan<byte> datagram, IPEndPoint destination) =>
        _sockets.Find(socket => socket.Family == destination.AddressFamily)?.Send(datagram, destination);

    public async ValueTask DisposeAsync()
    {
        foreach (DiscoverySocket socket in _sockets)
        {
            await socket.DisposeAsync().ConfigureAwait(false);
        }
    }

    // A family that the machine does not have at all is no problem.
    private string? Open(AddressFamily family, bool isShared, TimeProvider time)
    {
        SocketError? error = TryOpen(family, isShared ? _port : 0, time);
        if (!isShared || error is null)
        {
            return null;
        }

        TryOpen(family, 0, time);
        return error is SocketError.AddressAlreadyInUse or SocketError.AccessDenied
            ? $"UDP port {_port} is held by another program, so questions are not heard: stop it, or let servers and clients use another discovery port"
            : null;
    }

    private SocketError? TryOpen(AddressFamily family, int port, TimeProvider time)
    {
        try
        {
            _sockets.Add(DiscoverySocket.Open(family, port, time, _logger));
            return null;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode;
        }
    }
}
