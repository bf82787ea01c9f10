namespace LanChat.Throughput;

/// <summary>The pictures of a report. A picture that there are no figures for is not drawn.</summary>
internal static class Plots
{
    private const string CostTitle = "Processor time of the server for each delivery, ns";

    // Behind the other mark, which is to come as near to it as can be.
    private const string FloorLine = "M-1.5,-9h3v18h-3z";

    /// <summary>The README's contestants, of each design one.</summary>
    private static readonly string[] Chosen = [ContestantLook.LanChat, ContestantLook.Floor, "signalr", "threads", "nats", "redis", "mosquitto"];

    /// <summary>Draws them, and returns the files' names with what they show.</summary>
    internal static IReadOnlyList<(string File, string Shows)> Write(string directory, Report report)
    {
        IReadOnlyList<CaseResults> groups = CaseKey.Group(report);
        CaseResults[] rooms = [.. groups.Where(group => group.Key.Case == CaseKey.OneRoom)];
        var written = new List<(string File, string Shows)>();
        if (LinesOver(rooms, key => key.Members, key => key.Window) is { } overMembers)
        {
            var plot = Lines($"Cost of a delivery by members of the room, W = {Figures.Count(overMembers[0].Key.Window)}", "N, members who all hear", overMembers, key => key.Members);
            Add("cost-by-members.svg", plot.Title, plot.Write);
        }

        if (LinesOver(rooms, key => key.Window, key => key.Members) is { } overWindow)
        {
            var plot = Lines($"Cost of a delivery by messages under way, N = {Figures.Count(overWindow[0].Key.Members)}", "W, messages under way at once", overWindow, key => key.Window);
            Add("cost-by-window.svg", plot.Title, plot.Write);
        }

        foreach (RowPlot plot in groups.Where(group => group.Key.Case == CaseKey.Latency).Take(1).Select(LatencyOf))
        {
            Add("latency.svg", plot.Title, plot.Write);
        }

        foreach (RowPlot plot in groups.Where(group => group.Key.Case == CaseKey.Idle).Take(1).Select(MemoryOf))
        {
            Add("memory.svg", plot.Title, plot.Write);
        }

        if (BytesPerSendOf(groups) is { } sends)
        {
            Add("bytes-per-send.svg", sends.Title, sends.Write);
        }

        if (ForReadme(rooms, report) is { } readme)
        {
            Add("readme.svg", readme.Title, readme.Write);
        }

        return written;

        void Add(string file, string shows, Action<string> write)
        {
            write(Path.Combine(directory, file));
            written.Add((file, shows));
        }
    }

    // The cases that differ in one thing only: as many as there are, with the larger value of the other thing.
    private static CaseResults[]? LinesOver(CaseResults[] rooms, Func<CaseKey, int> varied, Func<CaseKey, int> kept) =>
        rooms.Where(group => varied(group.Key) > 0).GroupBy(group => (kept(group.Key), group.Key.PayloadBytes))
            .Where(line => line.Count() > 1)
            .OrderByDescending(line => line.Count()).ThenByDescending(line => line.Key)
            .Select(line => line.OrderBy(group => varied(group.Key)).ToArray())
            .FirstOrDefault();

    private static LinePlot Lines(string title, string xTitle, IReadOnlyList<CaseResults> cases, Func<CaseKey, int> varied)
    {
        // Over TLS the lines would lie between these, and nobody could follow them; the tables have them.
        ContestantLook[] looks = [.. LooksIn(cases).Where(look => !look.IsTls)];
        return new LinePlot
        {
            Title = title,
            XTitle = xTitle,
            YTitle = CostTitle,
            Xs = [.. cases.Select(one => (double)varied(one.Key))],
            Series = [.. looks.Select(look => (look, (IReadOnlyList<double?>)[.. cases.Select(one => Find(one.Results, look.Name) is { } result ? ReportTable.FigureOf(result) : null)]))],
            Notes =
            [
                .. from one in cases
                   from look in looks
                   let result = Find(one.Results, look.Name)
                   where result is null || ReportTable.FigureOf(result) is null
                   group look.Label by (At: varied(one.Key), Why: result is null ? "not run" : ReportTable.WhyMissing(result)) into missing
                   select $"Missing at {Figures.Count(missing.Key.At)}: {string.Join(", ", missing)}: {missing.Key.Why}",
            ],
        };
    }

    private static RowPlot LatencyOf(CaseResults group) => new()
    {
        Title = $"Latency, N = {Figures.Count(group.Key.Members)}, {Figures.Count(group.Key.Rate)} messages a second",
        AxisTitle = "From the time a message was due to its arrival at a member, µs",
        TextTitle = "p50 / p99 / p99.9, µs",
        Series = [new("p50", ContestantLook.Of(ContestantLook.LanChat).Mark), new("p99", ContestantLook.Of("mosquitto").Mark), new("p99.9", ContestantLook.Of("signalr").Mark)],
        Rows =
        [
            .. group.Results.Select(result => RowOf(
                result,
                [result.P50Microseconds, result.P99Microseconds, result.P999Microseconds],
                $"{Figures.Number(result.P50Microseconds)} / {Figures.Number(result.P99Microseconds)} / {Figures.Number(result.P999Microseconds)}")),
        ],
        Notes = WhyMissing(group.Results),
    };

    private static RowPlot MemoryOf(CaseResults group) => new()
    {
        Title = "Memory of the server for each member who is idle",
        AxisTitle = "Resident memory for each member more; 1 KB = 1,024 bytes",
        AreBytes = true,
        Series = [new("", "")],
        Rows = [.. group.Results.Select(result => RowOf(result, [result.BytesPerMember], Figures.Bytes(result.BytesPerMember)))],
        Notes = WhyMissing(group.Results),
    };

