namespace LanChat.Transport;

/// <summary>The connections of one loop, and those among them that end with this iteration. Loop thread only, except <see cref="Count"/>.</summary>
internal sealed class ConnectionList(EventLoop loop)
{
    private readonly List<LoopConnection> _all = [];
    private readonly List<(LoopConnection Connection, bool Reset)> _ended = [];

    /// <summary>Written by the loop's thread; read by anyone who wants a number.</summary>
    private int _count;

    /// <summary>Any thread; exact on the loop's own. Acquire and release only keep the read fresh: nothing is concluded from it.</summary>
    internal int Count => Volatile.Read(ref _count);

    internal IReadOnlyList<LoopConnection> All => _all;

    internal void Add(LoopConnection connection)
    {
        connection.LoopIndex = _all.Count;
        _all.Add(connection);
        Volatile.Write(ref _count, _all.Count);
    }

    internal void End(LoopConnection connection, bool reset) => _ended.Add((connection, reset));

    /// <summary>Closes the links of all that have ended, forgets them, and says so to each.</summary>
    internal void CloseEnded()
    {
        // By index: OnClosed of one may end another.
        for (int i = 0; i < _ended.Count; i++)
        {
            (LoopConnection connection, bool reset) = _ended[i];
            connection.Link.Watched.Connection = null;
            connection.Link.Close(reset);
            connection.Held.Release();
            Remove(connection);
            try
            {
                connection.OnClosed();
            }
            catch (Exception e)
            {
                loop.Fail(connection, e);
            }
        }

        _ended.Clear();
    }

    /// <summary>Forgets one that did not end, but goes on elsewhere.</summary>
    internal void Remove(LoopConnection connection)
    {
        LoopConnection last = _all[^1];
        _all[connection.LoopIndex] = last;
        last.LoopIndex = connection.LoopIndex;
        connection.LoopIndex = -1;
        _all.RemoveAt(_all.Count - 1);
        Volatile.Write(ref _count, _all.Count);
    }
}
