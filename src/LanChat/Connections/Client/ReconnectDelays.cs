namespace LanChat.Connections.Client;

/// <summary>How long a client waits before each attempt to come back: at once, but for what spreads a thousand clients that lost the same server; then longer and longer.</summary>
internal sealed class ReconnectDelays
{
    private static readonly TimeSpan FirstAtMost = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Second = TimeSpan.FromMilliseconds(500);

    // Half a second doubled so often is two days: further than any option reaches.
    private const int MaxDoublings = 18;

    // Each delay varies by a quarter, and with that is not above the longest one allowed.
    private const double Spread = 0.25;

    private readonly TimeSpan _longest;
    private readonly Random _jitter;
    private int _count;
    private TimeSpan _last;

    internal ReconnectDelays(TimeSpan longest, Random jitter)
    {
        _longest = longest;
        _jitter = jitter;
    }

    /// <param name="least">How long it is at least, up to a quarter more, also where that is longer than the longest: a server that finds us too fast would only do so again.</param>
    internal TimeSpan Next(TimeSpan least = default)
    {
#pragma warning disable CA5394 // It spreads load and keeps no secret.
        double random = _jitter.NextDouble();
#pragma warning restore CA5394
        TimeSpan delay;
        if (_count == 0)
        {
            delay = FirstAtMost * random;
        }
        else
        {
            TimeSpan middle = Second * (1L << Math.Min(_count - 1, MaxDoublings));
            TimeSpan highest = _longest / (1 + Spread);
            delay = (middle < highest ? middle : highest) * (1 - Spread + (2 * Spread * random));
        }

        least *= 1 + (Spread * random);
        delay = delay < _longest ? delay : _longest;
        _count++;
        _last = delay > least ? delay : least;
        return _last;
    }

    /// <summary>A connection has ended that lasted so long. If that was longer than it had been waited for, the next loss begins anew: so a server that lets everybody in and throws them out at
    /// once is asked less and less often, and one that runs is come back to at once.</summary>
    internal void Note(TimeSpan lasted)
    {
        if (lasted > _last)
        {
            _count = 0;
        }
    }
}
