using System.Net;
using LanChat.Discovery;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LanChat;

/// <summary>Settings of a <see cref="ChatServer"/>. Every limit is on by default; a value out of range throws when it is set.</summary>
public sealed record ChatServerOptions
{
    /// <summary>Gets the server's name as clients see it: 1 to 48 bytes of UTF-8, without control characters. Defaults to the machine's name.</summary>
    public string Name { get; init => field = Check.Line(value, 1, 48); } = Check.Cut(Environment.MachineName, 48);

    /// <summary>Gets the text each caller gets first: at most 1,024 bytes of UTF-8. Defaults to "Welcome to " and the name when null.</summary>
    public string? Welcome { get; init => field = value is null ? null : Check.Utf8Bytes(value, 0, 1024); }

    /// <summary>Gets the address to listen on. Defaults to null: every address of the machine, IPv6 and IPv4.</summary>
    public IPAddress? BindAddress { get; init; }

    /// <summary>Gets the TCP port to listen on, 0 to 65,535; 0 lets the system choose one. Defaults to 9090.</summary>
    public int Port { get; init => field = Check.Range(value, 0, 65535); } = 9090;

    /// <summary>Gets the key by which clients know this server again. It stays the caller's, who disposes it after the server. Defaults to null: the server takes one that it keeps in
    /// the user's data directory, made at its first start: the one that was last used on its port, else the first that no other running server of this user has.</summary>
    public ServerIdentity? Identity { get; init; }

    /// <summary>Gets whether callers from other machines may speak without TLS: plain frames or lines of text. Everyone on the way can then read and change
    /// what they say; callers from this machine may always. Defaults to false.</summary>
    public bool AllowPlaintext { get; init; }

    /// <summary>Gets whether callers from other machines may speak lines of text, as netcat, telnet and the clients of the first generation do, though not plain frames. Everyone on the way can
    /// then read and change what they say. <see cref="AllowPlaintext"/> and <see cref="LegacyBeacon"/> imply it. Defaults to false.</summary>
    public bool AllowText { get; init; }

    /// <summary>Gets the code without which nobody gets in: clients prove that they have it (<see cref="ChatClientOptions.JoinCode"/>), on plain connections and from this machine as well, and people
    /// with netcat say <c>/code</c>. Five wrong ones a minute from one address are looked at. Defaults to null: everybody gets in.</summary>
    public JoinCode? JoinCode { get; init; }

    /// <summary>Gets the token by which clients prove that they are operators (<see cref="ChatClientOptions.OperatorToken"/>). Defaults to null: nobody is one over a connection.</summary>
    public OperatorToken? OperatorToken { get; init; }

    /// <summary>Gets how many TLS handshakes the server computes at the same time, 1 to 10,000; the next ones wait for their turn. A handshake that waits for its caller does not
    /// count. Each costs about a millisecond of one processor, so more at once than there are processors only delay the rest of the app. Defaults to the number of
    /// processors.</summary>
    public int MaxHandshakes { get; init => field = Check.Range(value, 1, 10_000); } = Environment.ProcessorCount;

    /// <summary>Gets how many sessions the server holds at most, 1 to 1,000,000; the next caller is refused with
    /// <see cref="DisconnectReason.ServerFull"/>. Defaults to 500.</summary>
    public int MaxMembers { get; init => field = Check.Range(value, 1, 1_000_000); } = 500;

    /// <summary>Gets how many links the server holds at most, those that have not said hello included, 1 to 2,000,000; the next one is closed with
    /// <see cref="DisconnectReason.TooManyConnections"/>. Defaults to 1,000.</summary>
    public int MaxConnections { get; init => field = Check.Range(value, 1, 2_000_000); } = 1_000;

    /// <summary>Gets how many links from one address the server holds at most, 1 to 2,000,000; the next one is closed with <see cref="DisconnectReason.TooManyConnections"/>. Links from this
    /// machine are not counted. Of an IPv6 address that is not of the server's own network the first 64 bits count, for whoever has one of those has them all. Defaults to 64.</summary>
    public int MaxConnectionsPerAddress { get; init => field = Check.Range(value, 1, 2_000_000); } = 64;

    /// <summary>Gets how many links there may be that have not been welcomed yet, TLS handshakes included, 1 to 2,000,000; links from this machine are not counted. Beyond it the address that has
    /// most of them gives up its oldest one, so that whoever stalls is in nobody's way but its own; when none has two, the new one is refused. Either ends with
    /// <see cref="DisconnectReason.TooManyConnections"/>. Defaults to 256.</summary>
    public int MaxUnwelcomed { get; init => field = Check.Range(value, 1, 2_000_000); } = 256;

