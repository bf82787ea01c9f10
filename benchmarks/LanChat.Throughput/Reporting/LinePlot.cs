namespace LanChat.Throughput;

/// <summary>A line for each contestant over something that was varied; both axes are logarithmic. Its legend stands where the lines end.</summary>
internal sealed class LinePlot
{
    private const double Left = 72;
    private const double Right = Plot.Width - 210;
    private const double Top = 88;
    private const double Bottom = 400;
    private const double LabelHeight = 18;

    internal required string Title { get; init; }

    internal required string XTitle { get; init; }

    internal required string YTitle { get; init; }

    /// <summary>Gets the values that were measured at, rising.</summary>
    internal required IReadOnlyList<double> Xs { get; init; }

    /// <summary>Gets for each contestant a value at each x, or null.</summary>
    internal required IReadOnlyList<(ContestantLook Look, IReadOnlyList<double?> Ys)> Series { get; init; }

    internal IReadOnlyList<string> Notes { get; init; } = [];

    internal string Description => $"{YTitle}, over {XTitle}. "
        + string.Join(" ", Series.Select(series => series.Look.Label + ": " + string.Join(", ", Xs.Select((x, i) => $"{Figures.Number(series.Ys[i])} at {Figures.Round(x)}")) + "."));

    internal void Write(string path)
    {
        IReadOnlyList<string> notes = Plot.Wrap(Notes);
        using var svg = new Svg(path, Plot.Width, Bottom + 56 + Plot.HeightOf(notes), Title, Description);
        LogAxis across = LogAxis.Through(Xs, Left + 16, Right - 16);
        LogAxis up = LogAxis.Around([.. Series.SelectMany(series => series.Ys).OfType<double>()], Bottom, Top);
        WriteAxes(svg, across, up);
        WriteLegend(svg, across, up);
        foreach ((ContestantLook look, IReadOnlyList<double?> ys) in Series.Reverse())
        {
            WriteLine(svg, look, [.. ys.Select((y, i) => y is { } there ? (across.Position(Xs[i]), up.Position(there)) : ((double, double)?)null)]);
        }

        Plot.WriteNotes(svg, Bottom + 60, notes);
    }

    private void WriteAxes(Svg svg, LogAxis across, LogAxis up)
    {
        svg.Label(Plot.Margin, 58, YTitle + " (log scale)", "soft");
        foreach (double tick in up.Ticks)
        {
            double y = up.Position(tick);
            svg.Line(Left, y, Right, y, "grid");
            svg.Label(Left - 8, y + 4, Figures.Round(tick), "soft", "end");
        }

        svg.Line(Left, Bottom, Right, Bottom, "axis");
        foreach (double tick in across.Ticks)
        {
            double x = across.Position(tick);
            svg.Line(x, Bottom, x, Bottom + 5, "axis");
            svg.Label(x, Bottom + 20, Figures.Round(tick), "soft", "middle");
        }

        svg.Label((Left + Right) / 2, Bottom + 42, XTitle + " (log scale)", "soft", "middle");
    }

    // Points are joined only where nothing is missing between them.
    private static void WriteLine(Svg svg, ContestantLook look, (double X, double Y)?[] points)
    {
        svg.Begin(look.Family);
        for (int start = 0; start < points.Length; start++)
        {
            (double, double)[] run = [.. points.Skip(start).TakeWhile(point => point is not null).Select(point => point!.Value)];
            if (run.Length > 1)
            {
                svg.Lines(run, look.IsDashed ? "line dashed" : "line");
            }

            start += run.Length;
        }

        foreach ((double x, double y) in points.OfType<(double, double)>())
        {
            svg.Mark(x, y, look.Mark, "mark");
        }

        svg.End();
    }

    private void WriteLegend(Svg svg, LogAxis across, LogAxis up)
    {
        (ContestantLook Look, double X, double Y, double Value)[] ends =
        [
            .. Series.Where(series => series.Ys.Any(y => y is not null))
                .Select(series =>
                {
                    int last = Enumerable.Range(0, Xs.Count).Last(i => series.Ys[i] is not null);
                    double value = series.Ys[last]!.Value;
                    return (series.Look, across.Position(Xs[last]), up.Position(value), value);
                })
                .OrderBy(end => end.Item3).ThenBy(end => end.Look.Order),
        ];
        double[] places = Spread([.. ends.Select(end => end.Y)], Bottom - 4);
        for (int i = 0; i < ends.Length; i++)
        {
            svg.Line(ends[i].X + 7, ends[i].Y, Right + 14, places[i], "leader");
            svg.Begin(ends[i].Look.Family);
            svg.Mark(Right + 24, places[i], ends[i].Look.Mark, "mark");
            svg.End();
            svg.Label(Right + 36, places[i] + 4, ends[i].Look.Label, ends[i].Look.Name == ContestantLook.LanChat ? "strong" : "");
            svg.Label(Plot.Width - Plot.Margin, places[i] + 4, Figures.Number(ends[i].Value), "soft", "end");
        }
    }

    // As near as can be to where the lines end, without one label over another.
    private static double[] Spread(double[] places, double bottom)
    {
        for (int i = 1; i < places.Length; i++)
        {
            places[i] = Math.Max(places[i], places[i - 1] + LabelHeight);
        }

        for (int i = places.Length - 1; i >= 0; i--)
        {
            places[i] = Math.Min(places[i], i == places.Length - 1 ? bottom : places[i + 1] - LabelHeight);
        }

        return places;
    }
}
