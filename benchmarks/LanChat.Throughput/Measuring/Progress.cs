using System.Diagnostics;
using System.Globalization;

namespace LanChat.Throughput;

/// <summary>Says on standard error what is being measured, and about how long the rest takes.</summary>
internal sealed class Progress(TextWriter? output, int steps, TimeSpan expected)
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private TimeSpan _expectedSoFar;
    private TimeSpan _expectedOfStep;
    private int _step;
    private string _what = "";

    internal TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    internal void Begin(string what, TimeSpan expectedOfStep)
    {
        _step++;
        _what = what;
        _expectedSoFar += _expectedOfStep;
        _expectedOfStep = expectedOfStep;
    }

    internal void Say(string doing)
    {
        // As slow as so far: what was expected, stretched by what it took.
        double pace = _expectedSoFar > TimeSpan.Zero ? Elapsed / _expectedSoFar : 1;
        TimeSpan left = (expected - _expectedSoFar) * pace;
        output?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"[{_step}/{steps}] {_what}: {doing}; about {Math.Ceiling(left.TotalSeconds):F0} s left"));
    }
}
