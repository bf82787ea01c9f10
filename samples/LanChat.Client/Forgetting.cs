namespace LanChat.Samples;

/// <summary>What <c>--forget</c> means when it is not said of which server.</summary>
internal static class Forgetting
{
    /// <summary>Gets the servers that may be meant: they have a known one's name, but not its key. Anybody can announce a name, so only one such server says which.</summary>
    internal static IReadOnlyList<DiscoveredServer> Candidates(IReadOnlyList<DiscoveredServer> servers) =>
        [.. servers.Where(server => server.Trust == DiscoveredTrust.NameClash)];

    /// <summary>Forgets who had the name of a server before it. Whoever is in sight has shown the key that is known, and was not set up anew.</summary>
    /// <returns>Whether there was something to forget.</returns>
    /// <exception cref="ChatException">What is known cannot be read or written.</exception>
    internal static async Task<bool> ForgetBeforeAsync(DiscoveredServer anew, IReadOnlyList<DiscoveredServer> servers, KnownServers known)
    {
        bool any = false;
        foreach (KnownServer before in known.All.Where(before => before.Name == anew.Name && servers.All(server => server.Id != before.Id)))
        {
            any |= await known.ForgetAsync(before.Id);
        }

        return any;
    }
}
