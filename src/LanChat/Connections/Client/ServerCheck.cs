using LanChat.Text;

namespace LanChat.Connections.Client;

/// <summary>Decides whether who answers is the server that was meant: by its key in TLS, then by its WELCOME. Keeps a server that is new.</summary>
/// <remarks>What is known is read when the check is made, before anything is sent, so a file that cannot be trusted stops the connection at its beginning. One for each connection; used by one
/// task after the other, never by two.</remarks>
internal sealed class ServerCheck
{
    /// <summary>What the server is told that was refused for its id.</summary>
    internal const string AnotherServer = "another server was expected";

    private readonly KnownServers _known;
    private readonly Origin _origin;

    // The pin of the address, if the user gave one that is compared: KnownServers.KeyOf.
    private readonly string? _address;

    // Who must answer; null when it may be anybody.
    private readonly ServerId? _meant;
    private readonly bool _wasKnown;

    private ServerCheck(string where, KnownServers known, Origin origin, string? address, ServerId? meant, bool wasKnown)
    {
        (Where, _known, _origin, _address, _meant, _wasKnown) = (where, known, origin, address, meant, wasKnown);
    }

    private enum Origin
    {
        /// <summary>The user gave an address: its pin holds, if there is one.</summary>
        Address,

        /// <summary>A link said who must answer.</summary>
        Link,

        /// <summary>It was discovered, by its id.</summary>
        Discovery,

        /// <summary>It is the one that this client was connected to before.</summary>
        Return,
    }

    /// <summary>Gets how messages and log lines call the server.</summary>
    internal string Where { get; }

    /// <summary>Gets whose key TLS has proved; null on plain frames.</summary>
    internal ServerId? ProvedId { get; private set; }

    internal ServerTrust Trust => this switch
    {
        { ProvedId: null } => ServerTrust.Plain,
        { _wasKnown: true } => ServerTrust.Known,
        { _origin: Origin.Link } => ServerTrust.Named,
        _ => ServerTrust.New,
    };

    /// <summary>Gets why who answered was refused; null when it was not.</summary>
    internal ChatException? Refusal { get; private set; }

    /// <summary>Gets whether TLS is being negotiated: a timeout then says so.</summary>
    internal bool IsHandshaking { get; private set; }

    /// <summary>For a server whose address the user, or a link, gave.</summary>
    /// <exception cref="ChatException">The known servers cannot be read, or it is no address.</exception>
    internal static ServerCheck ForAddress(ServerAddress address, KnownServers known)
    {
        string key = KnownServers.KeyOf(address)
            ?? throw ChatException.NotConnected(TextRules.SanitizeToLine(address.HostAndPort), name: "", DisconnectReason.ConnectionReset, "no host can be called so");
        ServerId? meant = address.Id ?? known.IdAt(key);
        bool wasKnown = address.Id is { } id ? known.Contains(id) : meant is not null;
        return new ServerCheck(address.HostAndPort, known, address.Id is null ? Origin.Address : Origin.Link, key, meant, wasKnown);
    }

    /// <summary>For a server that was discovered.</summary>
    /// <exception cref="ChatException">The known servers cannot be read.</exception>
    internal static ServerCheck ForDiscovered(string name, ServerId id, KnownServers known) =>
        new(TextRules.SanitizeToLine(name), known, Origin.Discovery, address: null, id, known.Contains(id));

    /// <summary>For a later connection to the same server: whose key was proved once must be proved again, wherever it answers now. On plain frames it is as it was the first time.</summary>
    internal ServerCheck ForReturn() => ProvedId is { } id
        ? new ServerCheck(Where, _known, Origin.Return, _address, id, wasKnown: true)
        : new ServerCheck(Where, _known, _origin, _address, _meant, _wasKnown);

    /// <summary>TLS begins, with this server or with the next one that may be it.</summary>
    internal void BeginHandshake()
    {
        IsHandshaking = true;
        Refusal = null;
        ProvedId = null;
    }

    /// <summary>TLS is over, in whatever way.</summary>
    internal void EndHandshake() => IsHandshaking = false;

    /// <summary>Says whether the key that TLS has proved is the right one, else why not (<see cref="Refusal"/>).</summary>
    internal bool AcceptKey(ServerId id)
    {
        Refusal = _meant is null || _meant == id ? null : Refuse(id);
        ProvedId = Refusal is null ? id : null;
        return Refusal is null;
    }

    /// <summary>Says whether the server calls itself in CHALLENGE and WELCOME what it was found to be, else why not (<see cref="Refusal"/>). Plain frames prove nothing; but who says that it
    /// is another is believed.</summary>
    internal bool AcceptClaim(ReadOnlySpan<byte> serverId)
    {
        var id = new ServerId(serverId);
        if (ProvedId is { } proved)
        {
            Refusal = id == proved ? null : Refused(
                $"{Where} has the key {proved.Fingerprint}, but says that it is {Name(id)}. Something in between may pass on another server's words: do not use it.");
        }
        else
        {
            Refusal = _meant is null || _meant == id ? null : Refuse(id);
        }

        return Refusal is null;
    }

    /// <summary>Keeps the server that has welcomed us. Plain frames leave nothing behind.</summary>
    /// <exception cref="ChatException">A new server cannot be kept, or another one was kept for this address in the meantime.</exception>
    internal async ValueTask KeepAsync(string serverName, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (ProvedId is not { } id)
        {
            return;
        }

        ServerId? owner;
        try
        {
            owner = await _known.RememberAsync(id, serverName, _address, isNamed: _origin != Origin.Address, now, cancellationToken).ConfigureAwait(false);
        }
        catch (ChatException) when (_wasKnown)
        {
            // Nothing but the time of its last use is lost.
            return;
        }

        if (owner is { } other && _origin == Origin.Address)
        {
            throw Changed(other, id);
        }
    }

    private ChatException Refuse(ServerId id) => _origin switch
    {
        Origin.Address => Changed(_meant!.Value, id),
        Origin.Link => Refused(
            $"{Where} has another key than the link names. Either the link is old or for another server, or somebody is in between who would read and change everything. "
            + $"The link names {_meant!.Value.Fingerprint}, the server has {Name(id)}: ask who runs the server for a new link."),
        Origin.Return => Refused($"another server, {Name(id)}, answers where {Where} was, {_meant!.Value.Fingerprint}"),
        _ => Refused($"'{Where}' was not found where it was announced: another server, {Name(id)}, answers there instead of {_meant!.Value.Fingerprint}; search again"),
    };

    private ChatException Changed(ServerId old, ServerId id) => Refused(
        $"{Where} has another key than at the last contact. Either the server was set up anew, or somebody is in between who would read and change everything. "
        + $"The key was {old.Fingerprint}, now it is {Name(id)}: if who runs the server says that this is right, forget the old key (--forget in LanChat.Client, KnownServers.ForgetAsync in code).");

    private static string Name(ServerId id) => id == default ? "unknown" : id.Fingerprint;

    private static ChatException Refused(string text) => new(DisconnectReason.NotProved, text);
}
