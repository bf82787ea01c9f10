namespace LanChat.Tests.Support;

/// <summary>How this library's clients connect to its servers in tests over real sockets.</summary>
internal static class TestClient
{
    /// <summary>Gets options for an encrypted connection that leave nothing behind, and ask nobody on the network when the server is gone.</summary>
    internal static ChatClientOptions Options => new() { KnownServers = KnownServers.InMemory(), Rediscover = false };
}
