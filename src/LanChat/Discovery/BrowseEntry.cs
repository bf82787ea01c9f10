using System.Net;
using System.Net.Sockets;
using LanChat.Text;

namespace LanChat.Discovery;

/// <summary>A server on the list of a browser: what it said last, where it said it from, and until when that holds.</summary>
internal sealed class BrowseEntry(ServerId id, bool isKnown, IPAddress source)
{
    /// <summary>More than a machine has addresses that matter; each answer from a new one would add to them.</summary>
    private const int MaxEndPoints = 8;

    /// <summary>After so long without an answer who said goodbye is gone: several questions were asked meanwhile.</summary>
    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromSeconds(1);

    /// <summary>The longest that an answer is taken to hold, so that nobody keeps a place on the list for a day by one datagram.</summary>
    private static readonly TimeSpan MaxLifetime = TimeSpan.FromMinutes(5);

    private readonly List<(IPEndPoint EndPoint, TimeSpan ExpiresAt)> _endPoints = [];

    internal ServerId Id { get; } = id;

    internal bool IsKnown { get; } = isKnown;

    /// <summary>Gets the address that brought it onto the list, and whose share of the list it takes.</summary>
    internal IPAddress Source { get; } = source;

    internal DiscoveredServer? Server { get; private set; }

    /// <summary>Gets the name in the form in which it is compared; empty for none.</summary>
    internal string NameKey { get; private set; } = "";

    internal uint Epoch { get; private set; }

    internal uint Sequence { get; private set; }

    internal TimeSpan ExpiresAt { get; private set; }

    /// <summary>Gets when it is lost if it is not heard from.</summary>
    internal TimeSpan LostAt => GoodbyeAt is { } at && at + GoodbyeTime < ExpiresAt ? at + GoodbyeTime : ExpiresAt;

    /// <summary>Gets or sets when it said goodbye, while nothing has been heard from it since.</summary>
    internal TimeSpan? GoodbyeAt { get; set; }

    /// <summary>Takes an answer, which is newer than the last one.</summary>
    /// <param name="answer">What it says; genuine.</param>
    /// <param name="addresses">Where it is.</param>
    /// <param name="now">The browser's time.</param>
    /// <param name="seen">The clock's.</param>
    internal void Take(in BeaconPacket answer, IEnumerable<IPAddress> addresses, TimeSpan now, DateTimeOffset seen)
    {
        if (answer.Epoch != Epoch)
        {
            // Another life, perhaps on another port; and whatever said goodbye, it was not this one.
            _endPoints.Clear();
            GoodbyeAt = null;
        }

        Epoch = answer.Epoch;
        Sequence = answer.Sequence;
        ExpiresAt = now + TimeSpan.FromSeconds(Math.Min(answer.LifetimeSeconds, MaxLifetime.TotalSeconds));
        _endPoints.RemoveAll(known => known.ExpiresAt <= now);
        foreach (IPAddress address in addresses)
        {
            var endPoint = new IPEndPoint(address, answer.ChatPort);
            int at = _endPoints.FindIndex(known => known.EndPoint.Equals(endPoint));
            if (at >= 0)
            {
                _endPoints[at] = (endPoint, ExpiresAt);
            }
            else if (_endPoints.Count < MaxEndPoints)
            {
                _endPoints.Add((endPoint, ExpiresAt));
            }
        }

        string name = Label.Of(answer.Name);
        if (Server is null || Server.Name != name)
        {
            NameKey = Text.NameKey.Of(name);
        }

        Server = new DiscoveredServer
        {
            Id = Id,
            Name = name,
            Topic = Label.Of(answer.Topic),
            EndPoints = [.. _endPoints.Select(known => known.EndPoint).OrderBy(Rank)],
            Members = answer.Members,
            MaxMembers = answer.MaxMembers,
            NeedsJoinCode = answer.Flags.HasFlag(BeaconFlags.NeedsJoinCode),
            IsFull = answer.Flags.HasFlag(BeaconFlags.IsFull),
            UdpPort = answer.Flags.HasFlag(BeaconFlags.HasUdp) ? answer.UdpPort : 0,
            WebPort = answer.Flags.HasFlag(BeaconFlags.HasWeb) ? answer.WebPort : 0,
            Epoch = answer.Epoch,
            Trust = Server?.Trust ?? DiscoveredTrust.New,
            LastSeen = seen,
        };
    }

    internal void SetTrust(DiscoveredTrust trust)
    {
        if (Server is { } server && server.Trust != trust)
        {
            Server = server with { Trust = trust };
        }
    }

    /// <summary>Says whether an announcement has news. It is not believed, so only what it says is compared.</summary>
    internal bool HasNews(in BeaconPacket announcement) =>
        announcement.Epoch > Epoch
        || (announcement.Epoch == Epoch && announcement.Sequence > Sequence && Server is { } server
            && (announcement.Members != server.Members
                || announcement.MaxMembers != server.MaxMembers
                || announcement.Flags.HasFlag(BeaconFlags.NeedsJoinCode) != server.NeedsJoinCode
                || announcement.Flags.HasFlag(BeaconFlags.IsFull) != server.IsFull
                || Label.Of(announcement.Name) != server.Name
                || Label.Of(announcement.Topic) != server.Topic));

    // This machine's own first, where nothing is in between; link-local IPv6 last, as not every program can say its scope.
    private static int Rank(IPEndPoint endPoint) => endPoint.Address switch
    {
        var address when IPAddress.IsLoopback(address) => 0,
        { AddressFamily: AddressFamily.InterNetwork } => 1,
        { IsIPv6LinkLocal: false } => 2,
        _ => 3,
    };
}
