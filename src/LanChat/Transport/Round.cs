namespace LanChat.Transport;

/// <summary>Who takes part in the loop's round: sources with news, and connections with something to send, each at most once. Loop thread only.</summary>
/// <remarks>Two lists of each kind: what is marked or queued while the round goes on belongs to the next one, so a round ends.</remarks>
internal sealed class Round
{
    private List<RoundSource> _marked = [];
    private List<RoundSource> _collecting = [];
    private List<LoopConnection> _queued = [];
    private List<LoopConnection> _flushing = [];

    /// <summary>Whether there is something for the next round already.</summary>
    internal bool HasWork => _marked.Count > 0 || _queued.Count > 0;

    /// <summary>The sources marked so far; grows while it is walked when one marks another.</summary>
    internal List<RoundSource> Marked => _marked;

    internal void Mark(RoundSource source)
    {
        if (!source.IsMarked)
        {
            source.IsMarked = true;
            _marked.Add(source);
        }
    }

    internal void Queue(LoopConnection connection)
    {
        if (!connection.IsQueued && !connection.IsClosing)
        {
            connection.IsQueued = true;
            _queued.Add(connection);
        }
    }

    /// <summary>The sources to collect from now; marks from here on are for the next round. Given back by <see cref="EndCollecting"/>.</summary>
    internal List<RoundSource> BeginCollecting()
    {
        (_marked, _collecting) = (_collecting, _marked);
        return _collecting;
    }

    internal void EndCollecting() => _collecting.Clear();

    /// <summary>The connections to flush now. Given back by <see cref="EndFlushing"/>.</summary>
    internal List<LoopConnection> BeginFlushing()
    {
        (_queued, _flushing) = (_flushing, _queued);
        return _flushing;
    }

    internal void EndFlushing() => _flushing.Clear();
}
