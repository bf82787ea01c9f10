namespace LanChat.Sessions;

/// <summary>A rate limit: so many per second on average, so many at once. Its owner's lock or loop guards it.</summary>
internal struct TokenBucket
{
    // What is missing: a new bucket is full.
    private double _spent;
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

        _spent = Math.Max(0, _spent - ((now - _refilledAt) * rate / frequency));
        _refilledAt = now;
        if (burst - _spent < 1)
        {
            return false;
        }

        _spent += 1;
        return true;
    }
}
