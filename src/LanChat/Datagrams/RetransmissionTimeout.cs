namespace LanChat.Datagrams;

/// <summary>How long an answer is waited for before a datagram is sent again: what answers took so far, and four times how much that varies (RFC 6298), within limits.</summary>
internal struct RetransmissionTimeout
{
    // No answer is waited for a shorter time: a loop that is busy, or a radio that sleeps, is no loss. And a person waits for none longer.
    private const double ShortestMilliseconds = 100;
    private const double LongestMilliseconds = 1_000;

    // As long as nothing is known: long on a local network, short for a person.
    private const double FirstMilliseconds = 250;

    private double _smoothed;
    private double _variation;
    private bool _isKnown;

    internal readonly TimeSpan Value => TimeSpan.FromMilliseconds(
        _isKnown ? Math.Clamp(_smoothed + (4 * _variation), ShortestMilliseconds, LongestMilliseconds) : FirstMilliseconds);

    /// <summary>Notes how long an answer took. Of what was sent once only: nobody can tell which of two was answered.</summary>
    internal void Note(TimeSpan roundTrip)
    {
        double milliseconds = roundTrip.TotalMilliseconds;
        if (_isKnown)
        {
            _variation = (0.75 * _variation) + (0.25 * Math.Abs(_smoothed - milliseconds));
            _smoothed = (0.875 * _smoothed) + (0.125 * milliseconds);
        }
        else
        {
            _isKnown = true;
            _smoothed = milliseconds;
            _variation = milliseconds / 2;
        }
    }
}
