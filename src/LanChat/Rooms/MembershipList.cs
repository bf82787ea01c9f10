namespace LanChat.Rooms;

/// <summary>The rooms that a session is in, in the order in which it joined them. Almost always that is one room, which costs no list.</summary>
internal struct MembershipList
{
    private Membership? _first;

    // The second and later ones; null while there are none.
    private List<Membership>? _others;

    internal readonly int Count => _first is null ? 0 : 1 + (_others?.Count ?? 0);

    internal readonly Membership this[int index] => index == 0 ? _first! : _others![index - 1];

    /// <summary>The one there is; null if there are none, or more.</summary>
    internal readonly Membership? Only => _others is null ? _first : null;

    internal void Add(Membership membership)
    {
        if (_first is null)
        {
            _first = membership;
        }
        else
        {
            (_others ??= []).Add(membership);
        }
    }

    internal void RemoveAt(int index)
    {
        if (index == 0)
        {
            _first = _others?[0];
        }

        _others?.RemoveAt(Math.Max(index - 1, 0));
        if (_others is { Count: 0 })
        {
            _others = null;
        }
    }

    internal void Clear() => this = default;

    public readonly Enumerator GetEnumerator() => new(this);

    internal struct Enumerator(MembershipList list)
    {
        private int _index = -1;

        public readonly Membership Current => list[_index];

        public bool MoveNext() => ++_index < list.Count;
    }
}
