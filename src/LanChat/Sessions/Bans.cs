using System.Net;

namespace LanChat.Sessions;

/// <summary>Who may not come in: names, and the addresses at which their bearers were when they were banned. Any thread may call it.</summary>
/// <remarks>They last until they are lifted or the server's process ends; nothing is written to disk. There are so many at most, and none gives way to another, because whoever was banned
/// must not come back by having others banned. Names go by their comparison key, so one that looks like a banned name is banned.</remarks>
internal sealed class Bans(ChatServerOptions options)
{
    private readonly Lock _gate = new();

    // Under the gate.
    private readonly Dictionary<string, Ban> _byKey = new(StringComparer.Ordinal);

    // Under the gate: how many bans hold for an address.
    private readonly Dictionary<IPAddress, int> _byAddress = [];

    /// <summary>Gets all of them, the oldest first.</summary>
    internal IReadOnlyList<Ban> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _byKey.Values.OrderBy(ban => ban.Since)];
            }
        }
    }

    /// <summary>Bans a name; one that is banned stays so. Whoever bears it is to be looked for after this.</summary>
    /// <returns>False when there are as many bans as there may be.</returns>
    internal bool TryAdd(SessionName name)
    {
        Interleave.Point(Access.Change, this);
        lock (_gate)
        {
            if (_byKey.ContainsKey(name.Key))
            {
                return true;
            }

            if (_byKey.Count >= options.MaxBans)
            {
                return false;
            }

            _byKey.Add(name.Key, new Ban(name.Text, Address: null, options.TimeProvider.GetUtcNow()));
            return true;
        }
    }

    /// <summary>Has the ban of a name hold for an address too, if it has not been lifted.</summary>
    internal void AddAddress(string key, IPAddress address)
    {
        Interleave.Point(Access.Change, this);
        lock (_gate)
        {
            if (_byKey.TryGetValue(key, out Ban? ban) && ban.Address is null)
            {
                _byKey[key] = ban with { Address = address };
                _byAddress[address] = _byAddress.GetValueOrDefault(address) + 1;
            }
        }
    }

    /// <summary>Lifts a ban. False when there is none.</summary>
    internal bool Remove(string key)
    {
        Interleave.Point(Access.Change, this);
        lock (_gate)
        {
            if (!_byKey.Remove(key, out Ban? ban))
            {
                return false;
            }

            // An address stays banned as long as another ban holds for it.
            if (ban.Address is { } address && --_byAddress[address] == 0)
            {
                _byAddress.Remove(address);
            }

            return true;
        }
    }

    /// <summary>Says whether a name is banned, given as its comparison key.</summary>
    internal bool Has(string key)
    {
        Interleave.Point(Access.Read, this);
        lock (_gate)
        {
            return _byKey.ContainsKey(key);
        }
    }

    /// <summary>Says whether an address is banned.</summary>
    internal bool Has(IPAddress address)
    {
        Interleave.Point(Access.Read, this);
        lock (_gate)
        {
            return _byAddress.ContainsKey(address);
        }
    }
}
