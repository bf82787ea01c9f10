namespace LanChat.Discovery;

/// <summary>When a browser asks: at 0, 250 ms, 1 s, and then each time after twice as long, up to 30 s.</summary>
internal sealed class SolicitSchedule
{
    internal static readonly TimeSpan MaxInterval = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan[] First = [TimeSpan.FromMilliseconds(250), TimeSpan.FromMilliseconds(750), TimeSpan.FromSeconds(1)];

    private int _asked;

    /// <summary>Gets how long after this question the next one comes.</summary>
    internal TimeSpan Next()
    {
        int asked = _asked++;
        if (asked < First.Length)
        {
            return First[asked];
        }

        // 2, 4, 8, 16 s; the counter stays where it does not matter any more.
        _asked = Math.Min(_asked, 64);
        return asked < 8 ? TimeSpan.FromSeconds(Math.Min(MaxInterval.TotalSeconds, 1 << (asked - First.Length + 1))) : MaxInterval;
    }

    /// <summary>Begins anew: the network is another one.</summary>
    internal void StartOver() => _asked = 0;
}
