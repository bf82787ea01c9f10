using LanChat.Sessions;

namespace LanChat.Discovery;

/// <summary>Bounds how many signatures are checked: 200 a second in all, some 10 ms of work. Known ids have half of them to themselves, so whoever floods with other
/// ids keeps no known server out.</summary>
internal sealed class SignatureChecks
{
    private const double PerSecond = 100;

    private TokenBucket _known;
    private TokenBucket _others;

    internal bool TryTake(bool isKnown, TimeSpan now)
    {
        ref TokenBucket bucket = ref isKnown ? ref _known : ref _others;
        return bucket.TryTake(now.Ticks, TimeSpan.TicksPerSecond, PerSecond, burst: PerSecond);
    }
}
