using System.Net;

namespace LanChat.Connections;

/// <summary>A server's beacon: made from the server's settings, told when their number changes, gone before the connections are.</summary>
internal sealed class Announcement
{
    private readonly ServerContext _context;
    private int _toldMembers;

    /// <summary>Starts to announce a server that listens.</summary>
    internal Announcement(ServerContext context, IPEndPoint endPoint)
    {
        _context = context;
        ChatServerOptions options = context.Options;
        Beacon = DiscoveryBeacon.Start(new DiscoveryBeaconOptions
        {
            Identity = context.Identity,
            Name = options.Name,
            Topic = options.Topic,
            ChatPort = endPoint.Port,
            UdpPort = context.Datagrams?.Port ?? 0,
            Port = options.DiscoveryPort,
            Members = () => context.Sessions.Count,
            MaxMembers = options.MaxMembers,
            NeedsJoinCode = options.JoinCode is not null,
            Interfaces = options.Interfaces,
            LoopbackOnly = IPAddress.IsLoopback(endPoint.Address),
            BoundAddress = endPoint.Address,
            Legacy = options.LegacyBeacon,
            TimeProvider = options.TimeProvider,
            LoggerFactory = options.LoggerFactory,
        });
    }

    internal DiscoveryBeacon Beacon { get; }

    /// <summary>Looks whether members came or went. Called every second; the beacon spreads what it tells.</summary>
    internal void Tick()
    {
        int members = _context.Sessions.Count;
        if (members != _toldMembers)
        {
            _toldMembers = members;
            Beacon.Changed();
        }
    }

    /// <summary>Says goodbye: once before it returns, and twice more until the task completes.</summary>
    internal Task StopAsync() => Beacon.StopAsync();
}
