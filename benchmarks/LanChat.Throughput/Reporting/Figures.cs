using System.Globalization;
using LanChat.Text;

namespace LanChat.Throughput;

/// <summary>How figures and sentences are written, the same in every language: what is missing is a dash, never a zero.</summary>
internal static class Figures
{
    internal const string Missing = "–";

    private const double Kilo = 1024;

    internal static bool IsThere(double? value) => value is { } number && double.IsFinite(number);

    /// <summary>Makes a figure that is none (not a number) a missing one.</summary>
    internal static double? OrMissing(double? value) => IsThere(value) ? value : null;

    /// <summary>Writes two digits or more: 0.83, 8.2, 64, 3,489.</summary>
    internal static string Number(double? value) => !IsThere(value) ? Missing : Math.Abs(value!.Value) switch
    {
        0 => "0",
        < 1 => Format(value.Value, "0.00"),
        < 9.95 => Format(value.Value, "0.0"),
        _ => Format(value.Value, "#,0"),
    };

    /// <summary>Writes a tick: 0.5, 1, 64, 10,000.</summary>
    internal static string Round(double value) => Format(value, "#,0.##");

    /// <summary>Writes a tick of an axis of bytes: 256 B, 1 KB.</summary>
    internal static string RoundBytes(double value) =>
        value < Kilo ? Round(value) + " B" : value < Kilo * Kilo ? Round(value / Kilo) + " KB" : Round(value / Kilo / Kilo) + " MB";

    internal static string Count(int value) => Format(value, "#,0");

    internal static string Ratio(double? value) => !IsThere(value) ? Missing : Format(value!.Value, value < 9.995 ? "0.00" : value < 99.95 ? "0.0" : "#,0");

    internal static string Bytes(double? value) => !IsThere(value) ? Missing
        : Math.Abs(value!.Value) < 1000 ? Format(value.Value, "0") + " B"
        : Math.Abs(value.Value) < 1000 * Kilo ? Number(value / Kilo) + " KB"
        : Number(value / Kilo / Kilo) + " MB";

    internal static string PerSecond(double? value) => !IsThere(value) || value <= 0 ? Missing
        : value < 10_000 ? Number(value)
        : value < 999_500 ? Format(value!.Value / 1e3, "0") + " k"
        : Format(value!.Value / 1e6, value < 9.995e6 ? "0.00" : "0.0") + " M";

    /// <summary>Makes one line that does no harm of a sentence that a server may have had a part in.</summary>
    internal static string Sentence(string text) => TextRules.SanitizeToLine(text);

    internal static string Date(DateTimeOffset date) => date.ToUniversalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + " UTC";

    internal static string Format(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
