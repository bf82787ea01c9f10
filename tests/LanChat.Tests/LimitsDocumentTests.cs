using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests;

/// <summary>Section 11 of docs/protocol.md lists the limits: each is an option with that default, has a code of the protocol and a counter that there is.</summary>
public sealed partial class LimitsDocumentTests
{
    private const string LimitsCounter = "lanchat.server.limits";

    // Theirs is the machine's: one for each processor.
    private const string OfTheMachine = "MaxHandshakes";

    private static readonly string Library = Path.Combine(Repository.Root, "src", "LanChat");

    private static readonly Row[] Rows =
    [
        .. File.ReadAllText(Path.Combine(Library, "docs", "protocol.md")).Split("## 11. Limits")[1].Split('\n')
            .Where(line => line.StartsWith('|')).Skip(2)
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => new Row(cells[2].Trim('`'), cells[3], cells[4], cells[5].Trim('`'))),
    ];

    [Fact]
    public void Each_limit_is_an_option_with_that_default()
    {
        Assert.True(Rows.Length > 20, "The table was not found.");
        foreach (Row row in Rows.Where(row => row.Option != OfTheMachine))
        {
            object options = row.Option.StartsWith("ServerBrowserOptions.", StringComparison.Ordinal) ? new ServerBrowserOptions() : new ChatServerOptions();
            PropertyInfo? property = options.GetType().GetProperty(row.Option.Split('.')[^1]);
            Assert.True(property is not null, $"There is no option {row.Option}.");
            Assert.Equal((row.Option, row.Default), (row.Option, Words(property.GetValue(options)!, row.Option)));
        }
    }

    [Fact]
    public void Each_limit_that_has_a_code_has_one_of_the_protocol() =>
        Assert.All(Rows.Where(row => row.Code != "-"), row => Assert.True(Enum.IsDefined((DisconnectReason)int.Parse(row.Code, CultureInfo.InvariantCulture)), row.Option));

    [Fact]
    public void Each_limit_that_refuses_has_a_counter_that_is_listed()
    {
        string diagnostics = File.ReadAllText(Path.Combine(Library, "docs", "diagnostics.md"));
        Assert.All(Rows.Where(row => row.Counter != "-"), row => Assert.Contains($"| `{row.Counter}` |", diagnostics, StringComparison.Ordinal));
    }

    [Fact]
    public void The_counter_of_limits_counts_those_of_the_table_and_no_others()
    {
        IEnumerable<string> counted = Directory.EnumerateFiles(Library, "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Counted().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups[1].Value)
            .Distinct();
        Assert.Equal(Rows.Where(row => row.Counter == LimitsCounter).Select(row => row.Option).Order(), counted.Order());
    }

    private static string Words(object value, string option) => value switch
    {
        TimeSpan span => $"{span.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s",
        IFormattable bytes when option.EndsWith("Bytes", StringComparison.Ordinal) && Convert.ToInt64(bytes, CultureInfo.InvariantCulture) is >= 1 << 20 and long count => $"{count >> 20} MiB",
        IFormattable number => number.ToString("N0", CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    [GeneratedRegex(@"(?:CountLimit|\.Refuse)\(nameof\(ChatServerOptions\.(\w+)\)")]
    private static partial Regex Counted();

    private sealed record Row(string Option, string Default, string Code, string Counter);
}
