using System.Diagnostics.Metrics;
using System.Reflection;
using LanChat.Diagnostics;
using LanChat.Tests.Support;
using Microsoft.Extensions.Logging;
using Xunit;

namespace LanChat.Tests;

/// <summary>docs/diagnostics.md is a promise to whoever watches a server: it lists exactly what there is.</summary>
public sealed class DiagnosticsDocumentTests
{
    private static readonly string[] Document = File.ReadAllLines(Path.Combine(Repository.Root, "src", "LanChat", "docs", "diagnostics.md"));

    private static LoggerMessageAttribute[] Messages =>
    [
        .. typeof(ChatServer).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>())
            .OfType<LoggerMessageAttribute>(),
    ];

    [Fact]
    public void Every_log_line_is_listed_under_its_number() =>
        Assert.Equal(Messages.OrderBy(one => one.EventId).Select(one => $"| {one.EventId} | {one.Level} | {one.Message} |"), Document.Where(IsOfTable("| level |")));

    [Fact]
    public void No_two_log_lines_have_the_same_number() => Assert.Equal(Messages.Length, Messages.DistinctBy(one => one.EventId).Count());

    [Fact]
    public void Every_instrument_of_the_meter_is_listed_and_no_other()
    {
        var found = new List<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == "LanChat")
            {
                found.Add($"`{instrument.Name}` {instrument.Unit}");
            }
        };
        listener.Start();
        Metrics.Messages.Add(0);

        Assert.Equal(found.Order(), Document.Where(IsOfTable("| kind | unit |")).Select(row => row.Split('|')).Select(row => $"{row[1].Trim()} {row[3].Trim()}").Order());
    }

    [Fact]
    public void Every_activity_is_listed_and_no_other()
    {
        IEnumerable<string> names = typeof(Activities).GetFields(BindingFlags.Static | BindingFlags.NonPublic)
            .Where(field => field.IsLiteral && field.Name != nameof(Activities.OutcomeTag))
            .Select(field => $"`{field.GetRawConstantValue()}`");

        Assert.Equal(names.Order(), Document.Where(IsOfTable("| activity |")).Select(row => row.Split('|')[1].Trim()).Order());
    }

    // The rows of the table whose heading holds these columns.
    private static Func<string, bool> IsOfTable(string columns)
    {
        int heading = Array.FindIndex(Document, line => line.Contains(columns, StringComparison.Ordinal));
        HashSet<string> rows = [.. Document.Skip(heading + 2).TakeWhile(line => line.StartsWith('|'))];
        return rows.Contains;
    }
}
