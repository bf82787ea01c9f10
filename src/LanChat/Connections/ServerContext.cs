using LanChat.Broadcast;
using LanChat.Datagrams;
using LanChat.Diagnostics;
using LanChat.Rooms;
using LanChat.Security;
using LanChat.Sessions;
using LanChat.Transport;
using Microsoft.Extensions.Logging;

namespace LanChat.Connections;

/// <summary>What all connections of one server share.</summary>
internal sealed class ServerContext
{
    internal const string LogCategory = "LanChat.Server";

    // Links that are open or about to be; and who waits for none to be left, once the server is stopping.
    private readonly TaskCompletionSource _noConnections = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _connections;
    private bool _isDraining;

    // For Interleave: which of the words above.
    private const int ConnectionsWord = 0;
    private const int DrainingWord = 1;

    internal ServerContext(ChatServerOptions options, Action<IThreadPoolWorkItem>? runOnPool)
    {
        Options = options;
        RunOnPool = runOnPool ?? (static work => ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false));
        Identity = options.Identity ?? throw new ArgumentException("The server has no identity.", nameof(options));
        Handshakes = new TlsHandshakes(ServerTls.Options(Identity), options.MaxHandshakes, RunOnPool);
        Logger = AppLog.Create(options.LoggerFactory, LogCategory);
        Proofs = new ServerProofs(options, Identity.Id, Logger);
        Pool = new SegmentPool(options.MemoryBudgetBytes);
        Observers = new RoomObservers();
        Rooms = new RoomTable(options, Pool, Observers);
        Bans = new Bans(options);
        Sessions = new SessionTable(options.MaxMembers, Bans);
        Detached = new DetachedSessions(options);
        Callers = new CallerLimits(options);
        JoinRates = new JoinRates(options);
        Authentications = new Authentications(options, RunOnPool, Logger);
        Name = System.Text.Encoding.UTF8.GetBytes(options.Name);
        Welcome = options.Welcome ?? $"Welcome to {options.Name}";
    }

    internal ChatServerOptions Options { get; }

    /// <summary>Gets what runs everything that is not the loops' to do: TLS handshakes and the app's hooks.</summary>
    internal Action<IThreadPoolWorkItem> RunOnPool { get; }

    internal ILogger Logger { get; }

    internal ServerIdentity Identity { get; }

    internal TlsHandshakes Handshakes { get; }

    internal ServerProofs Proofs { get; }

    internal SegmentPool Pool { get; }

    internal RoomObservers Observers { get; }

    internal RoomTable Rooms { get; }

    internal Bans Bans { get; }

    internal SessionTable Sessions { get; }

    internal DetachedSessions Detached { get; }

    /// <summary>Gets the chat port's UDP twin; null where there is none.</summary>
    internal ServerDatagrams? Datagrams { get; init; }

    /// <summary>Gets how an operator stops the server: at once when called, from any thread. Set before there is a connection.</summary>
    internal Action Stop { get; init; } = static () => { };

    internal CallerLimits Callers { get; }

    internal JoinRates JoinRates { get; }

    internal Authentications Authentications { get; }

    internal byte[] Name { get; }

    internal string Welcome { get; }

    internal int ConnectionCount
    {
        get
        {
            Interleave.Point(Access.Read, this, ConnectionsWord);
            return Volatile.Read(ref _connections);
        }
    }

    /// <summary>Gets whether the server is stopping: nothing new is accepted. Written once, by the one who stops it.</summary>
    internal bool IsDraining
    {
        get
        {
            Interleave.Point(Access.Read, this, DrainingWord);
            return Volatile.Read(ref _isDraining);
        }
    }

    /// <summary>Gets the end of the last connection after <see cref="StartDraining"/>.</summary>
    internal Task NoConnections => _noConnections.Task;

    internal void StartDraining()
    {
        // Full fence, partner: the decrement in RemoveConnection. Either the last connection to go sees the mark, or this sees that it is gone.
        Interleave.Point(Access.Change, this, DrainingWord);
        Interlocked.Exchange(ref _isDraining, true);
        if (ConnectionCount == 0)
        {
            _noConnections.TrySetResult();
        }
    }

    internal int AddConnection()
    {
        Interleave.Point(Access.Change, this, ConnectionsWord);
        return Interlocked.Increment(ref _connections);
    }

    internal void RemoveConnection()
    {
        Interleave.Point(Access.Change, this, ConnectionsWord);
        if (Interlocked.Decrement(ref _connections) == 0 && IsDraining)
        {
            _noConnections.TrySetResult();
        }
    }
}
