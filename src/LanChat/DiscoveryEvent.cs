namespace LanChat;

/// <summary>A change in what <see cref="ServerBrowser.BrowseAsync"/> sees. The kinds are the records derived from it.</summary>
/// <param name="Server">The server, as it is now; as it was last when it is lost.</param>
public abstract record DiscoveryEvent(DiscoveredServer Server);

/// <summary>A server is in sight. It comes once for each, until the server is lost.</summary>
/// <param name="Server">The server.</param>
public sealed record ServerFound(DiscoveredServer Server) : DiscoveryEvent(Server);

/// <summary>A server says something else than before, or was started again (<see cref="DiscoveredServer.Epoch"/>).</summary>
/// <param name="Server">The server, as it is now.</param>
public sealed record ServerUpdated(DiscoveredServer Server) : DiscoveryEvent(Server);

/// <summary>A server is out of sight.</summary>
/// <param name="Server">The server, as it was last.</param>
/// <param name="Reason">Why.</param>
public sealed record ServerLost(DiscoveredServer Server, ServerLostReason Reason) : DiscoveryEvent(Server);

/// <summary>Why a server is out of sight.</summary>
public enum ServerLostReason
{
    /// <summary>It has not answered for as long as its answers hold.</summary>
    Expired,

    /// <summary>It said goodbye, and does not answer any more.</summary>
    SaidGoodbye,
}
