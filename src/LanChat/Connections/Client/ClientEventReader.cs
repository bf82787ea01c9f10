namespace LanChat.Connections.Client;

/// <summary>One app loop's bounded buffer of events, in order, with a <see cref="Gap"/> in place of what did not fit.</summary>
/// <remarks>
/// <para><b>Kept for later</b> (made at JOIN, nobody reads yet): keeps the newest; the oldest give way, and one Gap in front says so. It never
/// stops the reading, because nobody may ever come for it.</para>
/// <para><b>Taken over</b> by a reader: keeps the oldest. Full, it stops the reading (<see cref="ClientFlow"/>) until half of it is free; if
/// reading must go on, what does not fit is passed over, and one Gap behind says so before the next event that fits.</para>
/// <para>Everything is guarded by the client's Gate, but <see cref="WaitAsync"/>, which waits outside. One reader at a time.</para>
/// </remarks>
internal sealed class ClientEventReader
{
    private readonly ClientFlow _flow;
    private readonly ClientEvents _source;
    private readonly int _capacity;
    private readonly Queue<RoomEvent> _queue = new();

    // Passed over: before the first of the queue (kept for later), or behind the last (taken over).
    private MissingEvents _before;
    private MissingEvents _behind;

    private bool _isTaken;
    private bool _isFull;
    private bool _hasEnded;

    // Behind the queue, before what was passed over there: nothing is missing yet, and it must not look so. A later one, after a connection that brought nothing, takes its place: it counts
    // what the earlier one counted, and what has come since.
    private Resumed? _resumed;
    private TaskCompletionSource<bool>? _waiting;

    internal ClientEventReader(ClientFlow flow, ClientEvents source, int capacity)
    {
        _flow = flow;
        _source = source;
        _capacity = capacity;
    }

    /// <summary>A reader has come: from now on the buffer holds up the reading when it is full. Caller holds the Gate.</summary>
    internal void Take()
    {
        _isTaken = true;
        NoteFull();
    }

    /// <summary>Caller holds the Gate.</summary>
    internal void Add(RoomEvent roomEvent)
    {
        if (roomEvent is Resumed resumed && !_behind.IsAny)
        {
            _resumed = resumed;
            Wake(true);
            return;
        }

        if (_isTaken && _queue.Count >= _capacity)
        {
            NoteLoss();
            _behind.Add(roomEvent);
            return;
        }

        // Of a reader, beyond the capacity by no more than these four: else one that takes one event at a time would never get past its gap.
        while (TakeBehind() is { } earlier)
        {
            _queue.Enqueue(earlier);
        }

        _queue.Enqueue(roomEvent);
        while (!_isTaken && _queue.Count > _capacity)
        {
            _before.Add(_queue.Dequeue());
        }

        NoteFull();
        Wake(true);
    }

    /// <summary>No more events will come; those held can still be read. Caller holds the Gate.</summary>
    internal void End()
    {
        _hasEnded = true;
        Wake(false);
    }

    /// <summary>Takes the next event, if there is one.</summary>
    internal bool TryRead(out RoomEvent? roomEvent)
    {
        lock (_flow.Gate)
        {
            if (_before.IsAny)
            {
                roomEvent = _before.Take(_source.Room);
                return true;
            }

            if (!_queue.TryDequeue(out roomEvent))
            {
                roomEvent = TakeBehind();
            }

            // Half, not one: else the read loop would be stopped and started for every single event of a slow reader.
            if (_isFull && _queue.Count <= _capacity / 2)
            {
                _isFull = false;
                _flow.ReaderEased();
            }

            return roomEvent is not null;
        }
    }

    /// <summary>Waits for an event; false when no more will come.</summary>
    internal Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        Task<bool> waiting;
        lock (_flow.Gate)
        {
            if (_queue.Count > 0 || _before.IsAny || _resumed is not null || _behind.IsAny)
            {
                return Task.FromResult(true);
            }

            if (_hasEnded)
            {
                return Task.FromResult(false);
            }

            _waiting ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting = _waiting.Task;
        }

        return waiting.WaitAsync(cancellationToken);
    }

    /// <summary>The reader has gone: its events are dropped, and it holds up nothing any more.</summary>
    internal void Unsubscribe()
    {
        lock (_flow.Gate)
        {
            _source.Remove(this);
            _queue.Clear();
            _before = default;
            _resumed = null;
            _behind = default;
            if (_isFull)
            {
                _isFull = false;
                _flow.ReaderEased();
            }

            End();
        }
    }

    // What stands behind the queue, one after the other.
    private RoomEvent? TakeBehind()
    {
        if (_resumed is { } resumed)
        {
            _resumed = null;
            return resumed;
        }

        return _behind.IsAny ? _behind.Take(_source.Room) : null;
    }

    private void NoteFull()
    {
        if (_isTaken && !_isFull && _queue.Count >= _capacity)
        {
            _isFull = true;
            _flow.ReaderFilled();
        }
    }

    private void NoteLoss()
    {
        if (!_behind.IsAny)
        {
            _flow.ReaderLoses(_source.Room);
        }
    }

    private void Wake(bool hasEvents)
    {
        _waiting?.SetResult(hasEvents);
        _waiting = null;
    }
}
