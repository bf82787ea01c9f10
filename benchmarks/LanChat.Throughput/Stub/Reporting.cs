using System.Globalization;
using System.Text.Json;

namespace LanChat.Throughput;

internal static class ConsoleTable
{
    internal static void Write(TextWriter output, Report report)
    {
        foreach (Result r in report.Results)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{r.Contestant,-16} {r.Case,-12} N{r.Members,-5} W{r.Window,-5} {r.FrameBytes,4} B {r.NanosecondsPerDelivery,9:F1} ns floor {r.FloorNanoseconds,9:F1} x{r.Ratio:F2} {r.DeliveriesPerSecond,11:F0}/s {r.BytesPerSend:F0} B/send p50 {r.P50Microseconds:F0} p99 {r.P99Microseconds:F0} p999 {r.P999Microseconds:F0} {r.BytesPerMember:F0} B/member {r.HandshakesPerSecond:F0} hs/s {r.Failure}"));
        }

        foreach (string line in report.Skipped.Concat(report.Notes).Append(report.Machine).Append(report.Command).Append(report.Commit))
        {
            output.WriteLine(line);
        }
    }
}

internal static class MarkdownReport
{
    internal static void Write(string directory, Report report) =>
        File.WriteAllText(Path.Combine(directory, "results.json"), JsonSerializer.Serialize(report, ReportJson.Default.Report));
}
