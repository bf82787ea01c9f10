namespace LanChat.Throughput;

/// <summary>A logarithmic axis from one pixel to another, and the round figures on it.</summary>
internal sealed class LogAxis
{
    // Nearly three powers of ten: between them are no ticks, whose labels would touch.
    private const double Wide = 500;

    private static readonly double[] Decimal = [.. Enumerable.Range(-2, 15).SelectMany(power => new double[] { 1, 2, 5 }.Select(step => step * Math.Pow(10, power)))];
    private static readonly double[] Binary = [.. Enumerable.Range(0, 20).Select(power => Math.Pow(4, power))];

    private readonly double _min;
    private readonly double _max;
    private readonly double _from;
    private readonly double _to;

    private LogAxis(double min, double max, double from, double to) => (_min, _max, _from, _to) = (min, max, from, to);

    internal IReadOnlyList<double> Ticks { get; private init; } = [];

    /// <summary>Makes an axis that begins and ends at round figures with all the values between.</summary>
    /// <param name="values">The values; there may be none.</param>
    /// <param name="from">The pixel where it begins.</param>
    /// <param name="to">The pixel where it ends.</param>
    /// <param name="areBars">Whether values are drawn as bars: their axis begins well below the least, or the least would have none.</param>
    /// <param name="areBytes">Whether round figures are powers of four, else 1, 2 and 5 times a power of ten.</param>
    internal static LogAxis Around(IReadOnlyCollection<double> values, double from, double to, bool areBars = false, bool areBytes = false)
    {
        double[] round = areBytes ? Binary : Decimal;
        double least = values.Count > 0 ? values.Min() : 1;
        double most = values.Count > 0 ? values.Max() : 10;
        double min = round.LastOrDefault(tick => tick <= least * (areBars ? 0.5 : 0.99) && (!areBars || areBytes || IsPowerOfTen(tick)), round[0]);
        double max = round.FirstOrDefault(tick => tick >= most * 1.01, round[^1]);
        bool areAllShown = areBytes || max / min <= Wide;
        return new LogAxis(min, max, from, to) { Ticks = [.. round.Where(tick => tick >= min && tick <= max && (areAllShown || IsPowerOfTen(tick)))] };
    }

    /// <summary>Makes an axis whose ticks are the values themselves, which rise.</summary>
    internal static LogAxis Through(IReadOnlyList<double> values, double from, double to) => new(values[0], values[^1], from, to) { Ticks = values };

    /// <summary>Gets the pixel of a value. What is beyond the axis stands at its end.</summary>
    internal double Position(double value) =>
        _max <= _min ? (_from + _to) / 2 : _from + ((_to - _from) * Math.Clamp(Math.Log(Math.Max(value, double.Epsilon) / _min) / Math.Log(_max / _min), 0, 1));

    private static bool IsPowerOfTen(double value) => Math.Abs(Math.Log10(value) - Math.Round(Math.Log10(value))) < 1e-9;
}
