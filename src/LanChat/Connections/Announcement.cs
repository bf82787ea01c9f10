using System.Net;
using LanChat.Diagnostics;
using LanChat.Discovery;

namespace LanChat.Connections;

/// <summary>A server's beacon: made from the server's settings, told when their number changes, gone before the connections are.</summary>
internal sealed class Announcement
{
    private readonly ServerContext _context;
    private readonly ServerIdentity _identity;
    private int _toldMembers;

    private Announcement(ServerContext context, ServerIdentity identity, IPEndPoint endPoint)
    {
        _context = context;
        _identity = identity;
        ChatServerOptions options = context.Options;
        Beacon = DiscoveryBeacon.Start(new DiscoveryBeaconOptions
        {
            Identity = identity,
            Name = options.Name,
            Topic = options.Topic,
            ChatPort = endPoint.Port,
            Port = options.DiscoveryPort,
            Members = () => context.Sessions.Count,
            MaxMembers = options.MaxMembers,
            Interfaces = options.Interfaces,
            LoopbackOnly = IPAddress.IsLoopback(endPoint.Address),
            BoundAddress = endPoint.Address,
            Legacy = options.LegacyBeacon,
            TimeProvider = options.TimeProvider,
            LoggerFactory = options.LoggerFactory,
        });
    }

    internal DiscoveryBeacon Beacon { get; }

    /// <summary>Starts to announce a server that listens. Null, and a line in the log, when it has no identity to announce: it serves all the same.</summary>
    internal static Announcement? TryStart(ServerContext context, IPEndPoint endPoint)
    {
        ServerIdentity? identity = null;
        try
        {
            identity = TakeIdentity(endPoint);
            return new Announcement(context, identity, endPoint);
        }
        catch (ChatException exception)
        {
            identity?.Dispose();
            Log.NotAnnounced(context.Options.LoggerFactory.CreateLogger(Announcer.LogCategory), exception.Message);
            return null;
        }
    }

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
    internal async Task StopAsync()
    {
        await Beacon.StopAsync().ConfigureAwait(false);
        _identity.Dispose();
    }

    private static ServerIdentity TakeIdentity(IPEndPoint endPoint) => ServerIdentity.LoadOrCreate(ServerIdentity.DefaultDirectory(endPoint.Port));
}
