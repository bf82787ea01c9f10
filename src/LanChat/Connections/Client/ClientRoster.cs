using LanChat.Framing;
using LanChat.Text;

namespace LanChat.Connections.Client;

/// <summary>Keeps a room's member list as every other member has it: ROSTER says who was there just after one entry, and the entries after that one
/// say who came and went.</summary>
/// <remarks>Entries up to the roster's sequence change nothing: they are in it. After a GAP the list is stale until the ROSTER that follows. A
/// counted room has a number and no names. Everything is guarded by the client's Gate.</remarks>
internal sealed class ClientRoster
{
    // A room beyond 256 members is counted as a rule, and has no names; this only keeps a server from filling our memory.
    private const int MaxNames = 65_536;

    private static readonly string TooManyNames = $"a list of more than {MaxNames} names";

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private string[]? _snapshot;

    // Entries up to this one are in the list already.
    private long _sequence;

    // The list that is being received, over several frames of one sequence; null between lists.
    private List<string>? _partial;
    private long _partialSequence;
    private int _count;

    /// <summary>Gets whether the list is of now. False from JOINED, or a GAP, to the ROSTER that follows.</summary>
    internal bool IsCurrent { get; private set; }

    internal bool IsCounted { get; private set; }

    internal int Count => IsCounted || !IsCurrent ? _count : _names.Count;

    internal IReadOnlyList<string> Names => _snapshot ??= Sorted();

    /// <summary>Starts over: the names known until now stay in sight until the new list is there.</summary>
    internal void OnJoined(bool isCounted, long newest, int members)
    {
        if (isCounted)
        {
            _names.Clear();
            _snapshot = null;
        }

        _partial = null;
        IsCounted = isCounted;
        IsCurrent = isCounted;
        _sequence = newest;
        _count = members;
    }

    internal void OnGap()
    {
        if (!IsCounted)
        {
            _count = _names.Count;
            IsCurrent = false;
        }
    }

    /// <summary>Takes one ROSTER frame. Returns null, or what is wrong with it.</summary>
    internal string? OnRoster(in RosterFrame roster, long lastSequence)
    {
        long sequence = (long)roster.Sequence;
        if (_partial is not null && sequence != _partialSequence)
        {
            return "a roster that goes on at another sequence";
        }

        _partial ??= [];
        _partialSequence = sequence;
        foreach (ReadOnlySpan<byte> name in roster)
        {
            _partial.Add(TextRules.SanitizeToLine(name));
        }

        if (_partial.Count > MaxNames)
        {
            return TooManyNames;
        }

        if (roster.More)
        {
            return null;
        }

        List<string> names = _partial;
        _partial = null;
        return Replace(names, sequence, lastSequence);
    }

    /// <summary>Takes who came. Returns null, or what is wrong with it.</summary>
    internal string? OnCame(string name, long sequence, int members)
    {
        Change(name, isMember: true, sequence, members);
        return _names.Count > MaxNames ? TooManyNames : null;
    }

    internal void OnWent(string name, long sequence, int members) => Change(name, isMember: false, sequence, members);

    /// <summary>Only counted rooms have such entries: the first one makes it one, and the names are dropped.</summary>
    internal void OnCounted(long sequence, int members)
    {
        if (sequence <= _sequence)
        {
            return;
        }

        IsCounted = true;
        IsCurrent = true;
        _count = members;
        _names.Clear();
        _snapshot = null;
    }

    private string? Replace(List<string> names, long sequence, long lastSequence)
    {
        if (IsCounted || (IsCurrent && sequence < Math.Max(lastSequence, _sequence)))
        {
            // A counted room has no names; and a list older than the one kept here (an answer to WHO, overtaken) says nothing new.
            return null;
        }

        if (sequence < lastSequence)
        {
            return "a roster older than the entries before it";
        }

        _names.Clear();
        _names.UnionWith(names);
        _snapshot = null;
        _sequence = sequence;
        IsCurrent = true;
        return null;
    }

    private void Change(string name, bool isMember, long sequence, int members)
    {
        if (sequence <= _sequence)
        {
            return;
        }

        _count = members;
        if (!IsCounted && (isMember ? _names.Add(name) : _names.Remove(name)))
        {
            _snapshot = null;
        }
    }

    private string[] Sorted()
    {
        string[] names = [.. _names];
        Array.Sort(names, StringComparer.Ordinal);
        return names;
    }
}
