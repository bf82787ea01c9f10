using System.Net;
using System.Net.Sockets;
using LanChat.Diagnostics;
using Microsoft.Extensions.Logging;

namespace LanChat.Discovery;

/// <summary>A UDP socket of one address family that reaches everyone on each interface. One for each family: a socket for both is not told on which interface
/// an IPv4 packet came in.</summary>
internal sealed class DiscoverySocket : IAsyncDisposable
{
    private static readonly IPAddress Group4 = new([239, 255, 77, 77]);
    private static readonly IPAddress Group6 = IPAddress.Parse("ff12::4c43");

    private readonly Socket _socket;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<int> _joined = [];
    private Task _receiving = Task.CompletedTask;

    private DiscoverySocket(Socket socket, bool isShared, TimeProvider time, ILogger logger)
    {
        _socket = socket;
        IsShared = isShared;
        _time = time;
        _logger = logger;
    }

    /// <summary>Gets whether it is bound to the port of discovery, together with the other programs on this machine.</summary>
    internal bool IsShared { get; }

    internal AddressFamily Family => _socket.AddressFamily;

    private bool IsIPv4 => Family == AddressFamily.InterNetwork;

    private SocketOptionLevel Level => IsIPv4 ? SocketOptionLevel.IP : SocketOptionLevel.IPv6;

    private IPAddress Group => IsIPv4 ? Group4 : Group6;

    /// <summary>Opens a socket on every address of its family.</summary>
    /// <param name="family">The family.</param>
    /// <param name="port">The shared port, or 0 for one of its own.</param>
    /// <param name="time">The clock of pauses.</param>
    /// <param name="logger">Where errors go.</param>
    /// <exception cref="SocketException">The family or the port is not to be had.</exception>
    internal static DiscoverySocket Open(AddressFamily family, int port, TimeProvider time, ILogger logger)
    {
        var socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            var opened = new DiscoverySocket(socket, port != 0, time, logger);
            opened.Configure();

            // Not on one address: such a socket hears neither broadcast nor multicast.
            socket.Bind(new IPEndPoint(opened.IsIPv4 ? IPAddress.Any : IPAddress.IPv6Any, port));
            return opened;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    internal void Start(DatagramHandler handler)
    {
        var anyone = new IPEndPoint(IsIPv4 ? IPAddress.Any : IPAddress.IPv6Any, 0);
        var receiver = new DatagramReceiver(
            (buffer, cancellationToken) => _socket.ReceiveMessageFromAsync(buffer, SocketFlags.None, anyone, cancellationToken), handler, _time, _logger);
        _receiving = Task.Run(() => receiver.RunAsync(_stopping.Token));
    }

    /// <summary>Makes the groups heard on these interfaces and no others.</summary>
    internal void Listen(IReadOnlyList<NetworkCard> cards)
    {
        if (!IsShared)
        {
            return;
        }

        // Of an interface that is gone the system has forgotten the membership itself.
        _joined.IntersectWith(cards.Select(card => card.Index));
        foreach (NetworkCard card in cards.Where(card => card.Has(Family) && !_joined.Contains(card.Index)))
        {
            try
            {
                object membership = IsIPv4 ? new MulticastOption(Group, card.Index) : new IPv6MulticastOption(Group, card.Index);
                _socket.SetSocketOption(Level, SocketOptionName.AddMembership, membership);
                _joined.Add(card.Index);
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                _joined.Add(card.Index);
            }
            catch (SocketException exception)
            {
                Log.GroupNotJoined(_logger, Group, card.Name, exception.SocketErrorCode);
            }
        }
    }

    /// <summary>Sends to the group on one interface, whatever the routes say.</summary>
    internal void SendToGroup(ReadOnlySpan<byte> datagram, NetworkCard card, int port)
    {
        try
        {
            _socket.SetSocketOption(Level, SocketOptionName.MulticastInterface, IsIPv4 ? IPAddress.HostToNetworkOrder(card.Index) : card.Index);
            _socket.SendTo(datagram, new IPEndPoint(Group, port));
        }
        catch (SocketException exception)
        {
            Log.DatagramNotSent(_logger, card.Name, Group, exception.SocketErrorCode);
        }
    }

    /// <summary>Sends to one address.</summary>
    internal void Send(ReadOnlySpan<byte> datagram, IPEndPoint destination, string card = "")
    {
        try
        {
            _socket.SendTo(datagram, destination);
        }
        catch (SocketException exception)
        {
            Log.DatagramNotSent(_logger, card, destination.Address, exception.SocketErrorCode);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _socket.Dispose();
        await _receiving.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private void Configure()
    {
        const int SioUdpConnReset = -1744830452;
        if (OperatingSystem.IsWindows())
        {
            // Otherwise an answer to a client that is gone makes the next receive fail.
            _socket.IOControl(SioUdpConnReset, [0, 0, 0, 0], null);
        }

        if (IsIPv4)
        {
            _socket.EnableBroadcast = true;
        }
        else
        {
            _socket.DualMode = false;
        }

        if (IsShared)
        {
            _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        }

        _socket.SetSocketOption(Level, SocketOptionName.PacketInformation, true);
        _socket.SetSocketOption(Level, SocketOptionName.MulticastTimeToLive, 1);

        // Clients and servers on one machine find each other by it.
        _socket.SetSocketOption(Level, SocketOptionName.MulticastLoopback, true);
    }
}