    /// <summary>Gets how many new sessions callers at one address may start a minute on average, 1 to 1,000,000; the next one is refused with <see cref="DisconnectReason.TooFast"/>. Coming back to a
    /// session is not counted, nor are callers on this machine. Defaults to 60.</summary>
    public int JoinRatePerAddress { get; init => field = Check.Range(value, 1, 1_000_000); } = 60;

    /// <summary>Gets how many new sessions callers at one address may start at once before <see cref="JoinRatePerAddress"/> holds, 1 to 1,000,000. Defaults to 60.</summary>
    public int JoinBurstPerAddress { get; init => field = Check.Range(value, 1, 1_000_000); } = 60;

    /// <summary>Gets how long a caller that does not speak lines may take from connecting to a whole HELLO, the TLS handshake included, 100 ms to 5 minutes; then it is ended with
    /// <see cref="DisconnectReason.ProtocolViolation"/>. Defaults to 5 s.</summary>
    public TimeSpan HelloTimeout { get; init => field = Check.Range(value, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5)); } = TimeSpan.FromSeconds(5);

    /// <summary>Gets how long a frame may take once it is begun, 100 ms to 1 hour; then its connection is ended with <see cref="DisconnectReason.ProtocolViolation"/>. Defaults to 30 s.</summary>
    public TimeSpan FrameTimeout { get; init => field = Check.Range(value, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)); } = TimeSpan.FromSeconds(30);

    /// <summary>Gets how long a line of text may take once it is begun, 100 ms to 1 hour; then its connection is ended with <see cref="DisconnectReason.ProtocolViolation"/>. Defaults to 60 s.</summary>
    public TimeSpan LineTimeout { get; init => field = Check.Range(value, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)); } = TimeSpan.FromSeconds(60);

    /// <summary>Gets how many rooms there are at most, the lobby included, 1 to 1,000,000. Defaults to 256.</summary>
    public int MaxRooms { get; init => field = Check.Range(value, 1, 1_000_000); } = 256;

    /// <summary>Gets in how many rooms one session is at most, 1 to 1,000. Defaults to 16.</summary>
    public int MaxRoomsPerSession { get; init => field = Check.Range(value, 1, 1_000); } = 16;

    /// <summary>Gets how many members one room has at most, 1 to 1,000,000. Defaults to 10,000.</summary>
    public int MaxRoomMembers { get; init => field = Check.Range(value, 1, 1_000_000); } = 10_000;

    /// <summary>Gets whether joining a room that does not exist makes it. Defaults to true.</summary>
    public bool AllowNewRooms { get; init; } = true;

    /// <summary>Gets with how many members a room still tells each coming and going by name; beyond it only their number is told, once a second,
    /// for the rest of the room's life. 1 to 65,536, which is as many names as a client takes. Defaults to 256.</summary>
    public int PresenceLimit { get; init => field = Check.Range(value, 1, 65_536); } = 256;

    /// <summary>Gets how many entries a room keeps for those who come later, 0 to 10,000,000. The least of the three history limits counts.
    /// Defaults to 10,000.</summary>
    public int MaxHistoryEntries { get; init => field = Check.Range(value, 0, 10_000_000); } = 10_000;

    /// <summary>Gets how many bytes of entries a room keeps, 0 to 1 GiB. Defaults to 1 MiB.</summary>
    public int MaxHistoryBytes { get; init => field = Check.Range(value, 0, 1 << 30); } = 1 << 20;

    /// <summary>Gets for how long a room keeps an entry, 1 s to 365 days. Defaults to 24 hours.</summary>
    public TimeSpan HistoryAge { get; init => field = Check.Range(value, TimeSpan.FromSeconds(1), TimeSpan.FromDays(365)); } = TimeSpan.FromHours(24);

    /// <summary>Gets how many bytes all rooms and mailboxes together may hold, 1 MiB to 1 TiB. When it is used up, messages are rejected with
    /// <see cref="DisconnectReason.TooFast"/> until readers catch up or history leaves its window. Defaults to 256 MiB.</summary>
    public long MemoryBudgetBytes { get; init => field = Check.Range(value, 1L << 20, 1L << 40); } = 256L << 20;

    /// <summary>Gets how far, in bytes, a connection may fall behind a room before it is too slow and <see cref="SlowPolicy"/> says what becomes of it, 64 KiB to 1 GiB.
    /// It bounds the memory that slow readers cost: a room keeps this much, rounded up to whole segments of at most 256 KiB, for all of them together. Defaults to 4 MiB.</summary>
    public int MaxLagBytes { get; init => field = Check.Range(value, 64 << 10, 1 << 30); } = 4 << 20;

    /// <summary>Gets what becomes of a connection that falls behind by more than <see cref="MaxLagBytes"/>. Defaults to <see cref="SlowConsumerPolicy.End"/>: it is ended, and
    /// may come back.</summary>
    public SlowConsumerPolicy SlowPolicy { get; init => field = Check.Defined(value); }

    /// <summary>Gets how long a text may be, in bytes of UTF-8 after forbidden characters were replaced, 1 to 60,000. Defaults to 4,096.</summary>
    public int MaxTextBytes { get; init => field = Check.Range(value, 1, 60_000); } = 4_096;

    /// <summary>Gets how many messages a session may publish a second on average, 0 to 1,000,000; what is more is rejected with
    /// <see cref="DisconnectReason.TooFast"/>. 0 switches the limit off. Defaults to 100.</summary>
    public int PublishRate { get; init => field = Check.Range(value, 0, 1_000_000); } = 100;

    /// <summary>Gets how many messages a session may publish at once before <see cref="PublishRate"/> holds, 1 to 10,000,000. Defaults to 1,000.</summary>
    public int PublishBurst { get; init => field = Check.Range(value, 1, 10_000_000); } = 1_000;

    /// <summary>Gets how many control frames (joins, leaves, pings, lists) a session may send a second on average, 1 to 1,000,000, ten times as
    /// many at once; one that sends more is ended with <see cref="DisconnectReason.TooFast"/>. Clients are not told it and keep to the default: with less, one that is in many
    /// rooms is ended each time it comes back. Defaults to 20.</summary>
    public int ControlRate { get; init => field = Check.Range(value, 1, 1_000_000); } = 20;

    /// <summary>Gets after how long without publishing a member is ended with <see cref="DisconnectReason.Idle"/>, warned at three quarters of
    /// it; 100 ms to 365 days. Defaults to null: never.</summary>
    public TimeSpan? IdleTimeout { get; init => field = value is { } span ? Check.Range(span, TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(365)) : null; }

    /// <summary>Gets how often a client that has nothing to say gives a sign of life, 100 ms to 1 hour; after two of them without a byte the
    /// connection is ended with <see cref="DisconnectReason.HeartbeatLost"/>. Defaults to 15 s.</summary>
    public TimeSpan HeartbeatInterval { get; init => field = Check.Range(value, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)); } = TimeSpan.FromSeconds(15);

    /// <summary>Gets how long a session waits for its client when the connection is lost, 0 to 1 hour. Until then it stays a member of its rooms and keeps its name, and its client comes back
    /// to it without losing anything; then the rooms see it leave. With 0 a session ends with its connection. An empty room stays as long, at least a second. Defaults to 30 s.</summary>
    public TimeSpan ResumeWindow { get; init => field = Check.Range(value, TimeSpan.Zero, TimeSpan.FromHours(1)); } = TimeSpan.FromSeconds(30);

    /// <summary>Gets how many sessions may wait for their clients at the same time, 0 to 1,000,000; beyond it the one that has waited longest ends. They count
    /// for <see cref="MaxMembers"/> too. Defaults to 10,000.</summary>
    public int MaxDetachedSessions { get; init => field = Check.Range(value, 0, 1_000_000); } = 10_000;

    /// <summary>Gets how many sessions whose clients were at the same address may wait for them at the same time, 0 to 1,000,000; beyond it the one that has waited longest ends.
    /// Clients on this machine are not counted. Defaults to 64.</summary>
    public int MaxDetachedPerAddress { get; init => field = Check.Range(value, 0, 1_000_000); } = 64;

    /// <summary>Gets how many bans the server keeps, 1 to 1,000,000; when there are as many, the next one is refused until one is lifted: none is ever dropped to make place. Defaults to 1,000.</summary>
    public int MaxBans { get; init => field = Check.Range(value, 1, 1_000_000); } = 1_000;

    /// <summary>Gets what decides who gets in, and under which name, once a caller has said HELLO and given its proofs, if any are asked for; before a text caller is shown anything. It runs on the
    /// thread pool, several at a time (<see cref="MaxAuthentications"/>), and may wait; nobody else is held up. It is cancelled when the caller goes, when <see cref="AuthenticateTimeout"/> has passed and
    /// when the server stops, which does not wait for it. When it throws, the caller is refused with <see cref="DisconnectReason.NotProved"/>, and the exception is logged. Who comes back to a session is not
    /// asked again. Defaults to null: everybody gets in.</summary>
    public Func<AuthenticationRequest, CancellationToken, ValueTask<AuthenticationResult>>? Authenticate { get; init; }

    /// <summary>Gets how long a caller waits for <see cref="Authenticate"/>, for its turn included, 10 ms to 10 minutes; then it is refused with <see cref="DisconnectReason.NotProved"/>.
    /// Defaults to 10 s.</summary>
    public TimeSpan AuthenticateTimeout { get; init => field = Check.Range(value, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(10)); } = TimeSpan.FromSeconds(10);

    /// <summary>Gets how many calls of <see cref="Authenticate"/> run at the same time, 1 to 100,000; the next callers wait for their turn, in order. A call that goes on although it was cancelled keeps its
    /// turn. Defaults to 64.</summary>
    public int MaxAuthentications { get; init => field = Check.Range(value, 1, 100_000); } = 64;

    /// <summary>Gets what decides on each message, to a room or to one member, before anybody gets it: whether it is taken as it is, with another text, or rejected. It runs on the thread pool, for one message of
    /// a session at a time and in their order, and may wait: that holds up this session's messages and nobody else's. It is cancelled when the session ends, after which nothing of it is taken any more, and when
    /// <see cref="OnPublishTimeout"/> has passed; a call that does not heed that may go on after <see cref="ChatServer.StopAsync(TimeSpan?)"/>. When it
    /// throws, the message is rejected with <see cref="DisconnectReason.NotPermitted"/>, and the exception is logged. The server's own notices do not come by here. Defaults to null: everything is taken.</summary>
    public Func<PublishRequest, CancellationToken, ValueTask<PublishDecision>>? OnPublish { get; init; }

    /// <summary>Gets how long <see cref="OnPublish"/> may take for one message, 10 ms to 10 minutes; then it is cancelled, and all messages of the session that wait are rejected with
    /// <see cref="DisconnectReason.NotPermitted"/>. As long as the call goes on all the same, it is not called again for that session. Defaults to 10 s.</summary>
    public TimeSpan OnPublishTimeout { get; init => field = Check.Range(value, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(10)); } = TimeSpan.FromSeconds(10);

    /// <summary>Gets how many messages of one session may wait for <see cref="OnPublish"/>, 1 to 1,024, and no more than 256 KiB of them in any case; what is more is rejected with
    /// <see cref="DisconnectReason.TooFast"/>. Defaults to 256.</summary>
    public int MaxUndecided { get; init => field = Check.Range(value, 1, 1_024); } = 256;

    /// <summary>Gets how long <see cref="ChatServer.DisposeAsync"/> and <see cref="ChatServer.StopAsync"/> wait for members to take what they
    /// still have to get, 0 to 1 hour. Defaults to 5 s.</summary>
    public TimeSpan StopTimeout { get; init => field = Check.Range(value, TimeSpan.Zero, TimeSpan.FromHours(1)); } = TimeSpan.FromSeconds(5);

    /// <summary>Gets how many event loops (threads) share the connections, 1 to 256. Defaults to half the processors, at least 1.</summary>
    public int Loops { get; init => field = Check.Range(value, 1, 256); } = Math.Clamp(Environment.ProcessorCount / 2, 1, 256);

    /// <summary>Gets what carries the connections. Defaults to <see cref="ServerTransport.Automatic"/>: the cheapest that this system has.</summary>
    public ServerTransport Transport { get; init => field = Check.Defined(value); }

    /// <summary>Gets whether clients may send messages by UDP too (<see cref="MessageTransport.Udp"/>), on the port of the same number; each datagram is sealed with a key that the client got inside TLS. If that
    /// port is not to be had, the server goes on without and logs it. Defaults to true.</summary>
    public bool Udp { get; init; } = true;

    /// <summary>Gets whether the server is announced on the local network, so that <see cref="ServerBrowser"/> finds it: on this machine alone when
    /// <see cref="BindAddress"/> is a loopback address. Defaults to true.</summary>
    public bool Announce { get; init; } = true;

    /// <summary>Gets the UDP port of discovery, 1 to 65,535: the same for all servers and clients that are to find each other. Defaults to 5005.</summary>
    public int DiscoveryPort { get; init => field = Check.Range(value, 1, 65535); } = BeaconLayout.DefaultPort;

    /// <summary>Gets a few words about the server that clients see when they look for one: 0 to 48 bytes of UTF-8. Defaults to none.</summary>
    public string Topic { get; init => field = Check.Line(value, 0, BeaconLayout.MaxTopicBytes); } = "";

    /// <summary>Gets the names of the network interfaces to announce on, in this machine's spelling; loopback is always among them. Defaults to none: all that are
    /// up and have an address, but for tunnels and the bridges of containers and virtual machines.</summary>
    public IReadOnlyList<string> Interfaces { get; init => field = [.. Check.NotNull(value)]; } = [];

    /// <summary>Gets whether clients of the first generation find the server too. They speak lines of text, so it implies <see cref="AllowText"/>. Defaults to false.</summary>
    public bool LegacyBeacon { get; init; }

    /// <summary>Gets the clock of every timeout and time stamp. Defaults to the system's.</summary>
    public TimeProvider TimeProvider { get; init => field = Check.NotNull(value); } = TimeProvider.System;

    /// <summary>Gets where the server logs; message texts are never logged. What it throws is ignored. Defaults to nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; init => field = Check.NotNull(value); } = NullLoggerFactory.Instance;
}
