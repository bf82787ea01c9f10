using LanChat.Sessions;

namespace LanChat.Datagrams;

/// <summary>How many forged datagrams one end of a connection looks at: to find one out costs an exception, and whoever sniffed the connection's number can send as many as the line carries.
/// What is beyond is dropped unopened, for a second, and what is genuine with it: that goes by TCP.</summary>
internal struct ForgeryLimit
{
    /// <summary>So many a second: more than chance and old keys ever make, and little for a thread even where one caller has many connections.</summary>
    internal const int PerSecond = 50;

    private TokenBucket _tokens;
    private long _shutUntil;

    /// <summary>Says whether nothing is to be opened now.</summary>
    internal readonly bool IsReached(TimeProvider time) => time.GetTimestamp() < _shutUntil;

    /// <summary>One was forged.</summary>
    internal void Note(TimeProvider time)
    {
        long now = time.GetTimestamp();
        if (!_tokens.TryTake(now, time.TimestampFrequency, PerSecond, PerSecond))
        {
            _shutUntil = now + time.TimestampFrequency;
        }
    }
}
