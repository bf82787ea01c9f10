namespace LanChat;

/// <summary>A server that was connected to before, and by whose key it is known again.</summary>
/// <param name="Id">Whose key it is.</param>
/// <param name="Name">The name that it went by at the last contact; anybody may take the same. Safe to print.</param>
/// <param name="Addresses">Where it answered, as <c>host:port</c>: addresses that were given by the user, the last used first. None for a server that was only ever discovered.</param>
/// <param name="FirstUsed">When it was first connected to, in UTC, to the second.</param>
/// <param name="LastUsed">When it was last connected to, in UTC, to the second.</param>
public sealed record KnownServer(ServerId Id, string Name, IReadOnlyList<string> Addresses, DateTimeOffset FirstUsed, DateTimeOffset LastUsed);
