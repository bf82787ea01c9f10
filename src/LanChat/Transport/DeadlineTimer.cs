namespace LanChat.Transport;

/// <summary>The one timer of a loop: wakes it when its earliest deadline has come. There is no polling tick.</summary>
internal sealed class DeadlineTimer : IDisposable
{
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Action _wake;

    /// <summary>The timestamp for which the timer is set; MaxValue = not set. Loop thread only.</summary>
    private long _setFor = long.MaxValue;

    /// <summary>Set by the timer's thread, cleared by the loop. Written before the wake, read by the loop before it sleeps (<see cref="HasFired"/>).</summary>
    private bool _hasFired;

    internal DeadlineTimer(TimeProvider time, Action wake)
    {
        _time = time;
        _wake = wake;
        _timer = time.CreateTimer(static timer => ((DeadlineTimer)timer!).OnFired(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Acquire, partner of the exchange in OnFired. The caller has a full fence between declaring itself asleep and this read.</summary>
    internal bool HasFired
    {
        get
        {
            Interleave.Point(Access.Read, this);
            return Volatile.Read(ref _hasFired);
        }
    }

    /// <summary>Loop thread, at the start of an iteration: the timer is to be set anew.</summary>
    internal void Acknowledge()
    {
        if (HasFired)
        {
            Interleave.Point(Access.Change, this);
            Volatile.Write(ref _hasFired, false);
            _setFor = long.MaxValue;
        }
    }

    /// <summary>Sees to it that the loop is woken at <paramref name="due"/> or soon after; false = that time has come. A later deadline than the one it is set for changes
    /// nothing: one needless wake is cheaper than setting the timer anew each time a deadline moves.</summary>
    internal bool TrySet(long due)
    {
        if (due >= _setFor)
        {
            return true;
        }

        _setFor = due;
        // Whole milliseconds, rounded up: timers cut fractions off, and one that fires early makes the loop spin until the deadline.
        double milliseconds = Math.Ceiling(_time.GetElapsedTime(_time.GetTimestamp(), due).TotalMilliseconds);
        _timer.Change(TimeSpan.FromMilliseconds(Math.Clamp(milliseconds, 1, MaxMilliseconds)), Timeout.InfiniteTimeSpan);
        // Looked at again: a time that tests move may have been moved before the timer was set.
        return due > _time.GetTimestamp();
    }

    public void Dispose() => _timer.Dispose();

    /// <summary>A day: within the range of every timer; a deadline further away is set again when it has passed.</summary>
    private const double MaxMilliseconds = 86_400_000;

    private void OnFired()
    {
        Interleave.Point(Access.Change, this);
        Interlocked.Exchange(ref _hasFired, true);
        _wake();
    }
}
