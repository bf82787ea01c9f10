using LanChat.Transport;

namespace LanChat.Security;

/// <summary>How often an address may prove wrongly: five times, then nothing that it shows is looked at until a minute after the first. Any thread may call it.</summary>
/// <remarks>The server's own machine counts like any other address: other users, forwarded ports and web pages come from there too. A right proof costs nothing. The table is bounded: who has more addresses than
/// it has places is not held up by them anyway, so the one whose minute began first is forgotten then.</remarks>
internal sealed class ProofLimits(TimeProvider time)
{
    internal const int MaxWrong = 5;
    internal const int MaxAddresses = 4_096;
    internal static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<SourceAddress, Count> _bySource = [];

    /// <summary>Whether another proof is looked at.</summary>
    internal bool HasLeft(SourceAddress source)
    {
        lock (_gate)
        {
            return !IsSpent(source, time.GetTimestamp(), out _);
        }
    }

    /// <summary>Takes note of a proof that was looked at, and says what holds: none is right or wrong any more when too many were wrong before.</summary>
    /// <param name="source">Where it came from.</param>
    /// <param name="isRight">Whether it was right.</param>
    /// <param name="isLast">Whether it was the last wrong one that is looked at.</param>
    internal ProofResult Note(SourceAddress source, bool isRight, out bool isLast)
    {
        lock (_gate)
        {
            isLast = false;
            long now = time.GetTimestamp();
            if (IsSpent(source, now, out Count count))
            {
                return ProofResult.TooMany;
            }

            if (isRight)
            {
                return ProofResult.Right;
            }

            if (count.Wrong == 0)
            {
                _bySource.Remove(source);
                if (_bySource.Count == MaxAddresses)
                {
                    Forget(now);
                }
            }

            count = count with { Wrong = count.Wrong + 1 };
            _bySource[source] = count;
            isLast = count.Wrong == MaxWrong;
            return ProofResult.Wrong;
        }
    }

    // The count of the minute that is going on, or of a new one.
    private bool IsSpent(SourceAddress source, long now, out Count count)
    {
        if (!_bySource.TryGetValue(source, out count) || IsOver(count, now))
        {
            count = new Count(now, 0);
        }

        return count.Wrong >= MaxWrong;
    }

    private bool IsOver(Count count, long now) => time.GetElapsedTime(count.Since, now) >= Window;

    private void Forget(long now)
    {
        SourceAddress oldest = default;
        long since = long.MaxValue;
        foreach ((SourceAddress source, Count count) in _bySource)
        {
            if (IsOver(count, now))
            {
                // Removing is all that a dictionary allows while it is walked through.
                _bySource.Remove(source);
            }
            else if (count.Since < since)
            {
                (oldest, since) = (source, count.Since);
            }
        }

        if (_bySource.Count == MaxAddresses)
        {
            _bySource.Remove(oldest);
        }
    }

    private readonly record struct Count(long Since, int Wrong);
}
