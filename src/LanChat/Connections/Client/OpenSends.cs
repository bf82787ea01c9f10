using System.Diagnostics.CodeAnalysis;

namespace LanChat.Connections.Client;

/// <summary>The ids of a session: gives them, by one from 1, and holds what has one and no outcome yet. Guarded by the client's Gate.</summary>
internal sealed class OpenSends
{
    private readonly Dictionary<ulong, ClientSend> _open = [];
    private ulong _lastId;

    // All ids up to here have their outcome.
    private ulong _closedTo;

    // The highest id that has its outcome: the server has received it.
    private ulong _highestClosed;

    internal int Count => _open.Count;

    /// <summary>Gets how far the next id would be above the last one below which nothing is open.</summary>
    internal ulong Span => _lastId - _closedTo;

    /// <summary>Gets all of them, in the order of their ids.</summary>
    internal IOrderedEnumerable<ClientSend> InOrder => _open.Values.OrderBy(send => send.Id);

    internal bool WasDrawn(ulong id) => id != 0 && id <= _lastId;

    /// <summary>Says whether a server that resumes the session can have received ids up to this one, and no more.</summary>
    internal bool CanHaveReceived(ulong lastId) => lastId >= _highestClosed && lastId <= _lastId;

    internal bool Contains(ClientSend send) => _open.TryGetValue(send.Id, out ClientSend? open) && open == send;

    internal bool TryGet(ulong id, [NotNullWhen(true)] out ClientSend? send) => _open.TryGetValue(id, out send);

    internal void Draw(ClientSend send)
    {
        send.Id = ++_lastId;
        _open.Add(send.Id, send);
    }

    /// <summary>It has its outcome.</summary>
    internal void Close(ClientSend send)
    {
        _open.Remove(send.Id);
        _highestClosed = Math.Max(_highestClosed, send.Id);
        while (_closedTo < _lastId && !_open.ContainsKey(_closedTo + 1))
        {
            _closedTo++;
        }
    }

    /// <summary>Takes all of them out; ids start over.</summary>
    internal IReadOnlyList<ClientSend> TakeAll()
    {
        ClientSend[] all = [.. _open.Values];
        _open.Clear();
        _lastId = 0;
        _closedTo = 0;
        _highestClosed = 0;
        return all;
    }
}
