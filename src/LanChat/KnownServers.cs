using System.Diagnostics.CodeAnalysis;
using System.Net;
using LanChat.Security;

namespace LanChat;

/// <summary>The servers that were connected to before, each with its key: who answers at a known address with another key is refused (docs/protocol.md, section 5).</summary>
/// <remarks>
/// <para>Kept in a file of text that only its user may read or change, and read afresh at each use: several clients and processes may share it, and none loses what another
/// keeps. A missing file is an empty one. One that others can change or that is damaged is refused whole, because a pin that is lost silently is no pin.</para>
/// <para>At most 1,000 servers with 16 addresses each are kept; those that were not used for the longest time go. Thread safe.</para>
/// </remarks>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The turn has no handle to release.")]
public sealed class KnownServers
{
    /// <summary>More than anybody meets, and little enough to read whole at each connection.</summary>
    internal const int MaxCount = 1000;

    /// <summary>One server has a few names and addresses; a laptop that wanders gives it a new one now and then.</summary>
    internal const int MaxAddressCount = 16;

    internal const int MaxNameBytes = 255;

    // Changes take turns here before they take the file's lock, for which they would have to ask again and again.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly KnownServersFile? _file;

    // What there is without a file: replaced whole, so that it can be read at any time.
    private volatile IReadOnlyList<KnownServer> _inMemory = [];

    /// <summary>Uses a file. Nothing is read before the first use.</summary>
    /// <param name="path">The file; it and its directory are made when the first server is kept. Null: <c>known_servers</c> in the user's data directory (Linux:
    /// <c>$XDG_DATA_HOME/lanchat</c> or <c>~/.local/share/lanchat</c>).</param>
    public KnownServers(string? path = null)
        : this(new KnownServersFile(System.IO.Path.GetFullPath(path ?? System.IO.Path.Combine(UserDataDirectory.Root, "known_servers"))))
    {
    }

    private KnownServers(KnownServersFile? file) => _file = file;

    /// <summary>Gets those in the user's own file, which is what clients use that were not told otherwise.</summary>
    public static KnownServers Default { get; } = new();

    /// <summary>Gets the file's path; null when they are kept in memory only.</summary>
    public string? Path => _file?.Path;

    /// <summary>Gets all of them, as they are at this moment; in no order.</summary>
    /// <exception cref="ChatException">The file cannot be read; the message says why and what to do.</exception>
    public IReadOnlyList<KnownServer> All => _file?.Read() ?? _inMemory;

    /// <summary>Makes a list that is empty at first and is never written down: every server is new to every start.</summary>
    public static KnownServers InMemory() => new(file: null);

    /// <summary>Says whether a server was connected to before, at whatever address.</summary>
    /// <exception cref="ChatException">The file cannot be read; the message says why and what to do.</exception>
    public bool Contains(ServerId id) => All.Any(server => server.Id == id);

    /// <summary>Forgets which server answers at an address: whoever does next is taken on trust. If the address names an id, that server is forgotten too, wherever it was met.</summary>
    /// <param name="address">Where it is, and perhaps who.</param>
    /// <param name="cancellationToken">Gives up, as long as nothing is changed.</param>
    /// <returns>Whether there was something to forget.</returns>
    /// <exception cref="ChatException">The file cannot be read or written; the message says why and what to do.</exception>
    public async ValueTask<bool> ForgetAsync(ServerAddress address, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        string? key = KeyOf(address);
        int changes = await ChangeAsync(Forget, cancellationToken).ConfigureAwait(false);
        return changes > 0;

        int Forget(List<KnownServer> servers)
        {
            int forgotten = servers.RemoveAll(server => server.Id == address.Id);
            for (int i = 0; i < servers.Count; i++)
            {
                if (key is not null && servers[i].Addresses.Contains(key))
                {
                    servers[i] = servers[i] with { Addresses = [.. servers[i].Addresses.Where(other => other != key)] };
                    forgotten++;
                }
            }

            return forgotten;
        }
    }

    /// <summary>Forgets a server, with all its addresses.</summary>
    /// <param name="id">Who it is.</param>
    /// <param name="cancellationToken">Gives up, as long as nothing is changed.</param>
    /// <returns>Whether it was known.</returns>
    /// <exception cref="ChatException">The file cannot be read or written; the message says why and what to do.</exception>
    public async ValueTask<bool> ForgetAsync(ServerId id, CancellationToken cancellationToken = default) =>
        await ChangeAsync(servers => servers.RemoveAll(server => server.Id == id), cancellationToken).ConfigureAwait(false) > 0;

    /// <summary>The form in which an address is compared: one for all spellings of it. Null when no host can be called so.</summary>
    internal static string? KeyOf(ServerAddress address)
    {
        string host = address.Host.TrimEnd('.').ToLowerInvariant();
        if (IPAddress.TryParse(host, out IPAddress? ip))
        {
            host = (ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip).ToString();
        }

        string key = (address with { Host = host }).HostAndPort;
        return KnownServersFormat.IsAddress(key) ? key : null;
    }

    /// <summary>Who is known at an address (<see cref="KeyOf"/>); null when nobody is.</summary>
    internal ServerId? IdAt(string address) => All.FirstOrDefault(server => server.Addresses.Contains(address))?.Id;

    /// <summary>Keeps who answered. An address stays with the server that has it.</summary>
    /// <param name="id">Whose key it was.</param>
    /// <param name="name">The name it announced.</param>
    /// <param name="address">Where, if the user said where (<see cref="KeyOf"/>).</param>
    /// <param name="isNamed">Whether the server is kept also when the address is another's: its key was not taken on trust.</param>
    /// <param name="now">The time of the contact.</param>
    /// <param name="cancellationToken">Gives up, as long as nothing is changed.</param>
    /// <returns>The other server that has the address, if one does.</returns>
    internal async ValueTask<ServerId?> RememberAsync(ServerId id, string name, string? address, bool isNamed, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ServerId? owner = null;
        await ChangeAsync(Remember, cancellationToken).ConfigureAwait(false);
        return owner;

        int Remember(List<KnownServer> servers)
        {
            owner = servers.Find(server => server.Id != id && address is not null && server.Addresses.Contains(address))?.Id;
            if (owner is not null && !isNamed)
            {
                return 0;
            }

            KnownServer? known = servers.Find(server => server.Id == id);
            servers.RemoveAll(server => server.Id == id);
            while (servers.Count >= MaxCount)
            {
                servers.Remove(servers.MinBy(server => server.LastUsed)!);
            }

            IEnumerable<string> addresses = known?.Addresses ?? [];
            if (address is not null && owner is null)
            {
                addresses = addresses.Where(other => other != address).Prepend(address).Take(MaxAddressCount);
            }

            DateTimeOffset second = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds());
            servers.Add(new KnownServer(id, KnownServersFormat.OneLine(name), [.. addresses], known?.FirstUsed ?? second, second));
            return 1;
        }
    }

    /// <summary>Reads, changes and writes in one step, whoever else does the same.</summary>
    private async ValueTask<int> ChangeAsync(Func<List<KnownServer>, int> change, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_file is not null)
            {
                return await _file.ChangeAsync(change, cancellationToken).ConfigureAwait(false);
            }

            List<KnownServer> changed = [.. _inMemory];
            int changes = change(changed);
            _inMemory = changed;
            return changes;
        }
        finally
        {
            _turn.Release();
        }
    }
}
