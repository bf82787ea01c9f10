namespace LanChat.Samples;

/// <summary>What the command line says.</summary>
internal sealed record ClientSettings
{
    /// <summary>Where the server is; null: it is to be found on the network.</summary>
    internal required ServerAddress? Server { get; init; }

    /// <summary>The name to go by; empty: a person is asked for one, or the server gives one.</summary>
    internal required string Name { get; init; }

    internal required string Room { get; init; }

    internal required TimeSpan Timeout { get; init; }

    internal required int DiscoveryPort { get; init; }

    /// <summary>The network interfaces to look on; none: all usable ones.</summary>
    internal required IReadOnlyList<string> Interfaces { get; init; }

    internal required bool IsPlain { get; init; }

    /// <summary>How messages travel.</summary>
    internal required TransportChoice Transport { get; init; }

    /// <summary>Whether to connect again when the server is lost.</summary>
    internal required bool Reconnects { get; init; }

    /// <summary>Whether the key that is known for the server is to be forgotten first.</summary>
    internal required bool Forgets { get; init; }

    /// <summary>The server's join code; null: none, or a person is asked for it.</summary>
    internal required JoinCode? JoinCode { get; init; }

    /// <summary>The file of the token with which to ask for operator rights; null: they are not asked for.</summary>
    internal required string? OperatorFile { get; init; }
}
