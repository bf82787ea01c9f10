using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using LanChat.Diagnostics;
using LanChat.Discovery;

namespace LanChat;

/// <summary>Finds servers on the local network (docs/protocol.md, section 7).</summary>
/// <remarks>It asks on each interface and lists who answers; nothing else puts a server on the list. What is listed is a hint where to connect: who is there is proved by
/// the connection. Memory and work are bounded, whatever the network sends.</remarks>
/// <example>
/// <code>
/// IReadOnlyList&lt;DiscoveredServer&gt; servers = await ServerBrowser.FindAllAsync();
/// if (!ServerBrowser.TryChoose(servers, out DiscoveredServer? server))
/// {
///     server = Ask(servers); // none, or several: that is for a person
/// }
/// </code>
/// </example>
public static class ServerBrowser
{
    /// <summary>Follows which servers there are: first the ones that answer now, then every change, until it is cancelled or broken off.</summary>
    /// <param name="options">The settings; null for the defaults.</param>
    /// <param name="cancellationToken">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The changes. A slow reader gets the latest for each server. The sockets are open while it is enumerated, and closed when the enumeration has ended.</returns>
    /// <exception cref="ChatException">From the enumeration: the known servers cannot be read. The message says why and what to do.</exception>
    public static IAsyncEnumerable<DiscoveryEvent> BrowseAsync(ServerBrowserOptions? options = null, CancellationToken cancellationToken = default) =>
        EnumerateAsync(options ?? new ServerBrowserOptions(), network: null, cancellationToken);

    /// <summary>Looks who is there, and lists it: known servers first, those whose names clash last, each by name.</summary>
    /// <param name="window">How long to look. When null, it is as long as needed: until a known server has answered where there is only one, else
    /// <see cref="ServerBrowserOptions.QuietTime"/> after the first one, or <see cref="ServerBrowserOptions.FindTimeout"/> when there is none.</param>
    /// <param name="options">The settings; null for the defaults.</param>
    /// <param name="cancellationToken">Gives the search up.</param>
    /// <returns>The servers; none when nobody answered.</returns>
    /// <exception cref="ChatException">From the task: the known servers cannot be read. The message says why and what to do.</exception>
    public static Task<IReadOnlyList<DiscoveredServer>> FindAllAsync(TimeSpan? window = null, ServerBrowserOptions? options = null, CancellationToken cancellationToken = default) =>
        Activities.TraceAsync(
            Activities.Find,
            (window, options: options ?? new ServerBrowserOptions(), cancellationToken),
            static one => new ValueTask<IReadOnlyList<DiscoveredServer>>(SearchAsync(one.window, one.options, network: null, one.cancellationToken))).AsTask();

    /// <summary>Finds the server that the user means: the known one, or the only one.</summary>
    /// <param name="options">The settings; null for the defaults.</param>
    /// <param name="cancellationToken">Gives the search up.</param>
    /// <exception cref="ChatException">Nobody answered, it is for a person to choose, or the known servers cannot be read. The message says what to check, or lists the servers.</exception>
    public static async Task<DiscoveredServer> FindAsync(ServerBrowserOptions? options = null, CancellationToken cancellationToken = default) =>
        Choose(await FindAllAsync(null, options, cancellationToken).ConfigureAwait(false), (options ?? new ServerBrowserOptions()).Port);

    /// <summary>Chooses for the user where nothing can go wrong by it: the only known server, or where none is known the only server there is.</summary>
    /// <param name="servers">What was found.</param>
    /// <param name="server">The choice.</param>
    /// <returns>False when there is none, or a person has to choose. A server whose name clashes with another's is never chosen.</returns>
    public static bool TryChoose(IReadOnlyList<DiscoveredServer> servers, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out DiscoveredServer? server)
    {
        ArgumentNullException.ThrowIfNull(servers);
        DiscoveredServer[] known = [.. servers.Where(found => found.Trust == DiscoveredTrust.Known)];
        server = known.Length switch
        {
            1 => known[0],
            0 when servers is [{ Trust: DiscoveredTrust.New } only] => only,
            _ => null,
        };
        return server is not null;
    }

    /// <summary>Chooses like <see cref="TryChoose"/>, or says why not.</summary>
    /// <param name="servers">What was found.</param>
    /// <param name="port">The <see cref="ServerBrowserOptions.Port"/> it was looked for on, which the message names. Defaults to 5005.</param>
    /// <exception cref="ChatException">There is none, or a person has to choose. The message says what to check, or lists the servers.</exception>
    public static DiscoveredServer Choose(IReadOnlyList<DiscoveredServer> servers, int port = BeaconLayout.DefaultPort)
    {
        if (TryChoose(servers, out DiscoveredServer? server))
        {
            return server;
        }

        throw servers.Count == 0
            ? new ChatException(
                DisconnectReason.ConnectionReset,
                string.Create(CultureInfo.InvariantCulture, $"no server was found: is one running, on this same network? If so, let UDP port {port} through its firewall and this machine's; guest ")
                + "Wi-Fi often keeps its clients apart; macOS asks for the Local Network permission. Or name the server's address (--server HOST in LanChat.Client)")
            : new ChatException(DisconnectReason.Aborted, ManyServers(servers));
    }

    internal static async IAsyncEnumerable<DiscoveryEvent> EnumerateAsync(
        ServerBrowserOptions options, IDatagramNetwork? network, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var browser = Open(options, network);
        await using (browser.ConfigureAwait(false))
        {
            browser.Start();
            while (true)
            {
                while (browser.Feed.TryTake(out DiscoveryEvent? change))
                {
                    yield return change;
                }

                await browser.Feed.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    internal static async Task<IReadOnlyList<DiscoveredServer>> SearchAsync(TimeSpan? window, ServerBrowserOptions options, IDatagramNetwork? network, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var browser = Open(options, network);
        await using (browser.ConfigureAwait(false))
        {
            browser.Start();
            if (window is { } span)
            {
                await Task.Delay(span, options.TimeProvider, cancellationToken).ConfigureAwait(false);
                return browser.Servers;
            }

            try
            {
                await browser.Enough.WaitAsync(options.FindTimeout, options.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // Nobody, or not for long enough: then it is who is there.
            }

            return browser.Servers;
        }
    }

    // A test that brings a network along brings what is known along too.
    private static Browser Open(ServerBrowserOptions options, IDatagramNetwork? network) => network is not null
        ? new Browser(options, network)
        : new Browser(
            options.Read(), new SocketNetwork(options.Port, new CardFilter(options.Interfaces, options.LoopbackOnly), options.TimeProvider, options.LoggerFactory));

    private static string ManyServers(IReadOnlyList<DiscoveredServer> servers)
    {
        // A screen full; nobody chooses among hundreds by a message.
        const int MaxListed = 16;
        var text = new StringBuilder(servers.Count == 1 ? "the only server has the name of another: compare its key" : "there are several servers: choose one by its address (--server HOST:PORT in LanChat.Client)");
        foreach (DiscoveredServer server in servers.Take(MaxListed))
        {
            string trust = server.Trust switch
            {
                DiscoveredTrust.Known => "known",
                DiscoveredTrust.New => "new",
                _ => "NAME OF ANOTHER",
            };
            text.Append(CultureInfo.InvariantCulture, $"\n  {server.Address.HostAndPort}  {server.Id.Fingerprint}  {trust}  \"{server.Name}\"");
        }

        return servers.Count > MaxListed ? text.Append(CultureInfo.InvariantCulture, $"\n  and {servers.Count - MaxListed} more").ToString() : text.ToString();
    }
}
