using System.Diagnostics.Metrics;

namespace LanChat.Tests.Support;

/// <summary>The handshakes that the meter counts on this thread, which is the one that steps a server in memory. Servers of other tests count too, on others.</summary>
internal sealed class HandshakeCount : IDisposable
{
    private readonly MeterListener _meter = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;

    internal HandshakeCount()
    {
        _meter.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Name == "lanchat.server.handshakes")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meter.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            if (Environment.CurrentManagedThreadId == _thread)
            {
                _ = (string?)tags[0].Value == "completed" ? Completed++ : Failed++;
            }
        });
        _meter.Start();
    }

    internal int Completed { get; private set; }

    internal int Failed { get; private set; }

    internal void Restart() => Completed = Failed = 0;

    public void Dispose() => _meter.Dispose();
}
