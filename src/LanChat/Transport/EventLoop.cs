using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace LanChat.Transport;

/// <summary>One thread that owns many connections: it waits for events, receives from every ready link, and then makes one round of sends for all of them.</summary>
/// <remarks>
/// An iteration: wait → take the time → posted work → due deadlines → each ready link (writable; one receive) → <see cref="RoundSource.AfterBatch"/> and
/// <see cref="RoundSource.CollectRound"/> of marked sources, which flushes their connections → <see cref="LoopConnection.Flush"/> of queued ones → close what ended. The round comes after the
/// whole batch, never after each event: the busier the loop, the more each send carries.
/// <para>Other threads may call <see cref="Post{T}"/>, <see cref="Add"/>, <see cref="MarkFromOutside"/> and <see cref="StopAsync"/>; everything else belongs to the loop's thread.
/// Nothing here waits for a connection, and one that fails is reset without the others noticing. When the loop stops it closes all its links, runs the work
/// it has accepted, disposes its poller and its timer, and leaves nothing behind.</para>
/// <para>Why no wake is lost: <see cref="SleepFlag"/>.</para>
/// </remarks>
internal sealed partial class EventLoop : IAsyncDisposable
{
    /// <summary>How many ready links make one batch at most; the rest is in the next, after a round.</summary>
    private const int MaxBatch = 1024;

    private readonly Poller _poller;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly DeadlineTimer _timer;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Thread? _thread;
    private readonly Round _round;
    private readonly ConnectionList _connections;
    private readonly DeadlineHeap _deadlines = new();
    private readonly ReadyLink[] _ready = new ReadyLink[MaxBatch];
    private readonly ArraySegment<byte>[] _pieces = new ArraySegment<byte>[64];

    /// <summary>Loop thread only: set by posted work.</summary>
    private bool _stopRequested;

    /// <summary>Pushed by any thread, taken by the loop at the start of an iteration.</summary>
    private readonly IntrusiveStack<PostedWork> _posted = new();

    /// <summary>Pushed by any thread, taken by the loop just before the round, so that the latest news is in it.</summary>
    private readonly IntrusiveStack<RoundSource> _markedOutside = new();

    /// <summary>Raised from before the loop's last look at the stacks until it is awake.</summary>
    private readonly SleepFlag _sleep = new();

    internal EventLoop(Poller poller, TimeProvider time, string name, ILogger logger)
    {
        _poller = poller;
        _time = time;
        Name = name;
        _logger = logger;
        Arrivals = new Arrivals(this);
        _round = new Round(this);
        _connections = new ConnectionList(this);
        _timer = new DeadlineTimer(time, WakeIfAsleep);
        TakeTime();
    }

    internal string Name { get; }

    internal Arrivals Arrivals { get; }

    /// <summary>Ends when the loop has stopped and released everything; faulted if the loop itself failed.</summary>
    internal Task Completion => _completion.Task;

    /// <summary>Any thread. Exact on the loop's thread.</summary>
    internal int ConnectionCount => _connections.Count;

    /// <summary>The provider's timestamp at the start of this batch.</summary>
    internal long Timestamp { get; private set; }

    /// <summary>Milliseconds since the Unix epoch at the start of this batch.</summary>
    internal long UtcMilliseconds { get; private set; }

    /// <summary>The loop's own scratch for gathering what one connection sends.</summary>
    internal Span<ArraySegment<byte>> Pieces => _pieces;

    /// <summary>Loop thread; not to be kept across a call that adds one.</summary>
    internal IReadOnlyList<LoopConnection> Connections => _connections.All;

    /// <summary>Starts the thread. Without it the loop is stepped by hand with <see cref="RunOnce"/>.</summary>
    internal void Start() => (_thread = new Thread(Run) { Name = Name, IsBackground = true }).UnsafeStart();

    /// <summary>Any thread: runs <paramref name="work"/> on the loop, in the order of the posts. True = it will run, even if the loop stops meanwhile; false = the loop has stopped.</summary>
    internal bool Post<T>(Action<T> work, T state) => Post(new PostedWork<T>(work, state));

    /// <summary>The same without a new object: the work may be posted again as soon as it runs.</summary>
    internal bool Post(PostedWork work)
    {
        bool accepted = _posted.TryPush(work);
        WakeIfAsleep();
        return accepted;
    }

    /// <summary>Any thread: the connection, and its link, belong to this loop from now on. False = the loop has stopped and the caller keeps the link.</summary>
    internal bool Add(LoopConnection connection)
    {
        connection.Loop = this;
        return Post(static connection => connection.Loop.Join(connection), connection);
    }

    /// <summary>Any thread: the source has news that other threads wrote before this call. It collects in a round that starts after it.</summary>
    internal void MarkFromOutside(RoundSource source)
    {
        if (source.TryMarkOutside() && _markedOutside.TryPush(source))
        {
            WakeIfAsleep();
        }
    }

    /// <summary>The source has news from this batch: AfterBatch and CollectRound, once each.</summary>
    internal void Mark(RoundSource source) => _round.Mark(source);

    /// <summary>The connection has something to send: Flush in this round, once. During the round: in the next one.</summary>
    internal void Queue(LoopConnection connection) => _round.Queue(connection);

