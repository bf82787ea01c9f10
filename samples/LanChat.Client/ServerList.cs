namespace LanChat.Samples;

/// <summary>Servers that were found, as rows to choose from.</summary>
internal static class ServerList
{
    /// <summary>Draws a server as a row. Its name comes last and in quotes: whatever it is, it cannot look like the other columns.</summary>
    internal static string Row(int number, DiscoveredServer server)
    {
        string trust = server.Trust switch
        {
            DiscoveredTrust.Known => "known",
            DiscoveredTrust.New => "new",
            _ => "NOT the one you know by this name, or one of several with it",
        };
        string members = new MembersChanged { Members = server.Members }.ToText().TrimStart('*', ' ');
        string code = server.NeedsJoinCode ? "  join code" : "";
        return $"{number,3}  {server.Address with { Id = null }}  {members}{code}  {server.Id.Fingerprint}  {trust}  \"{server.Name}\"";
    }

    /// <summary>Gets the option that means this server and no other: its address with its key. In quotes, because shells have a use for brackets.</summary>
    internal static string ServerOption(DiscoveredServer server) => $"--server \"{server.Address}\"";

    /// <summary>Prints all of them.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="servers">The servers, at least one.</param>
    /// <param name="title">What there is to say about them.</param>
    /// <param name="withOptions">Whether each is followed by what to put on the command line.</param>
    internal static async Task PrintAsync(TextWriter output, IReadOnlyList<DiscoveredServer> servers, string title, bool withOptions)
    {
        await output.WriteLineAsync(title);
        for (int i = 0; i < servers.Count; i++)
        {
            await output.WriteLineAsync(Row(i + 1, servers[i]));
            if (withOptions)
            {
                await output.WriteLineAsync($"     {ServerOption(servers[i])}");
            }
        }
    }
}
