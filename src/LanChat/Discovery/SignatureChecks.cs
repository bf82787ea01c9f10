using LanChat.Sessions;

namespace LanChat.Discovery;

/// <summary>Bounds how many signatures are checked a second, each some 50 µs of work. Known ids have half of them to themselves, so whoever floods with other
/// ids keeps no known server out.</summary>
internal sealed class SignatureChecks(ServerBrowserOptions options)
{
    private readonly double _half = options.MaxChecksPerSecond / 2.0;
    private TokenBucket _known;
    private TokenBucket _others;

    internal bool TryTake(bool isKnown, TimeSpan now)
    {
        ref TokenBucket bucket = ref isKnown ? ref _known : ref _others;
        return bucket.TryTake(now.Ticks, TimeSpan.TicksPerSecond, _half, burst: _half);
    }
}
