using System.Net;
using LanChat.Discovery;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LanChat;

/// <summary>Settings of a <see cref="ServerBrowser"/>. A value out of range throws when it is set.</summary>
public sealed record ServerBrowserOptions
{
    /// <summary>Gets the UDP port of discovery, 1 to 65,535: the one the servers use. Defaults to 5005.</summary>
    public int Port { get; init => field = Check.Range(value, 1, IPEndPoint.MaxPort); } = BeaconLayout.DefaultPort;

    /// <summary>Gets the names of the network interfaces to look on, in this machine's spelling; loopback is always among them. Defaults to none: all that are up and have an
    /// address, but for tunnels and the bridges of containers and virtual machines.</summary>
    public IReadOnlyList<string> Interfaces { get; init => field = [.. Check.NotNull(value)]; } = [];

    /// <summary>Gets whether only servers on this machine are looked for. Defaults to false.</summary>
    public bool LoopbackOnly { get; init; }

    /// <summary>Gets how long a search takes when nothing is found, 100 ms to 10 minutes. Defaults to 3 s.</summary>
    public TimeSpan FindTimeout { get; init => field = Check.Range(value, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10)); } = TimeSpan.FromSeconds(3);

    /// <summary>Gets how long a search goes on after the first server was found, so that others are found too, 0 to 1 minute. Defaults to 300 ms.</summary>
    public TimeSpan QuietTime { get; init => field = Check.Range(value, TimeSpan.Zero, TimeSpan.FromMinutes(1)); } = TimeSpan.FromMilliseconds(300);

    /// <summary>Gets how many servers are kept in sight at once, 1 to 65,536. When it is full, a known server takes the place of an unknown one and the others are not
    /// taken. Defaults to 256.</summary>
    public int MaxServers { get; init => field = Check.Range(value, 1, 65_536); } = 256;

    /// <summary>Gets how many servers one address may be, 1 to 65,536; known ones do not count. Defaults to 16.</summary>
    public int MaxServersPerAddress { get; init => field = Check.Range(value, 1, 65_536); } = 16;

    /// <summary>Gets how many answers are checked a second, 2 to 100,000: each costs a twentieth of a millisecond. Half of them are for known servers, so that whoever floods keeps none of those out. What is
    /// more is dropped. Defaults to 200.</summary>
    public int MaxChecksPerSecond { get; init => field = Check.Range(value, 2, 100_000); } = 200;

    /// <summary>Gets the clock of every interval. Defaults to the system's.</summary>
    public TimeProvider TimeProvider { get; init => field = Check.NotNull(value); } = TimeProvider.System;

    /// <summary>Gets where the browser logs. What it throws is ignored. Defaults to nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; init => field = Check.NotNull(value); } = NullLoggerFactory.Instance;

    /// <summary>Gets the servers that this user has met before: they are found first, and told from others that use their names. Read once, when the browser starts. Defaults to
    /// the user's own, <see cref="LanChat.KnownServers.Default"/>.</summary>
    public KnownServers KnownServers { get; init => field = Check.NotNull(value); } = KnownServers.Default;

    /// <summary>Gets who those are, and what they were called, once <see cref="Read"/> has looked.</summary>
    internal IReadOnlyCollection<(ServerId Id, string Name)> Known { get; init; } = [];

    /// <summary>Looks up the known servers.</summary>
    /// <exception cref="ChatException">They cannot be read.</exception>
    internal ServerBrowserOptions Read() => this with { Known = [.. KnownServers.All.Select(server => (server.Id, server.Name))] };
}
