namespace LanChat.Transport;

/// <summary>Acts on what the poller reports, one receive per readable link, and holds back connections that are paused. Loop thread only.</summary>
internal sealed class Arrivals(EventLoop loop)
{
    private readonly ReceivePipe _pipe = new();
    private List<LoopConnection> _resumed = [];
    private List<LoopConnection> _resuming = [];

    /// <summary>Whether connections wait for <see cref="RunResumed"/>.</summary>
    internal bool HasResumed => _resumed.Count > 0;

    internal void Dispatch(ReadyLink ready)
    {
        LoopConnection? connection = ready.Link.Connection;
        if (connection is null || connection.IsClosing)
        {
            return;
        }

        try
        {
            if ((ready.Events & LinkEvents.Writable) != 0)
            {
                connection.OnWritable();
            }

            if ((ready.Events & LinkEvents.Readable) != 0)
            {
                Receive(connection);
            }
        }
        catch (Exception e)
        {
            loop.Fail(connection, e);
        }
    }

    internal void Resume(LoopConnection connection)
    {
        if (connection.IsPaused)
        {
            connection.IsPaused = false;
            _resumed.Add(connection);
        }
    }

    internal bool RunResumed()
    {
        if (_resumed.Count == 0)
        {
            return false;
        }

        (_resumed, _resuming) = (_resuming, _resumed);
        foreach (LoopConnection connection in _resuming)
        {
            try
            {
                if (!connection.IsPaused && !connection.IsClosing)
                {
                    _pipe.DeliverHeld(connection);
                }

                if (connection.WasReadableWhilePaused)
                {
                    Receive(connection);
                }
            }
            catch (Exception e)
            {
                loop.Fail(connection, e);
            }
        }

        _resuming.Clear();
        return true;
    }

    private void Receive(LoopConnection connection)
    {
        connection.WasReadableWhilePaused = connection.IsPaused;
        if (connection.IsPaused || connection.IsClosing || connection.HasLinkEnded)
        {
            return;
        }

        LinkStatus status = _pipe.ReceiveOnce(connection);
        if (status is LinkStatus.Ended or LinkStatus.Broken)
        {
            connection.HasLinkEnded = true;
            connection.OnLinkEnded(status, insideFrame: connection.Held.Count > 0);
        }
    }
}
