using System.ComponentModel;
using System.Net;
using System.Runtime.ExceptionServices;
using LanChat.Datagrams;
using LanChat.Diagnostics;
using LanChat.Rooms;
using LanChat.Transport;
using Microsoft.Extensions.Logging;

namespace LanChat.Connections;

/// <summary>What runs behind a <see cref="ChatServer"/>: listener, loops, the tick, and the order in which they stop.</summary>
internal sealed partial class ServerHost
{
    /// <summary>How many callers beyond the limit are let in far enough to be told so in their own language.</summary>
    private const int MaxRefusals = 64;

    private static readonly TimeSpan FullLogInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);

    private readonly ServerLoop[] _loops;
    private readonly ServerIdentity? _ownIdentity;
    private readonly SocketListener? _listener;
    private readonly ITimer _tick;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _stopping = new();
    private Announcement? _announcement;
    private Task? _stop;
    private uint _nextLoop;

    // From when it may be logged again that connections are refused.
    private long _fullLogDue = long.MinValue;

    /// <param name="options">The settings, with the identity of the server.</param>
    /// <param name="makePoller">Makes the poller of each loop: the seam between loops and links.</param>
    /// <param name="listen">Starts to listen and hands each link to the callback; null when links are given by <see cref="Accept"/> alone.</param>
    /// <param name="runOnPool">Runs what a TLS handshake computes, and the app's hooks; null: on the pool.</param>
    /// <param name="ownIdentity">The identity, if the server is to dispose it.</param>
    /// <param name="datagrams">The chat port's UDP twin, which belongs to the host from now on; null: there is none.</param>
    internal ServerHost(
        ChatServerOptions options,
        Func<Poller> makePoller,
        Func<Action<Link>, ILogger, SocketListener>? listen,
        Action<IThreadPoolWorkItem>? runOnPool = null,
        ServerIdentity? ownIdentity = null,
        IDatagramEnd? datagrams = null)
    {
        _ownIdentity = ownIdentity;
        Context = new ServerContext(options, runOnPool)
        {
            Datagrams = datagrams is null ? null : new ServerDatagrams(datagrams),
            Stop = () => StopAsync(options.StopTimeout),
        };
        _loops = MakeLoops(Context, makePoller);
        _listener = listen?.Invoke(Accept, Context.Logger);
        Context.Datagrams?.Start();
        _tick = options.TimeProvider.CreateTimer(static state => ((ServerHost)state!).Tick(), this, TickInterval, TickInterval);
    }

    internal ServerContext Context { get; }

    internal IReadOnlyList<ServerLoop> Loops => _loops;

    internal DiscoveryBeacon? Beacon => _announcement?.Beacon;

    internal IPEndPoint EndPoint => _listener?.LocalEndPoint ?? new IPEndPoint(IPAddress.Loopback, 0);

    internal Task Completion => _completion.Task;

    /// <summary>Takes a link in: the loops get them in turn. Any thread.</summary>
    internal void Accept(Link link)
    {
        int count = Context.AddConnection();
        if (count > Context.Options.MaxConnections + MaxRefusals || Context.IsDraining)
        {
            Metrics.CountLimit(nameof(ChatServerOptions.MaxConnections), isReached: !Context.IsDraining);
            link.Close(reset: true);
            Context.RemoveConnection();
            return;
        }

        ServerLoop loop = _loops[Interlocked.Increment(ref _nextLoop) % (uint)_loops.Length];
        var connection = new ServerConnection(link, loop);
        CallerLimits.Verdict verdict = Context.Callers.Add(connection, out ServerConnection? givesWay);
        givesWay?.GiveWay();
        if (verdict is CallerLimits.Verdict.DroppedOfAddress or CallerLimits.Verdict.DroppedUnwelcomed)
        {
            Metrics.CountLimit(verdict == CallerLimits.Verdict.DroppedOfAddress ? nameof(ChatServerOptions.MaxConnectionsPerAddress) : nameof(ChatServerOptions.MaxUnwelcomed));
            link.Close(reset: true);
            Context.RemoveConnection();
            return;
        }

        if (count > Context.Options.MaxConnections)
        {
            LogFull(count);
            connection.Refuse(nameof(ChatServerOptions.MaxConnections), Refusals.Sentence(DisconnectReason.TooManyConnections));
        }
        else if (verdict == CallerLimits.Verdict.TooManyOfAddress)
        {
            connection.Refuse(nameof(ChatServerOptions.MaxConnectionsPerAddress), Refusals.TooManyFromAddress);
        }
        else if (verdict == CallerLimits.Verdict.TooManyUnwelcomed)
        {
            connection.Refuse(nameof(ChatServerOptions.MaxUnwelcomed), Refusals.TooManyCallers);
        }

        if (!loop.Loop.Add(connection))
        {
            Context.Callers.Remove(connection);
            link.Close(reset: true);
            Context.RemoveConnection();
        }
    }

    // Once a minute, the counter has them all: whoever floods the door shall not fill the log.
    private void LogFull(int count)
    {
        TimeProvider time = Context.Options.TimeProvider;
        long now = time.GetTimestamp();
        long due = Volatile.Read(ref _fullLogDue);
        if (now >= due && Interlocked.CompareExchange(ref _fullLogDue, now + (long)(FullLogInterval.TotalSeconds * time.TimestampFrequency), due) == due)
        {
            Log.TooManyConnections(Context.Logger, count);
        }
    }

    /// <summary>Makes a follower of all rooms.</summary>
    internal RoomObserver Observe()
    {
        var observer = new RoomObserver(Context.Options, Context.Observers);
        Context.Observers.Add(observer);
        foreach (Room room in Context.Rooms.All)
        {
            observer.Follow(room, fromNow: true);
        }

        return observer;
    }

    internal Task StopAsync(TimeSpan timeout)
    {
        lock (_stopping)
        {
            return _stop ??= Task.Run(() => Activities.TraceAsync(Activities.Stop, () => StopInOrderAsync(timeout)));
        }
    }

    private static ServerLoop[] MakeLoops(ServerContext context, Func<Poller> makePoller)
    {
        var loops = new List<ServerLoop>();
        try
        {
            while (loops.Count < context.Options.Loops)
            {
                var loop = new EventLoop(makePoller(), context.Options.TimeProvider, $"LanChat loop {loops.Count}", context.Logger);
                loops.Add(new ServerLoop(loops.Count, loop, context));
            }

            return [.. loops];
        }
        catch (Exception e)
        {
            // They have no thread yet, so each has ended when this returns.
            foreach (ServerLoop loop in loops)
            {
                _ = loop.Loop.StopAsync();
                loop.Traffic.Dispose();
            }

            if (e is Win32Exception)
            {
                string text = $"the system gives no more than {loops.Count} of {context.Options.Loops} event loops what they need ({e.Message}); allow the process more open files, or take fewer loops";
                throw new ChatException(DisconnectReason.Aborted, text, e);
            }

            throw;
        }
    }

    private async Task StopInOrderAsync(TimeSpan timeout)
    {
        Log.Stopping(Context.Logger, Context.ConnectionCount);
        List<Exception> failures = [];

        // 0. Nobody is sent here any more. The goodbyes that follow the first one go out meanwhile.
        Task farewell = _announcement?.StopAsync() ?? Task.CompletedTask;

        // 1. No new connections.
        await WaitAsync(_listener?.DisposeAsync().AsTask() ?? Task.CompletedTask).ConfigureAwait(false);

        // 2. No new sessions, joins or ids: each is refused with code 2 from here on.
        Context.StartDraining();

        // 3. Each connection gets what its cursors still have, then the last word.
        ForEachConnection(static connection => connection.End(DisconnectReason.ServerStopping, drain: true));
        if (!await EndedWithinAsync(timeout).ConfigureAwait(false))
        {
            // 4. At the deadline the rest gets the last word at once; who cannot take it within a second is cut off.
            Log.StopDeadline(Context.Logger, Context.ConnectionCount);
            ForEachConnection(static connection => connection.StopDraining());
            await EndedWithinAsync(ServerConnection.FarewellTime * 2).ConfigureAwait(false);
        }

        // 5. The loops close what is left, and end.
        foreach (ServerLoop loop in _loops)
        {
            await WaitAsync(loop.Loop.DisposeAsync().AsTask()).ConfigureAwait(false);
            loop.Traffic.Dispose();
        }

        // 6. Nobody answers a datagram any more. Their handshakes have nobody to come back to, and end; so does the announcement, which signs with the key.
        await WaitAsync(Context.Datagrams?.DisposeAsync().AsTask() ?? Task.CompletedTask).ConfigureAwait(false);
        await Context.Handshakes.WhenIdleAsync().ConfigureAwait(false);
        await WaitAsync(farewell).ConfigureAwait(false);
        _ownIdentity?.Dispose();

        // 7. Nothing reads or writes the logs any more. Who could have come back cannot now.
        await _tick.DisposeAsync().ConfigureAwait(false);
        Context.Detached.EndAll();
        Context.Observers.Complete();
        Context.Rooms.Close();
        Log.Stopped(Context.Logger);
        if (failures.Count == 0)
        {
            _completion.SetResult();
            return;
        }

        _completion.SetException(failures);
        ExceptionDispatchInfo.Throw(failures[0]);

        // What failed, a loop that died of a defect, must not keep the rest from ending.
        async Task WaitAsync(Task part)
        {
            try
            {
                await part.ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                failures.Add(exception);
            }
        }
    }

    private void ForEachConnection(Action<ServerConnection> act)
    {
        foreach (ServerLoop loop in _loops)
        {
            loop.Loop.Post(
                static work =>
                {
                    // A copy: ending a connection may take it off the list.
                    foreach (LoopConnection connection in work.loop.Loop.Connections.ToArray())
                    {
                        try
                        {
                            work.act((ServerConnection)connection);
                        }
                        catch (Exception exception)
                        {
                            // Its own end, and not that of the others' farewell.
                            connection.Loop.Fail(connection, exception);
                        }
                    }
                },
                (loop, act));
        }
    }

    private async Task<bool> EndedWithinAsync(TimeSpan timeout)
    {
        // A timer of our own, gone before this returns: the one inside WaitAsync goes a moment after, and the stop promises that none is left.
        using var deadline = new CancellationTokenSource(timeout, Context.Options.TimeProvider);
        try
        {
            await Context.NoConnections.WaitAsync(deadline.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Tick()
    {
        Context.Detached.Tick();
        Context.Rooms.Tick(Context.Options.TimeProvider.GetUtcNow());
        Context.Observers.LimitLag();
        _announcement?.Tick();
    }
}
