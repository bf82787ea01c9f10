namespace LanChat.Transport;

/// <summary>The loop's round: sources with news say which connections have something to send, then each of those sends once. Loop thread only.</summary>
/// <remarks>What is marked or queued while the round goes on belongs to the next one, so a round ends.</remarks>
internal sealed class Round(EventLoop loop)
{
    private List<RoundSource> _marked = [];
    private List<RoundSource> _collecting = [];

    // A chain through LoopConnection.NextQueued, in the order of queueing: a place in it costs a connection no more than that field.
    private LoopConnection? _firstQueued;
    private LoopConnection? _lastQueued;

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

    /// <summary>Makes the round. Outside marks are taken late, after the batch, so that the latest news is in it. False = nobody had anything.</summary>
    internal bool Run(ref IntrusiveStack<RoundSource> markedOutside)
    {
        FinishBatch();
        for (RoundSource? source = markedOutside.TakeAll(); source is not null;)
        {
            RoundSource? next = source.TakeNext();
            source.ClearOutsideMark();
            Mark(source);
            source = next;
        }

        return Collect() | Flush();
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
            source.IsMarked = false;
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

    private bool Flush()
    {
        LoopConnection? connection = _firstQueued;
        bool worked = connection is not null;
        _firstQueued = _lastQueued = null;
        while (connection is not null)
        {
            // Out of the chain before it is called: it may queue itself for the next round.
            LoopConnection? next = connection.NextQueued;
            connection.NextQueued = null;
            connection.IsQueued = false;
            if (!connection.IsClosing)
            {
                FlushOne(connection);
            }

            connection = next;
        }

        return worked;
    }

    private void FlushOne(LoopConnection connection)
    {
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
