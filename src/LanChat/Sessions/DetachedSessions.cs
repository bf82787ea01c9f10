using LanChat.Transport;

namespace LanChat.Sessions;

/// <summary>The sessions of a server whose clients may still come back, in the order in which they lost their connections: so many at once, for so long. Any thread may call it.</summary>
/// <remarks>It decides whose wait is over, and the session's home loop does it: if the client came back before that, nothing happens. So a session that was chosen is no longer
/// counted here, and may be alive for a moment longer.</remarks>
internal sealed class DetachedSessions(ChatServerOptions options)
{
    private readonly TimeProvider _time = options.TimeProvider;
    private readonly long _window = (long)(options.ResumeWindow.TotalSeconds * options.TimeProvider.TimestampFrequency);
    private readonly Lock _gate = new();

    // Under the gate: the oldest first.
    private readonly LinkedList<Detachment> _all = new();
    private readonly Dictionary<SourceAddress, LinkedList<Detachment>> _byAddress = [];

    /// <summary>Gets how many wait.</summary>
    internal int Count
    {
        get
        {
            lock (_gate)
            {
                return _all.Count;
            }
        }
    }

    /// <summary>A session begins to wait. Beyond a limit the one that has waited longest ends.</summary>
    internal void Add(Detachment detachment)
    {
        Detachment? surplus = null;
        Detachment? surplusOfAddress = null;
        Interleave.Point(Access.Change, this);
        lock (_gate)
        {
            // Read under the gate, so that the order of the list is that of the times.
            detachment.Due = _time.GetTimestamp() + _window;
            detachment.Place = _all.AddLast(detachment);
            if (detachment.Source is { } source)
            {
                if (!_byAddress.TryGetValue(source, out LinkedList<Detachment>? same))
                {
                    _byAddress[source] = same = new LinkedList<Detachment>();
                }

                detachment.PlaceOfAddress = same.AddLast(detachment);
                surplusOfAddress = same.Count > options.MaxDetachedPerAddress ? Take(same.First!.Value) : null;
            }

            surplus = _all.Count > options.MaxDetachedSessions ? Take(_all.First!.Value) : null;
        }

        EndWait(surplusOfAddress);
        EndWait(surplus);
    }

    /// <summary>A session waits no more, whatever became of it.</summary>
    internal void Remove(Detachment detachment)
    {
        Interleave.Point(Access.Change, this);
        lock (_gate)
        {
            Take(detachment);
        }
    }

    /// <summary>Ends those that have waited long enough. Once a second.</summary>
    internal void Tick()
    {
        var due = new List<Detachment>();
        while (TakeOldest(dueAt: _time.GetTimestamp()) is { } over)
        {
            due.Add(over);
        }

        due.ForEach(EndWait);
    }

    /// <summary>Ends them all, without a word to anybody: the server stops. After every loop has ended.</summary>
    internal void EndAll()
    {
        while (TakeOldest(dueAt: long.MaxValue) is { } over)
        {
            over.Session.EndWait(over, DisconnectReason.ServerStopping);
        }
    }

    private void EndWait(Detachment? over)
    {
        if (over is null || over.Session.Home.Loop.Post(static over => over.Session.EndWait(over, over.Session.LastEnd), over))
        {
            return;
        }

        if (over.Session.Home.Loop.Completion.IsCompleted)
        {
            // Its loop has died: nobody else touches the session any more.
            over.Session.EndWait(over, over.Session.LastEnd);
            return;
        }

        // Its loop is ending, and may still run something for the session that it had accepted before. At the next tick it has ended, or the stop ends them all.
        lock (_gate)
        {
            over.Place = _all.AddFirst(over);
        }
    }

    private Detachment? TakeOldest(long dueAt)
    {
        Interleave.Point(Access.Change, this);
        lock (_gate)
        {
            return _all.First is { } oldest && oldest.Value.Due <= dueAt ? Take(oldest.Value) : null;
        }
    }

    private Detachment Take(Detachment detachment)
    {
        if (detachment.Place is { } place)
        {
            _all.Remove(place);
            detachment.Place = null;
        }

        if (detachment.PlaceOfAddress is { List: { } same } placeOfAddress)
        {
            same.Remove(placeOfAddress);
            detachment.PlaceOfAddress = null;
            if (same.Count == 0)
            {
                _byAddress.Remove(detachment.Source!.Value);
            }
        }

        return detachment;
    }
}
