using LanChat.Discovery;

namespace LanChat;

/// <summary>Makes a server findable on the local network: it announces the server, answers clients that ask who is there, and says goodbye
/// (docs/protocol.md, section 7).</summary>
/// <remarks>
/// <para>A <see cref="ChatServer"/> has one of its own (<see cref="ChatServer.Beacon"/>); this type is for other programs that serve the protocol.</para>
/// <para>Nothing that the network does makes it fail: it announces on whatever interfaces there are, follows their coming and going, and says in <see cref="Problem"/> what does
/// not work. Every datagram is signed by the server's identity. All members may be called from any thread.</para>
/// </remarks>
public sealed class DiscoveryBeacon : IAsyncDisposable
{
    private readonly Announcer _announcer;

    private DiscoveryBeacon(Announcer announcer) => _announcer = announcer;

    /// <summary>Gets the names of the interfaces on which it announces now.</summary>
    public IReadOnlyList<string> Interfaces => _announcer.Interfaces;

    /// <summary>Gets whether clients that ask everyone are heard. False when another program holds the discovery port for itself: then clients on other machines find the server after
    /// its next announcement, within half a minute, and those on this machine do not, because they cannot listen either.</summary>
    public bool AnswersSolicits => _announcer.AnswersSolicits;

    /// <summary>Gets what does not work and what to do about it; null when everything does.</summary>
    public string? Problem => _announcer.Problem;

    /// <summary>Starts to announce: the first announcement is sent when the task completes.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="cancellationToken">Gives the start up.</param>
    public static Task<DiscoveryBeacon> StartAsync(DiscoveryBeaconOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Start(options));
    }

    /// <summary>Says that what <see cref="DiscoveryBeaconOptions.Members"/> gives has changed. Clients are told soon, at most once every five seconds.</summary>
    public void Changed() => _announcer.Changed();

    /// <summary>Says goodbye three times and closes the sockets. The first goodbye is sent before the call returns; the task completes 300 ms later.</summary>
    public Task StopAsync() => _announcer.StopAsync();

    /// <summary>Stops. May be called several times.</summary>
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    internal static DiscoveryBeacon Start(DiscoveryBeaconOptions options, IDatagramNetwork? network = null)
    {
        var announcer = new Announcer(options, network ?? new SocketNetwork(
            options.Port, new CardFilter(options.Interfaces, options.LoopbackOnly, options.BoundAddress), options.TimeProvider, options.LoggerFactory));
        try
        {
            announcer.Start();
        }
        catch
        {
            // Not waited for: it does not fail, and whoever gets the exception has no use for its end.
            _ = announcer.AbandonAsync();
            throw;
        }

        return new DiscoveryBeacon(announcer);
    }
}
