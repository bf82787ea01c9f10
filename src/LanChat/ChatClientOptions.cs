using LanChat.Connections.Client;
using LanChat.Framing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LanChat;

/// <summary>Holds what a <see cref="ChatClient"/> may be told; every value has a default and is checked when set.</summary>
public sealed record ChatClientOptions
{
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromHours(1);

    /// <summary>Gets the name to go by. Empty: the server gives one, <c>guest-N</c>. The server decides whether it follows the name rule; more than
    /// 255 bytes of UTF-8 cannot even be asked for. Defaults to empty.</summary>
    public string Name
    {
        get;
        init
        {
            field = value ?? "";
            if (!ClientText.TryEncode(field, out byte[] name) || name.Length > FrameLimits.MaxStr8Bytes)
            {
                throw new ArgumentOutOfRangeException(nameof(Name), "A name is Unicode and at most 255 bytes of UTF-8 long.");
            }
        }
    } = "";

    /// <summary>Gets how long connecting may take in all, from the TCP connection to the server's welcome. Beyond it, connecting fails. From 1 ms to
    /// 1 hour. Defaults to 5 seconds.</summary>
    public TimeSpan ConnectTimeout
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.FromMilliseconds(1), nameof(ConnectTimeout));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, LongestTimeout, nameof(ConnectTimeout));
            field = value;
        }
    } = TimeSpan.FromSeconds(5);

    /// <summary>Gets the servers that this client knows again, and where it keeps those that are new to it. A file that cannot be read is an error at every connection, one
    /// that cannot be written only when a new server must be kept; <see cref="LanChat.KnownServers.InMemory"/> does without. Defaults to the user's own,
    /// <see cref="LanChat.KnownServers.Default"/>.</summary>
    public KnownServers KnownServers
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(KnownServers));
    } = KnownServers.Default;

    /// <summary>Gets whether to talk without TLS: whoever is on the network can read along and change what is said, and servers take it only from their own machine unless
    /// told otherwise. Nothing but this option ever makes a client do so. Defaults to false.</summary>
    public bool Plaintext { get; init; }

    /// <summary>Gets what the server's app is given as proof of who this is (<see cref="ChatServerOptions.Authenticate"/>): a password, a ticket; at most 2,048 bytes. It is sent with each HELLO, only inside TLS and
    /// only after the server's key was compared with the one that is known; at first contact with a server that is trusted as it is, to whoever answers: a link that names the key (<see cref="ServerAddress"/>)
    /// leaves no doubt. With <see cref="Plaintext"/> connecting throws. Copied when set. Defaults to empty: nothing.</summary>
    public ReadOnlyMemory<byte> Credential
    {
        get;
        init => field = value.Length <= FrameLimits.MaxCredentialBytes
            ? value.ToArray()
            : throw new ArgumentOutOfRangeException(nameof(Credential), $"A credential has at most {FrameLimits.MaxCredentialBytes} bytes.");
    }

    /// <summary>Gets the code of a server that is not open to everybody. Client and server then prove to each other that both have it, without sending it: a server that cannot, or does not ask
    /// for it, is left with <see cref="DisconnectReason.NotProved"/>. Without it any server will do that does not ask, also a false one at first contact. Defaults to null: none; a server that asks for one cannot be
    /// joined.</summary>
    public JoinCode? JoinCode { get; init; }

    /// <summary>Gets the token with which to ask for operator rights (<see cref="ChatClient.IsOperator"/>), proved as the join code is; without them there is no connection. Defaults to null: not
    /// asked for.</summary>
    public OperatorToken? OperatorToken { get; init; }

    /// <summary>Gets how many events each reader holds that the app has not taken yet. A reader that is full makes the client stop reading, so that
    /// the server sees a slow consumer; while an answer is awaited it goes on reading and puts a <see cref="Gap"/> in place of what does not fit. From 1 to
    /// 1,048,576. Defaults to 1,024.</summary>
    public int MaxBufferedEvents
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(MaxBufferedEvents));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 1 << 20, nameof(MaxBufferedEvents));
            field = value;
        }
    } = 1024;

    /// <summary>Gets how many messages may be on their way at once, without an outcome. A send beyond it waits for its turn. The server's window, 1,024
    /// as a rule, holds as well. From 1 to 65,535. Defaults to 1,024.</summary>
    public int MaxOpenSends
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(MaxOpenSends));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, ushort.MaxValue, nameof(MaxOpenSends));
            field = value;
        }
    } = 1024;

    /// <summary>Gets how many of a room's latest entries to ask for when joining it: its history, marked as replay. At least one is always asked for,
    /// so that the event of this client's own coming is among them. From 0 to 65,535. Defaults to 50.</summary>
    public int ReplayEntries
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 0, nameof(ReplayEntries));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, ushort.MaxValue, nameof(ReplayEntries));
            field = value;
        }
    } = 50;

    /// <summary>Gets how many sends may wait for their turn, because <see cref="MaxOpenSends"/> are on their way or the connection is lost; one beyond it is rejected with
    /// <see cref="DisconnectReason.TooFast"/>. From 0 to 16,777,216. Defaults to 16,384.</summary>
    public int MaxWaitingSends { get; init => field = Check.Range(value, 0, 1 << 24); } = 16_384;

    /// <summary>Gets whether the client connects again by itself when the connection is lost, or the server stops or ends it for slowness or haste; never when this user was sent away. Without it such an
    /// end is for good. Defaults to true.</summary>
    public bool Reconnect { get; init; } = true;

    /// <summary>Gets for how long after a loss new attempts to connect begin; then it is over for good. At once where fewer than the five seconds after <see cref="DisconnectReason.TooFast"/> are left. From 1 second to 30 days. Defaults to 24 hours.</summary>
    public TimeSpan ReconnectTimeout { get; init => field = Check.Range(value, TimeSpan.FromSeconds(1), TimeSpan.FromDays(30)); } = TimeSpan.FromHours(24);

    /// <summary>Gets the longest wait between two attempts: the first comes within a quarter of a second, and the waits grow from half a second on to twice as much each time, each up to a quarter
    /// more or less; after <see cref="DisconnectReason.TooFast"/> it waits at least five seconds, whatever this is. From 100 ms to 1 hour. Defaults to 30 seconds.</summary>
    public TimeSpan MaxReconnectDelay { get; init => field = Check.Range(value, TimeSpan.FromMilliseconds(100), LongestTimeout); } = TimeSpan.FromSeconds(30);

    /// <summary>Gets whether to ask the network where the server is now when it does not answer where it was: it is followed to another address by its key. Not on plain connections, where
    /// nobody proves a key. Defaults to true.</summary>
    public bool Rediscover { get; init; } = true;

    /// <summary>Gets the UDP port on which the network is asked, 1 to 65,535. Defaults to 5005.</summary>
    public int DiscoveryPort { get; init => field = Check.Range(value, 1, 65535); } = Discovery.BeaconLayout.DefaultPort;

    /// <summary>Gets the names of the network interfaces to ask on, in this machine's spelling; loopback is always among them. Defaults to none: all usable ones
    /// (<see cref="ServerBrowserOptions.Interfaces"/>).</summary>
    public IReadOnlyList<string> DiscoveryInterfaces { get; init => field = [.. Check.NotNull(value)]; } = [];

    /// <summary>Gets the clock and timers of everything that waits. Defaults to the system's.</summary>
    public TimeProvider TimeProvider
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(TimeProvider));
    } = TimeProvider.System;

    /// <summary>Gets what spreads pings and attempts to come back over time; tests give one of a seed. Never used by two threads at once.</summary>
    internal Random Jitter { get; init; } = Random.Shared;

    /// <summary>Gets where log lines go: connections that came and went, never messages. What it throws is ignored. Defaults to nowhere.</summary>
    public ILoggerFactory LoggerFactory
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(LoggerFactory));
    } = NullLoggerFactory.Instance;
}
