namespace LanChat.Sessions;

/// <summary>A rate limit: so many per second on average, so many at once. Touched only on its session's loop.</summary>
internal struct TokenBucket
{
    private double _tokens;
    private long _refilledAt;
    private bool _isUsed;

    /// <summary>Takes one token if there is one.</summary>
    /// <param name="now">The loop's timestamp.</param>
    /// <param name="frequency">Timestamps per second.</param>
    /// <param name="rate">Tokens per second; 0 or less means no limit.</param>
    /// <param name="burst">The most tokens that can be saved up; a new bucket is full.</param>
    internal bool TryTake(long now, long frequency, double rate, double burst)
    {
        if (rate <= 0)
        {
            return true;
        }

        _tokens = _isUsed ? Math.Min(burst, _tokens + ((now - _refilledAt) * rate / frequency)) : burst;
        _isUsed = true;
        _refilledAt = now;
        if (_tokens < 1)
        {
            return false;
        }

        _tokens -= 1;
        return true;
    }
}
