using System.Net;
using LanChat.Discovery;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LanChat;

/// <summary>Settings of a <see cref="DiscoveryBeacon"/>. A value out of range throws when it is set.</summary>
public sealed record DiscoveryBeaconOptions
{
    /// <summary>Gets who announces. The beacon signs with it and does not dispose it.</summary>
    public required ServerIdentity Identity { get; init => field = Check.NotNull(value); }

    /// <summary>Gets the name that clients see: 1 to 48 bytes of UTF-8, without control characters. Defaults to the machine's name.</summary>
    public string Name { get; init => field = Check.Line(value, 1, BeaconLayout.MaxNameBytes); } = Check.Cut(Environment.MachineName, BeaconLayout.MaxNameBytes);

    /// <summary>Gets a few words about the server: 0 to 48 bytes of UTF-8, without control characters. Defaults to none.</summary>
    public string Topic { get; init => field = Check.Line(value, 0, BeaconLayout.MaxTopicBytes); } = "";

    /// <summary>Gets the TCP port that clients connect to, 1 to 65,535. Defaults to 9090.</summary>
    public int ChatPort { get; init => field = Check.Range(value, 1, IPEndPoint.MaxPort); } = ServerAddress.DefaultPort;

    /// <summary>Gets the UDP port for messages, 0 to 65,535. Defaults to 0: none.</summary>
    public int UdpPort { get; init => field = Check.Range(value, 0, IPEndPoint.MaxPort); }

    /// <summary>Gets the port for browsers, 0 to 65,535. Defaults to 0: none.</summary>
    public int WebPort { get; init => field = Check.Range(value, 0, IPEndPoint.MaxPort); }

    /// <summary>Gets the UDP port of discovery, 1 to 65,535: the same for all servers and clients that are to find each other. Defaults to 5005.</summary>
    public int Port { get; init => field = Check.Range(value, 1, IPEndPoint.MaxPort); } = BeaconLayout.DefaultPort;

    /// <summary>Gets how many members there are now. It is called for each datagram, on any thread; it must not wait. When it throws, the last number is told
    /// again, and the first such exception is logged. Defaults to none.</summary>
    public Func<int> Members { get; init => field = Check.NotNull(value); } = static () => 0;

    /// <summary>Gets how many members the server takes, 0 to 1,000,000; 0 says nothing about it. More than 65,535 are told as so many. Defaults to 0.</summary>
    public int MaxMembers { get; init => field = Check.Range(value, 0, 1_000_000); }

    /// <summary>Gets whether nobody gets in without a code. Defaults to false.</summary>
    public bool NeedsJoinCode { get; init; }

    /// <summary>Gets the names of the network interfaces to announce on, in this machine's spelling; loopback is always among them. Defaults to none: all that are up and have
    /// an address, but for tunnels and the bridges of containers and virtual machines.</summary>
    public IReadOnlyList<string> Interfaces { get; init => field = [.. Check.NotNull(value)]; } = [];

    /// <summary>Gets whether only programs on this machine are to find the server. Defaults to false.</summary>
    public bool LoopbackOnly { get; init; }

    /// <summary>Gets whether the datagram of the first generation is sent as well, once a second. Its clients then connect and speak lines of text. Defaults to false.</summary>
    public bool Legacy { get; init; }

    /// <summary>Gets addresses of the server that its answers do not come from, at most 4. Clients try them only if they are on a network of theirs. Defaults to none.</summary>
    public IReadOnlyList<IPAddress> ExtraAddresses
    {
        get;
        init => field = Check.NotNull(value).Count <= BeaconLayout.MaxExtraAddresses
            ? [.. value]
            : throw new ArgumentOutOfRangeException(nameof(ExtraAddresses), $"At most {BeaconLayout.MaxExtraAddresses} extra addresses can be announced.");
    }
    = [];

    /// <summary>Gets the clock of every interval. Defaults to the system's.</summary>
    public TimeProvider TimeProvider { get; init => field = Check.NotNull(value); } = TimeProvider.System;

    /// <summary>Gets where the beacon logs. What it throws is ignored. Defaults to nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; init => field = Check.NotNull(value); } = NullLoggerFactory.Instance;

    /// <summary>Gets the only address the server listens on, so that it is not announced where it cannot be reached; null when it listens on all.</summary>
    internal IPAddress? BoundAddress { get; init; }

    /// <summary>Gets what the beacon says now.</summary>
    internal BeaconContent Content(int members) => new()
    {
        Name = BeaconContent.Text(Name),
        Topic = BeaconContent.Text(Topic),
        ChatPort = ChatPort,
        UdpPort = UdpPort,
        WebPort = WebPort,
        Members = members,
        MaxMembers = MaxMembers,
        NeedsJoinCode = NeedsJoinCode,
        ExtraAddresses = ExtraAddresses,
    };
}
