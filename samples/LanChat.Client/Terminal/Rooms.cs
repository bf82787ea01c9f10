namespace LanChat.Samples.Terminal;

/// <summary>The rooms that were joined, one of which is shown.</summary>
internal sealed class Rooms(RoomView first)
{
    private readonly List<RoomView> _views = [first];

    internal RoomView Current { get; private set; } = first;

    internal IReadOnlyList<RoomView> All => _views;

    internal IReadOnlyList<string> Names => [.. _views.Select(view => view.Name)];

    internal RoomView? Find(ChatRoom room) => _views.Find(view => view.Room == room);

    internal RoomView? Find(string name) => _views.Find(view => view.Name == name);

    internal void Show(RoomView view)
    {
        if (!_views.Contains(view))
        {
            _views.Add(view);
        }

        Current = view;
    }

    /// <summary>Takes a room out that is over. False: there is none left.</summary>
    internal bool Remove(RoomView view)
    {
        _views.Remove(view);
        return _views.Count > 0;
    }

    /// <summary>Names the other rooms in which something is unread.</summary>
    internal string Unread() =>
        string.Join(' ', _views.Where(view => view != Current && view.Unread > 0).Select(view => $"● {view.Name} {view.Unread}"));
}
