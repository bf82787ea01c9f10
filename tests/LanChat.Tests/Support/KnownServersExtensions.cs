namespace LanChat.Tests.Support;

/// <summary>Known servers for tests in which nobody else has the file: nothing waits, so there is nothing to await.</summary>
internal static class KnownServersExtensions
{
    internal static ServerId? Remember(this KnownServers known, ServerId id, string name, string? address, bool isNamed, DateTimeOffset now) =>
        known.RememberAsync(id, name, address, isNamed, now, CancellationToken.None).AsTask().GetAwaiter().GetResult();

    internal static bool Forget(this KnownServers known, ServerAddress address) => known.ForgetAsync(address).AsTask().GetAwaiter().GetResult();

    internal static bool Forget(this KnownServers known, ServerId id) => known.ForgetAsync(id).AsTask().GetAwaiter().GetResult();
}
