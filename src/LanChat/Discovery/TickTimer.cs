using LanChat.Diagnostics;
using Microsoft.Extensions.Logging;

namespace LanChat.Discovery;

/// <summary>Calls a tick when it is time, once for each <see cref="Set"/>. A tick that throws is logged and tried again a second later: on a timer an exception would end the process, and a tick
/// that never came again would leave a server that is silent, or a browser that forgets nobody.</summary>
internal sealed class TickTimer : IAsyncDisposable
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    private readonly Action _tick;
    private readonly ILogger _logger;
    private readonly ITimer _timer;

    internal TickTimer(TimeProvider time, Action tick, ILogger logger)
    {
        _tick = tick;
        _logger = logger;
        _timer = time.CreateTimer(static state => ((TickTimer)state!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Lets the next tick come so much later, in place of the one that was set before; not below zero.</summary>
    internal void Set(TimeSpan due) => _timer.Change(WholeMilliseconds(due > TimeSpan.Zero ? due : TimeSpan.Zero), Timeout.InfiniteTimeSpan);

    /// <summary>Lets no tick come; one that is under way goes on.</summary>
    internal void Clear() => _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    /// <summary>Rounds up: the system's timers cut fractions off, fire too early, and would be set again and again until it is time.</summary>
    private static TimeSpan WholeMilliseconds(TimeSpan span) => TimeSpan.FromMilliseconds(Math.Ceiling(span.TotalMilliseconds));

    private void Fire()
    {
        try
        {
            _tick();
        }
        catch (Exception exception)
        {
            Log.DiscoveryFailed(_logger, "what was to be done at this time", exception);
            Set(PauseAfterFailure);
        }
    }
}
