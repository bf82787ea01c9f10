using LanChat.Samples.Terminal;

namespace LanChat.Samples;

/// <summary>The server that the command line means: the one it names, or one that is found on the network. A person is asked where there are several; a program is not.</summary>
internal sealed class ServerChoice(ClientSettings settings)
{
    private readonly KnownServers _known = KnownServers.Default;
    private OperatorToken? _token;

    /// <summary>Settles on a server and gives back how to connect to it; null when nobody was chosen, and that was said.</summary>
    /// <exception cref="ChatException">None was found, or what is known, or the operator's token, cannot be read.</exception>
    internal async Task<Connect?> MakeAsync(bool canAsk, CancellationToken cancelled)
    {
        _token = settings.OperatorFile is { } path ? OperatorToken.Load(path) : null;
        if (settings.Server is { } address)
        {
            if (settings.Forgets)
            {
                await _known.ForgetAsync(address, cancelled);
            }

            return (name, code, token) => ChatClient.ConnectAsync(address, Options(name, code), token).AsTask();
        }

        if (await FindAsync(canAsk, cancelled) is not { } found)
        {
            return null;
        }

        return (name, code, token) => ChatClient.ConnectAsync(found, Options(name, code), token).AsTask();
    }

    private async Task<DiscoveredServer?> FindAsync(bool canAsk, CancellationToken cancelled)
    {
        IReadOnlyList<DiscoveredServer> servers = await SearchAsync(cancelled);
        if (settings.Forgets)
        {
            IReadOnlyList<DiscoveredServer> candidates = Forgetting.Candidates(servers);
            if (candidates.Count > 1)
            {
                await ServerList.PrintAsync(
                    ConsoleLines.Errors.Unfolded, candidates, "several servers clash: name the one you mean with --server HOST:PORT --forget", withOptions: true);
                return null;
            }

            if (candidates is [var anew] && await Forgetting.ForgetBeforeAsync(anew, servers, _known))
            {
                servers = await SearchAsync(cancelled);
            }
        }

        if (servers.Count == 0 || ServerBrowser.TryChoose(servers, out _))
        {
            return ServerBrowser.Choose(servers, settings.DiscoveryPort);
        }

        string title = servers.Count == 1 ? "the only server has the name of another one, but not its key:" : "there are several servers:";
        await ServerList.PrintAsync((canAsk ? ConsoleLines.Output : ConsoleLines.Errors).Unfolded, servers, title, withOptions: !canAsk);
        if (canAsk)
        {
            return await AskAsync(servers, cancelled);
        }

        await ConsoleLines.Errors.WriteLineAsync("choose one with --server HOST:PORT");
        return null;
    }

    private Task<IReadOnlyList<DiscoveredServer>> SearchAsync(CancellationToken cancelled) => ServerBrowser.FindAllAsync(
        window: null, new ServerBrowserOptions { Port = settings.DiscoveryPort, Interfaces = settings.Interfaces, KnownServers = _known }, cancelled);

    private static async Task<DiscoveredServer?> AskAsync(IReadOnlyList<DiscoveredServer> servers, CancellationToken cancelled)
    {
        while (true)
        {
            await ConsoleLines.Output.WriteAsync($"Which one? (1 to {servers.Count}, Enter for none) ");
            string? answer = await Task.Run(Console.ReadLine, CancellationToken.None).WaitAsync(cancelled);
            if (string.IsNullOrWhiteSpace(answer))
            {
                return null;
            }

            if (int.TryParse(answer, out int number) && number >= 1 && number <= servers.Count)
            {
                return servers[number - 1];
            }
        }
    }

    private ChatClientOptions Options(string name, JoinCode? code) => new()
    {
        Name = name,
        JoinCode = code,
        OperatorToken = _token,
        ConnectTimeout = settings.Timeout,
        Plaintext = settings.IsPlain,
        KnownServers = _known,
        Reconnect = settings.Reconnects,
        DiscoveryPort = settings.DiscoveryPort,
        DiscoveryInterfaces = settings.Interfaces,
    };
}
