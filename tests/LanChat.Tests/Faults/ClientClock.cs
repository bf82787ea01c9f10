namespace LanChat.Tests.Faults;

/// <summary>The world's clock as one client has it: it counts the timers that the client waits for.</summary>
/// <param name="world">The clock.</param>
/// <param name="ignored">Timers that are set to this are not counted: that of an attempt to connect outlives it by a moment.</param>
internal sealed class ClientClock(TimeProvider world, TimeSpan ignored) : TimeProvider
{
    // A timer counts as long as it is set: who sees it counted finds its time in the world's clock.
    private readonly Lock _gate = new();
    private int _armed;

    private TimeSpan Ignored => ignored;

    /// <summary>Gets how many timers are set and have not fired: what the client will do by itself.</summary>
    internal int ArmedTimers
    {
        get
        {
            lock (_gate)
            {
                return _armed;
            }
        }
    }

    public override long TimestampFrequency => world.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => world.LocalTimeZone;

    public override long GetTimestamp() => world.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => world.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ArmedTimer(this, callback, state);
        timer.Inner = world.CreateTimer(static timer => ((ArmedTimer)timer!).Fire(), timer, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class ArmedTimer(ClientClock owner, TimerCallback callback, object? state) : ITimer
    {
        private bool _isArmed;

        internal ITimer Inner { get; set; } = null!;

        internal void Fire()
        {
            Arm(false);
            callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (period > TimeSpan.Zero)
            {
                throw new NotSupportedException("A client has no timer that fires again by itself.");
            }

            lock (owner._gate)
            {
                Arm(dueTime >= TimeSpan.Zero && dueTime != owner.Ignored);
                return Inner.Change(dueTime, period);
            }
        }

        public void Dispose()
        {
            Arm(false);
            Inner.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }

        private void Arm(bool isArmed)
        {
            lock (owner._gate)
            {
                owner._armed += (isArmed ? 1 : 0) - (_isArmed ? 1 : 0);
                _isArmed = isArmed;
            }
        }
    }
}
