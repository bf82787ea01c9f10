namespace LanChat.Throughput;

/// <summary>One table of a report, as text that the console and Markdown share. The first column is words, the others are figures.</summary>
/// <param name="Key">The case it is about.</param>
/// <param name="Columns">The headings.</param>
/// <param name="Rows">As many cells each.</param>
/// <param name="Notes">Why there is no figure where there is none.</param>
internal sealed record ReportTable(CaseKey Key, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows, IReadOnlyList<string> Notes)
{
    private sealed record Column(string Heading, Func<Result, string> Cell);

    internal static IReadOnlyList<ReportTable> AllOf(Report report) => [.. CaseKey.Group(report).Select(group => Of(group.Key, group.Results))];

    /// <summary>Makes the table of all costs: how many times the floor's, a row for each case and a column for each contestant.</summary>
    internal static (IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows) OverviewOf(Report report)
    {
        CaseResults[] cases = [.. CaseKey.Group(report).Where(group => group.Key.IsCost)];
        ContestantLook[] looks =
        [
            .. cases.SelectMany(one => one.Results).Select(result => ContestantLook.Of(result.Contestant)).Distinct()
                .Where(look => look.Name != ContestantLook.Floor).OrderBy(look => look.Order).ThenBy(look => look.Name, StringComparer.Ordinal),
        ];
        return (
            ["× floor", .. looks.Select(look => look.Label)],
            [.. cases.Select(one => (string[])[one.Key.Title, .. looks.Select(look => CellOf(one.Results.FirstOrDefault(result => result.Contestant == look.Name)))])]);

        static string CellOf(Result? result) => Figures.Ratio(result is { Failure: null } ? result.Ratio : null);
    }

    /// <summary>Gets the one figure that a case is about.</summary>
    internal static double? FigureOf(Result result) => result.Failure is not null ? null : Figures.OrMissing(result.Case switch
    {
        CaseKey.Latency => result.P50Microseconds,
        _ when CaseKey.Of(result).IsFrozen => result.P50Microseconds,
        CaseKey.Idle => result.BytesPerMember,
        CaseKey.Handshakes => result.HandshakesPerSecond,
        _ => result.NanosecondsPerDelivery > 0 ? result.NanosecondsPerDelivery : null,
    });

    internal static string WhyMissing(Result result) =>
        Figures.Sentence(result.Failure ?? "was not measured here, and no reason was given");

    private static ReportTable Of(CaseKey key, IReadOnlyList<Result> results)
    {
        List<Column> columns = ColumnsOf(key, results);
        var notes = new List<string>();
        foreach (Result result in results.Where(result => FigureOf(result) is null))
        {
            notes.Add($"{ContestantLook.Of(result.Contestant).Label}: {WhyMissing(result)}");
        }

        return new ReportTable(
            key,
            [.. columns.Select(column => column.Heading)],
            [.. results.Select(result => columns.Select(column => column.Cell(result)).ToArray())],
            notes);
    }

    private static List<Column> ColumnsOf(CaseKey key, IReadOnlyList<Result> results)
    {
        List<Column> columns = [new("", result => ContestantLook.Of(result.Contestant).Label)];
        if (results.Any(result => result.Loops != 1))
        {
            columns.Add(new("loops", result => Figures.Count(result.Loops)));
        }

        Result? floor = results.FirstOrDefault(result => result.Contestant == ContestantLook.Floor && result.Failure is null);
        columns.AddRange(key.Case switch
        {
            CaseKey.Latency =>
            [
                Of("p50, µs", result => Figures.Number(result.P50Microseconds)),
                Of("p99, µs", result => Figures.Number(result.P99Microseconds)),
                Of("p99.9, µs", result => Figures.Number(result.P999Microseconds)),
                Of("p50 × floor", result => Figures.Ratio(result.P50Microseconds / (result.FloorP50Microseconds ?? floor?.P50Microseconds))),
                Of("p99 × floor", result => Figures.Ratio(result.P99Microseconds / (result.FloorP99Microseconds ?? floor?.P99Microseconds))),
            ],
            _ when key.IsFrozen =>
            [
                Of("p50, µs", result => Figures.Number(result.P50Microseconds)),
                Of("p99, µs", result => Figures.Number(result.P99Microseconds)),
                Of("p50 without", result => Figures.Number(result.FloorP50Microseconds)),
                Of("p99 without", result => Figures.Number(result.FloorP99Microseconds)),
                Of("p50 × without", result => Figures.Ratio(result.P50Microseconds / result.FloorP50Microseconds)),
                Of("p99 × without", result => Figures.Ratio(result.P99Microseconds / result.FloorP99Microseconds)),
            ],
            CaseKey.Idle => [Of("per member", result => Figures.Bytes(result.BytesPerMember))],
            CaseKey.Handshakes => [Of("handshakes a second", result => Figures.PerSecond(result.HandshakesPerSecond))],
            _ =>
            [
                Of("ns per delivery", result => Figures.Number(FigureOf(result))),
                Of("floor, ns", result => Figures.Number(result.FloorNanoseconds)),
                Of("× floor", result => Figures.Ratio(result.Ratio)),
                Of("deliveries a second", result => Figures.PerSecond(result.DeliveriesPerSecond)),
                Of("frame", result => result.FrameBytes > 0 ? Figures.Bytes(result.FrameBytes) : Figures.Missing),
                Of("bytes per send", result => Figures.Number(result.BytesPerSend)),
            ],
        });
        columns.Add(Of("runs", result => result.Runs > 0 ? Figures.Count(result.Runs) : Figures.Missing));
        return columns;
    }

    // A run that failed has no figures, whatever it had measured by then.
    private static Column Of(string heading, Func<Result, string> cell) => new(heading, result => result.Failure is null ? cell(result) : Figures.Missing);
}