    /// <summary>Only from <see cref="RoundSource.CollectRound"/>: the connection's Flush, now, or where it is queued; once in a round.</summary>
    internal void FlushInRound(LoopConnection connection) => _round.Flush(connection);

    /// <summary>OnDeadline at or after <paramref name="dueTimestamp"/>; an earlier time that is already scheduled stays.</summary>
    internal void Schedule(LoopConnection connection, long dueTimestamp)
    {
        AssertOnLoop();
        if (!connection.IsClosing)
        {
            _deadlines.Schedule(connection, dueTimestamp);
        }
    }

    /// <summary>Ends the connection: no more calls but OnClosed. The link is closed at the end of this iteration, so what is in the same batch cannot meet a reused descriptor.
    /// The first call decides about <paramref name="reset"/>.</summary>
    internal void Close(LoopConnection connection, bool reset)
    {
        if (TryLetGo(connection))
        {
            _connections.End(connection, reset);
        }
    }

    /// <summary>Stops the loop: links are closed (not reset), and the returned task is <see cref="Completion"/>. Whoever wants to say goodbye first does so before.</summary>
    internal Task StopAsync()
    {
        if (Post(static loop => loop._stopRequested = true, this) && _thread is null)
        {
            TearDown(failure: null);
        }

        return Completion;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _thread?.Join(); // It has only its return left to do, also when it failed.
        await Completion.ConfigureAwait(false);
    }

    /// <summary>One iteration. False = nothing happened.</summary>
    internal bool RunOnce(bool block)
    {
        if (Completion.IsCompleted)
        {
            return false;
        }

        int ready = _poller.Wait(_ready, block && TryFallAsleep());
        _sleep.Lower();
        _timer.Acknowledge();
        TakeTime();

        bool worked = RunPosted(_posted.TakeAll()) | _deadlines.RunDue(this) | ready > 0;
        foreach (ReadyLink link in _ready.AsSpan(0, ready))
        {
            Arrivals.Dispatch(link);
        }

        _ready.AsSpan(0, ready).Clear(); // A closed link must not live on there.
        worked |= _round.Run(_markedOutside);
        HandOver();
        _connections.CloseEnded();
        return worked;
    }

    /// <summary>A member of the connection threw: it alone is reset.</summary>
    internal void Fail(LoopConnection connection, Exception exception)
    {
        Close(connection, reset: true);
        _logger.ConnectionFailed(Name, connection.Link.RemoteEndPoint, exception);
    }

    /// <summary>A source threw: whom it had not come to gets nothing in this round.</summary>
    internal void SourceFailed(Exception exception) => _logger.RoundSourceFailed(Name, exception);

    /// <summary>What belongs to the loop's thread is called there. A loop without a thread belongs to whoever steps it.</summary>
    [Conditional("DEBUG")]
    internal void AssertOnLoop() =>
        Debug.Assert(_thread is null || _thread == Thread.CurrentThread, $"Called on {Thread.CurrentThread.Name}, not on loop {Name}.");

    private void Run()
    {
        Exception? failure = null;
        try
        {
            while (!_stopRequested)
            {
                RunOnce(block: true);
            }
        }
        catch (Exception e)
        {
            _logger.LoopFailed(Name, e);
            failure = e;
        }
        finally
        {
            TearDown(failure);
        }
    }

    /// <summary>True = the wait may block. The partner of <see cref="WakeIfAsleep"/>: first the flag, then the looks.</summary>
    private bool TryFallAsleep()
    {
        if (_round.HasWork || !_timer.TrySet(_deadlines.Earliest))
        {
            return false;
        }

        _sleep.Raise();
        return _posted.IsEmpty && _markedOutside.IsEmpty && !_timer.HasFired;
    }

    /// <summary>Any thread, after it brought something with a full fence (a push, the timer's exchange).</summary>
    private void WakeIfAsleep()
    {
        if (_sleep.TryTake())
        {
            _poller.Wake();
        }
    }

    private void TakeTime()
    {
        Timestamp = _time.GetTimestamp();
        UtcMilliseconds = _time.GetUtcNow().ToUnixTimeMilliseconds();
    }

    private void Join(LoopConnection connection)
    {
        _connections.Add(connection);
        connection.Link.Connection = connection;
        try
        {
            _poller.Add(connection.Link);
            connection.OnAdded();
        }
        catch (Exception e)
        {
            Fail(connection, e);
        }
    }

    private bool RunPosted(PostedWork? work)
    {
        bool worked = work is not null;
        while (work is not null)
        {
            // Read before it runs: from then on it may be in another stack.
            PostedWork? next = work.Next;
            try
            {
                work.Run();
            }
            catch (Exception e)
            {
                _logger.PostedWorkFailed(Name, e);
            }

            work = next;
        }

        return worked;
    }

    /// <summary>In this order: refuse new work, run what was accepted (it may add connections), close every link, then what they were watched by.</summary>
    private void TearDown(Exception? failure)
    {
        RunPosted(_posted.Close());
        _markedOutside.Close();
        KeepLeaving();
        foreach (LoopConnection connection in _connections.All)
        {
            Close(connection, reset: false);
        }

        _connections.CloseEnded();
        _timer.Dispose();
        _poller.Dispose();
        _ = failure is null ? _completion.TrySetResult() : _completion.TrySetException(failure);
    }
}
