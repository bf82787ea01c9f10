using System.Net;
using LanChat.Text;

namespace LanChat.Discovery;

/// <summary>The servers in sight: bounded in all and for each address, whatever is sent. Its caller takes care that one thread at a time is here, and that answers are
/// genuine.</summary>
internal sealed class BrowseTable
{
    private readonly Dictionary<ServerId, BrowseEntry> _entries = [];
    private readonly HashSet<ServerId> _knownIds;
    private readonly HashSet<string> _knownNames;
    private readonly int _maxServers;
    private readonly int _maxPerAddress;
    private readonly ChangeFeed _feed;

    internal BrowseTable(ServerBrowserOptions options, ChangeFeed feed)
    {
        _knownIds = [.. options.Known.Select(known => known.Id)];
        _knownNames = [.. options.Known.Select(known => NameKey.Of(Label.Of(known.Name))).Where(key => key.Length > 0)];
        _maxServers = options.MaxServers;
        _maxPerAddress = options.MaxServersPerAddress;
        _feed = feed;
    }

    /// <summary>Gets the servers: known ones first, those whose names clash last, each by name.</summary>
    internal IReadOnlyList<DiscoveredServer> Servers =>
    [
        .. _entries.Values.Select(entry => entry.Server!)
            .OrderBy(server => server.Trust).ThenBy(server => server.Name, StringComparer.Ordinal).ThenBy(server => server.Id.ToString(), StringComparer.Ordinal),
    ];

    /// <summary>Gets when the next one is lost if it is not heard from.</summary>
    internal TimeSpan NextLost => _entries.Count == 0 ? TimeSpan.MaxValue : _entries.Values.Min(entry => entry.LostAt);

    internal int Count => _entries.Count;

    internal bool IsKnown(ServerId id) => _knownIds.Contains(id);

    internal BrowseEntry? Find(ServerId id) => _entries.GetValueOrDefault(id);

    /// <summary>Says whether there is a place for an answer and it is newer than the last one of that server: asked before it is checked, which costs more. Counts one for which there is no place.</summary>
    internal bool Wants(in BeaconPacket answer, IPAddress source)
    {
        if (_entries.TryGetValue(answer.Id, out BrowseEntry? entry))
        {
            return answer.Epoch > entry.Epoch || (answer.Epoch == entry.Epoch && answer.Sequence > entry.Sequence);
        }

        bool hasPlace = IsKnown(answer.Id)
            ? _entries.Count < _maxServers || _entries.Values.Any(other => !other.IsKnown)
            : _entries.Count < _maxServers && CountFrom(source) < _maxPerAddress;
        return BeaconPacket.IsTaken(hasPlace ? BeaconDefect.None : BeaconDefect.NoPlace);
    }

    /// <summary>Takes an answer that <see cref="Wants"/> agreed to.</summary>
    /// <param name="answer">What the server says; genuine.</param>
    /// <param name="source">Where it came from.</param>
    /// <param name="extra">Where else the server says it is, as far as it can be reached.</param>
    /// <param name="now">The browser's time.</param>
    /// <param name="seen">The clock's.</param>
    /// <returns>The server's place on the list.</returns>
    internal BrowseEntry Take(in BeaconPacket answer, IPAddress source, IEnumerable<IPAddress> extra, TimeSpan now, DateTimeOffset seen)
    {
        if (!_entries.TryGetValue(answer.Id, out BrowseEntry? entry))
        {
            if (_entries.Count >= _maxServers)
            {
                // The one that was heard from least lately.
                Remove(_entries.Values.Where(other => !other.IsKnown).MinBy(other => other.ExpiresAt)!, ServerLostReason.Expired);
            }

            entry = new BrowseEntry(answer.Id, IsKnown(answer.Id), source);
            _entries.Add(answer.Id, entry);
        }

        entry.Take(answer, extra.Prepend(source), now, seen);
        Judge();
        _feed.Set(entry.Server!);
        return entry;
    }

    /// <summary>Takes off what has not been heard from for too long.</summary>
    internal void Expire(TimeSpan now)
    {
        foreach (BrowseEntry entry in _entries.Values.Where(entry => entry.LostAt <= now).ToArray())
        {
            Remove(entry, entry.GoodbyeAt is null ? ServerLostReason.Expired : ServerLostReason.SaidGoodbye);
        }
    }

    private void Remove(BrowseEntry entry, ServerLostReason reason)
    {
        _entries.Remove(entry.Id);
        _feed.Remove(entry.Id, reason);
        Judge();
    }

    private int CountFrom(IPAddress source) => _entries.Values.Count(entry => !entry.IsKnown && entry.Source.Equals(source));

    /// <summary>Finds whose names clash: each coming, going or new name may change it for others.</summary>
    private void Judge()
    {
        var uses = _entries.Values.CountBy(entry => entry.NameKey).ToDictionary();
        foreach (BrowseEntry entry in _entries.Values)
        {
            DiscoveredServer before = entry.Server!;
            bool clashes = entry.NameKey.Length > 0 && (uses[entry.NameKey] > 1 || _knownNames.Contains(entry.NameKey));
            entry.SetTrust(entry.IsKnown ? DiscoveredTrust.Known : clashes ? DiscoveredTrust.NameClash : DiscoveredTrust.New);
            if (!ReferenceEquals(entry.Server, before))
            {
                _feed.Set(entry.Server!);
            }
        }
    }
}
