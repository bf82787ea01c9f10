using System.Net;
using System.Net.Sockets;

namespace LanChat.Connections.Client;

/// <summary>Opens a link that is ready for frames, checked already where it is TLS.</summary>
internal delegate ValueTask<ClientLink> OpenLink(ServerCheck check, CancellationToken cancellationToken);

/// <summary>Where a client's server is: where it was meant to be at first, and where it was found since.</summary>
/// <remarks>Used by one task after the other, never by two.</remarks>
internal sealed class ClientRoute
{
    private static readonly TimeSpan LongestSearch = TimeSpan.FromSeconds(3);

    private readonly ChatClientOptions _options;

    // The way to the address that the user gave; null for a server that was discovered.
    private readonly Func<CancellationToken, ValueTask<ClientLink>>? _transport;

    // Whether to ask the network where the server is now.
    private readonly bool _rediscovers;

    // Where it was discovered; the one that answered comes first.
    private IReadOnlyList<IPEndPoint> _endPoints = [];

    private ClientRoute(ChatClientOptions options, Func<CancellationToken, ValueTask<ClientLink>>? transport, bool rediscovers)
    {
        _options = options;
        _transport = transport;
        _rediscovers = rediscovers && options.Rediscover;
    }

    /// <summary>To an address.</summary>
    internal static ClientRoute To(ServerAddress address, ChatClientOptions options) =>
        new(options, token => ClientLink.ConnectAsync(address.EndPoint, token), rediscovers: true);

    /// <summary>Over a transport of the caller's own, and no other.</summary>
    internal static ClientRoute Over(Func<CancellationToken, ValueTask<ClientLink>> transport, ChatClientOptions options) => new(options, transport, rediscovers: false);

    /// <summary>To the first of these end points that answers with the right key.</summary>
    internal static ClientRoute ToAny(IReadOnlyList<IPEndPoint> endPoints, ChatClientOptions options) =>
        new(options, transport: null, rediscovers: true) { _endPoints = endPoints };

    /// <summary>Opens the first link.</summary>
    internal ValueTask<ClientLink> OpenAsync(ServerCheck check, CancellationToken cancellationToken) =>
        _transport is null ? OpenFirstAsync(_endPoints, check, cancellationToken) : OpenAsync(_transport, check, cancellationToken);

    /// <summary>Gets the ways to come back, to be tried one after the other: where it answered last, where it was meant to be, and where the network says that it is.</summary>
    /// <param name="proved">Whose key was proved; null on plain frames: then nobody else may be asked, for anybody could answer.</param>
    internal IEnumerable<OpenLink> WaysBack(ServerId? proved)
    {
        if (_endPoints.Count > 0)
        {
            yield return (check, token) => OpenFirstAsync(_endPoints, check, token);
        }

        if (_transport is not null)
        {
            yield return (check, token) => OpenAsync(_transport, check, token);
        }

        if (_rediscovers && proved is { } id)
        {
            yield return (check, token) => OpenDiscoveredAsync(id, check, token);
        }
    }

    private async ValueTask<ClientLink> OpenAsync(Func<CancellationToken, ValueTask<ClientLink>> transport, ServerCheck check, CancellationToken cancellationToken)
    {
        ClientLink link = await transport(cancellationToken).ConfigureAwait(false);
        return _options.Plaintext ? link : await ClientTls.ConnectAsync(link, check, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks the network where the server with this key is, and connects to it there.</summary>
    private async ValueTask<ClientLink> OpenDiscoveredAsync(ServerId id, ServerCheck check, CancellationToken cancellationToken)
    {
        // Nobody but this one is looked for, so the search ends as soon as it has answered.
        var looked = KnownServers.InMemory();
        await looked.RememberAsync(id, name: "", address: null, isNamed: true, _options.TimeProvider.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        TimeSpan half = _options.ConnectTimeout / 2;
        var search = new ServerBrowserOptions
        {
            Port = _options.DiscoveryPort,
            Interfaces = _options.DiscoveryInterfaces,
            FindTimeout = TimeSpan.FromMilliseconds(Math.Clamp(half.TotalMilliseconds, 100, LongestSearch.TotalMilliseconds)),
            KnownServers = looked,
            TimeProvider = _options.TimeProvider,
            LoggerFactory = _options.LoggerFactory,
        };
        IReadOnlyList<DiscoveredServer> servers = await ServerBrowser.SearchAsync(window: null, search, network: null, cancellationToken).ConfigureAwait(false);
        DiscoveredServer? found = servers.FirstOrDefault(server => server.Id == id);
        return found is null
            ? throw new ChatException(DisconnectReason.ConnectionReset, $"{check.Where} is not in sight on the network")
            : await OpenFirstAsync(found.EndPoints, check, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tries end points until one answers as it should. Anybody can announce anything, so one that does not is no alarm.</summary>
    private async ValueTask<ClientLink> OpenFirstAsync(IReadOnlyList<IPEndPoint> endPoints, ServerCheck check, CancellationToken cancellationToken)
    {
        var last = new ChatException(DisconnectReason.ConnectionReset, $"cannot connect to {check.Where}: it announces no address");
        foreach (IPEndPoint endPoint in endPoints)
        {
            using var share = new CancellationTokenSource(_options.ConnectTimeout / endPoints.Count, _options.TimeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, share.Token);
            check.EndHandshake();
            try
            {
                ClientLink link = await OpenAsync(token => ClientLink.ConnectAsync(endPoint, token), check, either.Token).ConfigureAwait(false);

                // Plain frames prove nothing: the session's token then goes nowhere else any more.
                _endPoints = _options.Plaintext ? [endPoint] : [endPoint, .. endPoints.Where(other => !other.Equals(endPoint))];
                return link;
            }
            catch (ChatException exception)
            {
                last = exception;
            }
            catch (Exception exception) when (exception is SocketException or IOException)
            {
                last = ChatException.NotConnected(check.Where, _options.Name, DisconnectReason.ConnectionReset, $"{endPoint}: {exception.Message}", exception);
            }
            catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
            {
                last = ChatException.NotConnected(check.Where, _options.Name, DisconnectReason.ConnectionReset, $"{endPoint}: no answer", exception);
            }
        }

        throw last;
    }
}
