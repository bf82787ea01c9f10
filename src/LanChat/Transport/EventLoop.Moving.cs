using System.Diagnostics;

namespace LanChat.Transport;

/// <content>Connections that go on to another loop, with their link and what they left unconsumed.</content>
internal sealed partial class EventLoop
{
    // Those that leave with this iteration.
    private readonly List<(LoopConnection Connection, EventLoop Target)> _leaving = [];

    /// <summary>Gets whether the loop takes no more work: it has stopped, or closes what it has left. Any thread.</summary>
    internal bool HasStopped => _posted.IsClosed;

    /// <summary>Gives a connection to another loop: no more calls here; there first <see cref="LoopConnection.OnMoved"/>, then what it had left unconsumed, then what has arrived since.
    /// Called while the connection is being received for. It leaves at the end of this iteration, so that nothing in the same batch or round meets it while the other loop has it.
    /// If the other loop has stopped, it is reset here.</summary>
    internal void Move(LoopConnection connection, EventLoop target)
    {
        if (TryLetGo(connection))
        {
            _leaving.Add((connection, target));
        }
    }

    /// <summary>From now on nothing reaches the connection here. False when it was so already.</summary>
    private bool TryLetGo(LoopConnection connection)
    {
        AssertOnLoop();
        if (connection.IsClosing)
        {
            return false;
        }

        connection.IsClosing = true;
        _poller.Remove(connection.Link.Watched);
        _deadlines.Remove(connection);
        return true;
    }

    private void HandOver()
    {
        foreach ((LoopConnection connection, EventLoop target) in _leaving)
        {
            Debug.Assert(!connection.IsQueued, "The round has emptied its queue, and who leaves is not queued again.");
            _connections.Remove(connection);
            connection.IsClosing = false;
            connection.FlushedIn = 0;
            connection.Loop = target;
            if (!target.Post(static moved => moved.Loop.Receive(moved), connection))
            {
                connection.Loop = this;
                _connections.Add(connection);
                Close(connection, reset: true);
            }
        }

        _leaving.Clear();
    }

    // The loop ends before it could hand them over.
    private void KeepLeaving()
    {
        foreach ((LoopConnection connection, _) in _leaving)
        {
            connection.IsClosing = false;
        }

        _leaving.Clear();
    }

    private void Receive(LoopConnection connection)
    {
        _connections.Add(connection);
        try
        {
            _poller.Add(connection.Link.Watched);
        }
        catch (Exception e)
        {
            Fail(connection, e);
            return;
        }

        Arrivals.Moved(connection);
    }
}
