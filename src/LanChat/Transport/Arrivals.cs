namespace LanChat.Transport;

/// <summary>Acts on what the poller reports: a writable link may send again, a readable one is received from once. Loop thread only.</summary>
internal sealed class Arrivals(EventLoop loop)
{
    private readonly ReceivePipe _pipe = new();

    internal void Dispatch(ReadyLink ready)
    {
        LoopConnection? connection = ready.Link.Connection;
        if (connection is null || connection.IsClosing)
        {
            return;
        }

        try
        {
            if ((ready.Events & LinkEvents.Writable) != 0 && connection.Link.TrySendKept())
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

    /// <summary>The handshake of a <see cref="TlsLink"/> is over. What came right behind it, or that it failed, is received now.</summary>
    internal void Opened(LoopConnection connection, bool isSecured)
    {
        try
        {
            if (isSecured && !connection.IsClosing)
            {
                connection.OnSecured();
            }

            Receive(connection);
        }
        catch (Exception e)
        {
            loop.Fail(connection, e);
        }
    }

    /// <summary>A connection has come from another loop. What it brings is looked at first; then its link, for what that reported over there is not reported here again.</summary>
    internal void Moved(LoopConnection connection)
    {
        try
        {
            connection.OnMoved();
            if (!connection.IsClosing)
            {
                _pipe.Redeliver(connection);
            }

            Receive(connection);
        }
        catch (Exception e)
        {
            loop.Fail(connection, e);
        }
    }

    /// <summary>A connection that had to wait for something looks again at what it left unconsumed. Not while it is being received for.</summary>
    internal void Redeliver(LoopConnection connection)
    {
        try
        {
            if (!connection.IsClosing)
            {
                _pipe.Redeliver(connection);
            }
        }
        catch (Exception e)
        {
            loop.Fail(connection, e);
        }
    }

    private void Receive(LoopConnection connection)
    {
        // It may have closed itself when it became writable; and a report may be stale.
        if (connection.IsClosing || connection.HasLinkEnded)
        {
            return;
        }

        LinkStatus status = _pipe.ReceiveOnce(connection);
        if (status is LinkStatus.Ended or LinkStatus.Broken)
        {
            connection.HasLinkEnded = true;

            // Inside TLS the end is a goodbye, and the end of the wire is still to come.
            connection.Link.Watched.StopReceiving();
            connection.OnLinkEnded(status, insideFrame: connection.Held.Count > 0);
        }
    }
}
