namespace LanChat.Transport;

/// <summary>The loop's round: each connection that has something to send does so, once. Sources with news send for their connections as they go through them; then come those that
/// were queued. Loop thread only.</summary>
/// <remarks>What is marked or queued while the round goes on belongs to the next one, so a round ends.</remarks>
internal sealed class Round(EventLoop loop)
{
    private List<RoundSource> _marked = [];
    private List<RoundSource> _collecting = [];

    // A chain through LoopConnection.NextQueued, in the order of queueing: a place in it costs a connection no more than that field.
    private LoopConnection? _firstQueued;
    private LoopConnection? _lastQueued;

    // Of this round, or the last one.
    private int _number;

    /// <summary>Whether there is something for the next round already.</summary>
    internal bool HasWork => _marked.Count > 0 || _firstQueued is not null;

    internal void Mark(RoundSource source)
    {
        loop.AssertOnLoop();
        if (!source.IsMarked)
        {
            source.IsMarked = true;
            _marked.Add(source);
        }
    }

    internal void Queue(LoopConnection connection)
    {
        loop.AssertOnLoop();
        if (!connection.IsQueued && !connection.IsClosing)
        {
            connection.IsQueued = true;
            if (_lastQueued is null)
            {
                _firstQueued = connection;
            }
            else
            {
                _lastQueued.NextQueued = connection;
            }

            _lastQueued = connection;
        }
    }

    /// <summary>A source's connection has its turn, unless it had it in this round. One that is queued has it in that order.</summary>
    internal void Flush(LoopConnection connection)
    {
        if (!connection.IsQueued && connection.FlushedIn != _number)
        {
            FlushNow(connection);
        }
    }

    /// <summary>Makes the round. Outside marks are taken late, after the batch, so that the latest news is in it. False = nobody had anything.</summary>
    internal bool Run(IntrusiveStack<RoundSource> markedOutside)
    {
        FinishBatch();
        for (RoundSource? source = markedOutside.TakeAll(); source is not null;)
        {
            RoundSource? next = source.TakeNext();
            source.ClearOutsideMark();
            Mark(source);
            source = next;
        }

        LoopConnection? queued = _firstQueued;
        _firstQueued = _lastQueued = null;
        _number++;
        return Collect() | FlushQueued(queued);
    }

    private void FinishBatch()
    {
        // By index: AfterBatch may mark further sources of this loop.
        for (int i = 0; i < _marked.Count; i++)
        {
            try
            {
                _marked[i].AfterBatch();
            }
            catch (Exception e)
            {
                loop.SourceFailed(e);
            }
        }
    }

    private bool Collect()
    {
        (_marked, _collecting) = (_collecting, _marked);
        foreach (RoundSource source in _collecting)
        {
            // All of them first: what one brings to another while it collects is news of the next round, of which others have to hear.
            source.IsMarked = false;
        }

        foreach (RoundSource source in _collecting)
        {
            try
            {
                source.CollectRound();
            }
            catch (Exception e)
            {
                loop.SourceFailed(e);
            }
        }

        bool worked = _collecting.Count > 0;
        _collecting.Clear();
        return worked;
    }

    private bool FlushQueued(LoopConnection? connection)
    {
        bool worked = connection is not null;
        while (connection is not null)
        {
            // Out of the chain before it is called: it may queue itself for the next round.
            LoopConnection? next = connection.NextQueued;
            connection.NextQueued = null;
            connection.IsQueued = false;
            FlushNow(connection);
            connection = next;
        }

        return worked;
    }

    private void FlushNow(LoopConnection connection)
    {
        connection.FlushedIn = _number;
        if (connection.IsClosing)
        {
            return;
        }

        try
        {
            connection.Flush();
        }
        catch (Exception e)
        {
            loop.Fail(connection, e);
        }
    }
}
