namespace LanChat.Tests.Support;

/// <summary>Time that stands still until a test moves it. Timers fire inside <see cref="Advance"/>, on its thread, in the order in which they are due (ties: in the order of being set).</summary>
internal sealed class FakeTimeProvider : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<FakeTimer> _timers = [];
    private readonly DateTimeOffset _start;
    private long _elapsed;
    private long _order;

    internal FakeTimeProvider()
        : this(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero))
    {
    }

    internal FakeTimeProvider(DateTimeOffset start) => _start = start;

    /// <summary>Timers that were made and not disposed.</summary>
    internal int TimerCount
    {
        get
        {
            lock (_gate)
            {
                return _timers.Count;
            }
        }
    }

    /// <summary>How long until the next timer fires; null when none is set. Zero when one is overdue.</summary>
    internal TimeSpan? UntilNextTimer
    {
        get
        {
            lock (_gate)
            {
                long due = _timers.Count == 0 ? long.MaxValue : _timers.Min(static timer => timer.Due);
                return due == long.MaxValue ? null : TimeSpan.FromTicks(Math.Max(0, due - GetTimestamp()));
            }
        }
    }

    /// <summary>How far the clock on the wall is off, which can be set as people set it; timers and timestamps know nothing of it.</summary>
    internal TimeSpan ClockError { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long GetTimestamp() => Interlocked.Read(ref _elapsed);

    public override DateTimeOffset GetUtcNow() => _start.AddTicks(GetTimestamp()) + ClockError;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new FakeTimer(this, callback, state);

        // One step: a test that waits for a timer to be there moves the time as soon as it sees one, and by then it has to be set.
        lock (_gate)
        {
            _timers.Add(timer);
            timer.Change(dueTime, period);
        }

        return timer;
    }

    /// <summary>Moves the time on, firing what becomes due on the way, each at its own time.</summary>
    internal void Advance(TimeSpan by)
    {
        long target = GetTimestamp() + by.Ticks;
        while (TakeDue(target) is { } timer)
        {
            timer.Fire();
        }
    }

    /// <summary>Takes the next timer that is due by then; when there is none, that time has come, and a timer set after this counts from it.</summary>
    private FakeTimer? TakeDue(long target)
    {
        lock (_gate)
        {
            FakeTimer? first = null;
            foreach (FakeTimer timer in _timers)
            {
                if (timer.Due <= target && (first is null || (timer.Due, timer.Order).CompareTo((first.Due, first.Order)) < 0))
                {
                    first = timer;
                }
            }

            if (first is null)
            {
                Interlocked.Exchange(ref _elapsed, target);
                return null;
            }

            Interlocked.Exchange(ref _elapsed, Math.Max(first.Due, _elapsed));
            first.Due = first.Period > 0 ? first.Due + first.Period : long.MaxValue;
            first.Order = ++_order;
            return first;
        }
    }

    private sealed class FakeTimer(FakeTimeProvider owner, TimerCallback callback, object? state) : ITimer
    {
        internal long Due { get; set; } = long.MaxValue;

        internal long Period { get; private set; }

        internal long Order { get; set; }

        internal void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (owner._gate)
            {
                Due = dueTime < TimeSpan.Zero ? long.MaxValue : owner.GetTimestamp() + dueTime.Ticks;
                Period = Math.Max(0, period.Ticks);
                Order = ++owner._order;
                return owner._timers.Contains(this);
            }
        }

        public void Dispose()
        {
            lock (owner._gate)
            {
                owner._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
