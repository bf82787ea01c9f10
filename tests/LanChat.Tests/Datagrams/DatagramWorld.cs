using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using LanChat.Connections.Client;
using LanChat.Tests.Support;

namespace LanChat.Tests.Datagrams;

/// <summary>A real server and real clients over TLS in memory, with a network for datagrams beside it, under one clock that the test moves.</summary>
/// <remarks>The server and the datagrams run on the test's thread, the clients on the pool. Time goes on only after the pool has done what was queued before; how it divides the work is not
/// decided here, and no test depends on it.</remarks>
internal sealed class DatagramWorld : IAsyncDisposable
{
    // Less than any timeout of a message, so that what happens between two is seen.
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    // A day of that time: what has not come by then never will.
    private const int MaxSteps = 8_640_000;

    // Once connections break there are deadlines by the server's clock (HELLO, joining again), and no thread of the pool may be kept from them by a busy machine.
    private static readonly TimeSpan RealTimePerStep = TimeSpan.FromMilliseconds(2);

    private readonly Dictionary<string, ChatClient> _clients = [];
    private readonly ConcurrentDictionary<string, MemoryClient> _wires = [];

    // Who is on the way back, from the connection to the welcome: time stands still.
    private readonly ConcurrentDictionary<string, bool> _opening = [];
    private readonly RecordingLoggerFactory _log = new();
    private bool _hasCut;

    internal DatagramWorld(int seed, Func<PublishRequest, CancellationToken, ValueTask<PublishDecision>>? decide = null)
    {
        // No rate ends a connection: a client paces itself by this clock, which goes on while a busy machine keeps its threads waiting.
        var options = new ChatServerOptions { Loops = 2, PublishRate = 0, ControlRate = 1_000_000, HeartbeatInterval = TimeSpan.FromHours(1), OnPublish = decide, LoggerFactory = _log };
        Server = new MemoryServer(options, tls: true, udp: true, seed: seed);
    }

    internal MemoryServer Server { get; }

    /// <summary>Gets how connections ended, for the message of a failure: where nobody cut them, none does.</summary>
    internal string Ends => string.Join('\n', _log.Logger.Lines.Where(line => line.Text.Contains("end", StringComparison.OrdinalIgnoreCase)).Select(line => line.Text).Take(20));

    internal DatagramNetwork Network => Server.Datagrams;

    internal async Task<ChatClient> ConnectAsync(string name)
    {
        var options = new ChatClientOptions
        {
            Name = name,
            KnownServers = KnownServers.InMemory(),
            TimeProvider = Server.Time,
            ConnectTimeout = TimeSpan.FromHours(1),
            MaxBufferedEvents = 100_000,
            Rediscover = false,
            LoggerFactory = _log,
        };
        ChatClient client = await DriveAsync(ClientConnector.ConnectAsync(new ServerAddress("test", 1), _ => ValueTask.FromResult(Open(name)), options, default).AsTask(), movesTime: false);
        _clients.Add(name, client);
        return client;
    }

    /// <summary>Breaks a client's TCP connection; it comes back.</summary>
    internal void Cut(string name)
    {
        _hasCut = true;
        _wires[name].Reset();
        _opening.TryRemove(name, out _);
    }

    internal async Task DriveAsync(Task task, bool movesTime = true)
    {
        for (int steps = 0; !task.IsCompleted; steps++)
        {
            long began = Stopwatch.GetTimestamp();
            do
            {
                Server.Run();
                await PoolTurnAsync();
            }
            while (_hasCut && Stopwatch.GetElapsedTime(began) < RealTimePerStep);

            if (movesTime && !task.IsCompleted && !IsSomebodyOpening())
            {
                Server.Time.Advance(Step);
            }

            if (steps > MaxSteps)
            {
                throw new TimeoutException("It did not happen within a day.");
            }
        }

        await task;
    }

    internal async Task<T> DriveAsync<T>(Task<T> task, bool movesTime = true)
    {
        await DriveAsync((Task)task, movesTime);
        return await task;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ChatClient client in _clients.Values)
        {
            await DriveAsync(client.DisposeAsync().AsTask());
        }

        // Not stepped any more once it stops: then its loops are taken down on the pool.
        while (Server.Context.ConnectionCount > 0)
        {
            Server.Advance(Step);
        }

        await Server.Host.StopAsync(TimeSpan.Zero);
    }

    // Behind everything that is queued. Task.Run from a thread of the pool would come before it: that thread's own queue is last in, first out, and on a busy machine nobody else looks into it.
    private static Task PoolTurnAsync()
    {
        var turn = new TaskCompletionSource();
        ThreadPool.UnsafeQueueUserWorkItem(static turn => turn.SetResult(), turn, preferLocal: false);
        return turn.Task;
    }

    private bool IsSomebodyOpening()
    {
        foreach ((string name, ChatClient client) in _clients)
        {
            _hasCut |= client.State == ChatState.Reconnecting;
            if (client.State == ChatState.Connected)
            {
                _opening.TryRemove(name, out _);
            }
        }

        return !_opening.IsEmpty;
    }

    private ClientLink Open(string name)
    {
        (MemoryLink link, MemoryClient wire) = Server.Network.Connect();
        _wires[name] = wire;
        _opening[name] = true;
        Server.Host.Accept(link);
        return new ClientLink(wire.AsStream(), wire.End) { Server = IPAddress.Loopback, OpenDatagrams = () => Network.OpenClient() };
    }
}
