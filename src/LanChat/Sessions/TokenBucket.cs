namespace LanChat.Sessions;

/// <summary>A rate limit: so many per second on average, so many at once. Touched only on its session's loop.</summary>
internal struct TokenBucket
{
    private double _tokens;
    private long _refilledAt;

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

        _tokens = _refilledAt == 0 ? burst : Math.Min(burst, _tokens + ((now - _refilledAt) * rate / frequency));

        // 0 marks a bucket that was never used; a clock that stands at 0 (a fake one) is off by one tick at most.
        _refilledAt = Math.Max(now, 1);
        if (_tokens < 1)
        {
            return false;
        }

        _tokens -= 1;
        return true;
    }
}
