namespace LanChat.Transport;

/// <summary>The deadlines of one loop's connections: at most one each, the earliest on top. Loop thread only.</summary>
/// <remarks>A binary heap whose items know their place (<see cref="LoopConnection.DeadlineIndex"/>), so an earlier deadline moves the item and a closed connection
/// leaves at once. With stale items skipped when they come up, a storm of short connections would be kept in memory until their deadlines.</remarks>
internal sealed class DeadlineHeap
{
    private (long Due, LoopConnection Connection)[] _items = new (long, LoopConnection)[16];

    internal int Count { get; private set; }

    /// <summary>The earliest due timestamp; <see cref="long.MaxValue"/> when empty.</summary>
    internal long Earliest => Count == 0 ? long.MaxValue : _items[0].Due;

    /// <summary>Sets the deadline unless the connection has an earlier one.</summary>
    internal void Schedule(LoopConnection connection, long due)
    {
        int index = connection.DeadlineIndex;
        if (index < 0)
        {
            if (Count == _items.Length)
            {
                Array.Resize(ref _items, Count * 2);
            }

            SiftUp(Count++, (due, connection));
        }
        else if (due < _items[index].Due)
        {
            SiftUp(index, (due, connection));
        }
    }

    internal void Remove(LoopConnection connection)
    {
        int index = connection.DeadlineIndex;
        if (index < 0)
        {
            return;
        }

        connection.DeadlineIndex = -1;
        (long Due, LoopConnection Connection) last = _items[--Count];
        _items[Count] = default;
        if (index == Count)
        {
            return;
        }

        // The last item fills the hole; relative to the hole it may belong higher or lower.
        if (index > 0 && last.Due < _items[(index - 1) / 2].Due)
        {
            SiftUp(index, last);
        }
        else
        {
            SiftDown(index, last);
        }
    }

    /// <summary>Calls OnDeadline of everything that is due at the loop's time, earliest first. False = nothing was.</summary>
    internal bool RunDue(EventLoop loop)
    {
        bool worked = false;
        // Bounded by what is scheduled now: a connection that schedules the past again has to wait for the next iteration.
        for (int left = Count; left > 0 && Earliest <= loop.Timestamp; left--)
        {
            worked = true;
            LoopConnection connection = _items[0].Connection;
            Remove(connection);
            try
            {
                connection.OnDeadline();
            }
            catch (Exception e)
            {
                loop.Fail(connection, e);
            }
        }

        return worked;
    }

    private void SiftUp(int index, (long Due, LoopConnection Connection) item)
    {
        while (index > 0 && item.Due < _items[(index - 1) / 2].Due)
        {
            Put(index, _items[(index - 1) / 2]);
            index = (index - 1) / 2;
        }

        Put(index, item);
    }

    private void SiftDown(int index, (long Due, LoopConnection Connection) item)
    {
        while (true)
        {
            int child = (2 * index) + 1;
            if (child + 1 < Count && _items[child + 1].Due < _items[child].Due)
            {
                child++;
            }

            if (child >= Count || item.Due <= _items[child].Due)
            {
                Put(index, item);
                return;
            }

            Put(index, _items[child]);
            index = child;
        }
    }

    private void Put(int index, (long Due, LoopConnection Connection) item)
    {
        _items[index] = item;
        item.Connection.DeadlineIndex = index;
    }
}
