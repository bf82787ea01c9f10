using System.CommandLine.Parsing;
using System.Globalization;

namespace LanChat.Samples;

/// <summary>Reads the times of the command line: a number with <c>ms</c>, <c>s</c>, <c>m</c> or <c>h</c>; a bare one is seconds. Fractions are allowed.</summary>
internal static class TimeValue
{
    // The longest unit first: "ms" ends in "s".
    private static readonly (string Suffix, long Ticks)[] Units =
    [
        ("ms", TimeSpan.TicksPerMillisecond),
        ("s", TimeSpan.TicksPerSecond),
        ("m", TimeSpan.TicksPerMinute),
        ("h", TimeSpan.TicksPerHour),
        ("", TimeSpan.TicksPerSecond),
    ];

    internal static TimeSpan Parse(ArgumentResult result, TimeSpan shortest, TimeSpan longest)
    {
        string text = result.Tokens[0].Value;
        if (!TryParse(text, out TimeSpan time))
        {
            result.AddError($"'{text}' is no time: give a number with ms, s, m or h, such as 500ms or 1.5m.");
        }
        else if (time < shortest || time > longest)
        {
            result.AddError($"'{text}' is out of range: give a time from {shortest.TotalSeconds:0.###}s to {longest.TotalHours:0.###}h.");
        }

        return time;
    }

    private static bool TryParse(string text, out TimeSpan time)
    {
        (string suffix, long ticks) = Array.Find(Units, unit => text.EndsWith(unit.Suffix, StringComparison.OrdinalIgnoreCase));
        bool isNumber = double.TryParse(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number);

        // What does not fit is the longest time there is: out of range, not unreadable.
        time = isNumber ? TimeSpan.FromTicks((long)Math.Min(number * ticks, TimeSpan.MaxValue.Ticks)) : default;
        return isNumber;
    }
}
