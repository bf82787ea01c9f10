using LanChat.Tests.Support;

namespace LanChat.Tests.Interleaving;

/// <summary>Time that a case's thread moves while a loop looks at it: each look, each setting of a timer and each move is a step. A move goes to where a timer is due and
/// not beyond, for what a timer calls has steps of its own.</summary>
internal sealed class InterleavedTime : TimeProvider
{
    private readonly FakeTimeProvider _time = new();

    public override long TimestampFrequency => _time.TimestampFrequency;

    public override long GetTimestamp()
    {
        Interleave.Point(Access.Read, this);
        return _time.GetTimestamp();
    }

    public override DateTimeOffset GetUtcNow()
    {
        Interleave.Point(Access.Read, this);
        return _time.GetUtcNow();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(this, _time.CreateTimer(callback, state, dueTime, period));

    /// <summary>A thread's step: moves the time on, then fires what is due.</summary>
    internal void Advance(TimeSpan by)
    {
        Interleave.Point(Access.Change, this);
        _time.Advance(by);
    }

    private sealed class Timer(InterleavedTime owner, ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Interleave.Point(Access.Change, owner);
            return timer.Change(dueTime, period);
        }

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