    // Over TLS the records lie between; the tables have them.
    private static RowPlot? BytesPerSendOf(IReadOnlyList<CaseResults> groups)
    {
        CaseResults[] cases =
        [
            .. groups.Where(group => group.Key.IsCost)
                .Select(group => group with { Results = [.. group.Results.Where(result => BytesPerSend(result) is not null && !ContestantLook.Of(result.Contestant).IsTls)] })
                .Where(group => group.Results.Count > 0),
        ];
        ContestantLook[] looks = LooksIn(cases);
        return cases.Length == 0 ? null : new RowPlot
        {
            Title = "Bytes in each send",
            AxisTitle = "Bytes out, by sends",
            Left = 224,
            Series = [.. looks.Select(look => new RowSeries(look.Label, look.Name == ContestantLook.Floor ? FloorLine : look.Mark, look.Family))],
            Rows =
            [
                .. cases.Select(one =>
                {
                    double?[] values = [.. looks.Select(look => Find(one.Results, look.Name) is { } result ? BytesPerSend(result) : null)];
                    return new PlotRow(one.Key.Title, "muted", values, "", string.Join(", ", looks.Select((look, i) => $"{look.Label} {Figures.Number(values[i])}")));
                }),
            ],
            Notes =
            [
                .. LooksIn([.. groups.Where(one => one.Key.IsCost)]).Where(look => !look.IsTls)
                    .Select(look => (look.Label, Count: cases.Count(one => Find(one.Results, look.Name) is null)))
                    .Where(missing => missing.Count > 0)
                    .GroupBy(missing => missing.Count, missing => missing.Label)
                    .Select(missing => $"Missing in {missing.Key} of {cases.Length} cases: {string.Join(", ", missing)}: not run, failed (see the tables), or sends were not counted"),
            ],
        };
    }

    // Where most of the chosen have a figure; of such cases the one of a large room with many messages under way.
    private static RowPlot? ForReadme(CaseResults[] rooms, Report report)
    {
        CaseResults[] best =
        [
            .. rooms.OrderByDescending(group => group.Results.Count(result => Chosen.Contains(result.Contestant) && ReportTable.FigureOf(result) is not null))
                .ThenByDescending(group => group.Key is { Members: 1000, Window: 64 })
                .ThenByDescending(group => group.Key),
        ];
        if (best.Length == 0)
        {
            return null;
        }

        (CaseKey key, IReadOnlyList<Result> results) = best[0];
        return new RowPlot
        {
            Title = $"What a delivered message costs the server, {Figures.Count(key.Members)} members in a room",
            AxisTitle = "Nanoseconds of processor time for each delivery; less is better",
            Series = [new("", "")],
            RowHeight = 36,
            Rows =
            [
                .. Chosen.Select(name => (Name: name, Result: Find(results, name)))
                    .OrderBy(one => one.Result is { } result ? ReportTable.FigureOf(result) ?? double.MaxValue : double.MaxValue)
                    .Select(one => ReadmeRow(ContestantLook.Of(one.Name), one.Result)),
            ],
            Notes =
            [
                $"×: times a server on raw sockets that sends frames of the same length, without any protocol, measured in turns. {key.PayloadBytes} bytes of text, {Figures.Count(key.Window)} messages under way.",
                .. WhyMissing([.. results.Where(result => Chosen.Contains(result.Contestant))]),
                .. report.Skipped.Where(sentence => Chosen.Any(name => Find(results, name) is null && sentence.StartsWith(name + ":", StringComparison.Ordinal))).Select(sentence => "Not measured: " + sentence),
            ],
        };
    }

    private static PlotRow ReadmeRow(ContestantLook look, Result? result)
    {
        bool isOurs = look.Name == ContestantLook.LanChat;
        string family = isOurs ? "lanchat" : look.Name == ContestantLook.Floor ? "floor" : "muted";
        double? figure = result is null ? null : ReportTable.FigureOf(result);
        string times = look.Name == ContestantLook.Floor || result?.Ratio is null ? "" : $" ({Figures.Ratio(result.Ratio)} ×)";
        string text = result is null ? "not measured" : figure is not null ? $"{Figures.Number(figure)} ns{times}" : "no figure: see below";
        return new PlotRow(look.Label, family, [figure], text, IsStrong: isOurs);
    }

    private static PlotRow RowOf(Result result, IReadOnlyList<double?> values, string text)
    {
        ContestantLook look = ContestantLook.Of(result.Contestant);
        bool isThere = ReportTable.FigureOf(result) is not null;
        return new PlotRow(look.Label, look.Family, [.. values.Select(value => isThere ? Figures.OrMissing(value) : null)], isThere ? text : "no figure: see below", IsStrong: look.Name == ContestantLook.LanChat);
    }

    private static string[] WhyMissing(IReadOnlyList<Result> results) =>
        [.. results.Where(result => ReportTable.FigureOf(result) is null).Select(result => $"Missing: {ContestantLook.Of(result.Contestant).Label}: {ReportTable.WhyMissing(result)}")];

    private static ContestantLook[] LooksIn(IReadOnlyList<CaseResults> cases) =>
        [.. cases.SelectMany(one => one.Results).Select(result => ContestantLook.Of(result.Contestant)).Distinct().OrderBy(look => look.Order).ThenBy(look => look.Name, StringComparer.Ordinal)];

    private static double? BytesPerSend(Result result) => result.Failure is null ? Figures.OrMissing(result.BytesPerSend) : null;

    private static Result? Find(IReadOnlyList<Result> results, string contestant) => results.FirstOrDefault(result => result.Contestant == contestant);
}
