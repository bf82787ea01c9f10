using System.Diagnostics.Metrics;

namespace LanChat.Tests.Server;

/// <summary>What the meter counts of slow consumers on this thread: a stepped server counts on the test's, and other tests' servers do not disturb it.</summary>
internal sealed class SlowCount : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;

    internal SlowCount()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Name is "lanchat.server.slow_consumers" or "lanchat.server.entries.skipped")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>(Count);
        _listener.Start();
    }

    internal Dictionary<SlowConsumerPolicy, int> Episodes { get; } = new() { [SlowConsumerPolicy.End] = 0, [SlowConsumerPolicy.Skip] = 0 };

    internal long Skipped { get; private set; }

    public void Dispose() => _listener.Dispose();

    private void Count(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            return;
        }

        if (instrument.Name == "lanchat.server.entries.skipped")
        {
            Skipped += value;
        }
        else
        {
            Episodes[(SlowConsumerPolicy)tags[0].Value!]++;
        }
    }
}
