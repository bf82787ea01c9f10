namespace LanChat.Throughput;

/// <summary>One kind of figure in a <see cref="RowPlot"/>. Its colour is its own, or the row's.</summary>
internal sealed record RowSeries(string Label, string Mark, string Family = "");

/// <summary>One row of figures.</summary>
/// <param name="Label">What stands before it.</param>
/// <param name="Family">Its colour.</param>
/// <param name="Values">The figures in the order of the series.</param>
/// <param name="Text">What is written beside them: the figures, or that there are none.</param>
/// <param name="Description">The figures in words; the text if empty.</param>
/// <param name="IsStrong">Whether it is what the picture is about.</param>
internal sealed record PlotRow(string Label, string Family, IReadOnlyList<double?> Values, string Text, string Description = "", bool IsStrong = false);

/// <summary>Rows of figures along one logarithmic axis: bars if there is one figure in each, else marks. Beside them is written what the figures are, or the legend.</summary>
internal sealed class RowPlot
{
    private const double Right = Plot.Width - 236;

    internal required string Title { get; init; }

    internal required string AxisTitle { get; init; }

    internal required IReadOnlyList<RowSeries> Series { get; init; }

    internal required IReadOnlyList<PlotRow> Rows { get; init; }

    /// <summary>Gets whether the figures are bytes of memory, which are counted in powers of two.</summary>
    internal bool AreBytes { get; init; }

    /// <summary>Gets the heading of what is written beside the rows. If empty, nothing is written there.</summary>
    internal string TextTitle { get; init; } = "";

    internal double RowHeight { get; init; } = 28;

    /// <summary>Gets where the axis begins, after the labels of the rows.</summary>
    internal double Left { get; init; } = 168;

    internal IReadOnlyList<string> Notes { get; init; } = [];

    internal string Description => AxisTitle + ". " + string.Join(" ", Rows.Select(row => $"{row.Label}: {(row.Description.Length > 0 ? row.Description : row.Text)}."));

    internal void Write(string path)
    {
        bool areBars = Series.Count == 1;
        IReadOnlyList<string> notes = Plot.Wrap(Notes);
        double top = TextTitle.Length == 0 ? 50 : 78;
        double bottom = top + Math.Max(Rows.Count * RowHeight, areBars || TextTitle.Length > 0 ? 0 : Series.Count * 22);
        using var svg = new Svg(path, Plot.Width, bottom + 54 + Plot.HeightOf(notes), Title, Description);
        LogAxis axis = LogAxis.Around([.. Rows.SelectMany(row => row.Values).OfType<double>().Where(value => value > 0)], Left, Right, areBars, AreBytes);
        foreach (double tick in axis.Ticks)
        {
            double x = axis.Position(tick);
            svg.Line(x, top, x, bottom, "grid");
            svg.Label(x, bottom + 18, AreBytes ? Figures.RoundBytes(tick) : Figures.Round(tick), "soft", "middle");
        }

        svg.Line(Left, top, Left, bottom, "axis");
        svg.Label((Left + Right) / 2, bottom + 38, AxisTitle + " (log scale)", "soft", "middle");
        svg.Label(Right + 14, top - 10, TextTitle, "soft");
        if (!areBars)
        {
            WriteLegend(svg, top);
        }

        for (int i = 0; i < Rows.Count; i++)
        {
            WriteRow(svg, axis, Rows[i], top + ((i + 0.5) * RowHeight), areBars);
        }

        Plot.WriteNotes(svg, bottom + 56, notes);
    }

    // Above the rows, or, where nothing else is written, beside them.
    private void WriteLegend(Svg svg, double top)
    {
        bool isBeside = TextTitle.Length == 0;
        double x = isBeside ? Right + 28 : Left + 6;
        double y = isBeside ? top + 14 : top - 14;
        foreach (RowSeries series in Series)
        {
            svg.Begin(series.Family.Length > 0 ? series.Family : "floor");
            svg.Mark(x, y, series.Mark, "mark");
            svg.End();
            svg.Label(x + 12, y + 4, series.Label, isBeside ? "" : "soft");
            x += isBeside ? 0 : 40 + (series.Label.Length * 7);
            y += isBeside ? 22 : 0;
        }
    }

    private void WriteRow(Svg svg, LogAxis axis, PlotRow row, double y, bool areBars)
    {
        svg.Label(Left - 10, y + 4, row.Label, row.IsStrong ? "strong" : "", "end");
        bool isMissing = row.Values.All(value => value is null);
        double[] there = [.. row.Values.OfType<double>().Select(axis.Position)];
        svg.Begin(row.Family);
        if (areBars && !isMissing)
        {
            double height = Math.Round(RowHeight * 0.62);
            svg.Rectangle(Left, y - (height / 2), Math.Max(there[0] - Left, 1), height, "fill");
        }
        else if (there.Length > 1)
        {
            svg.Line(there.Min(), y, there.Max(), y, "line");
        }

        svg.End();
        for (int i = Series.Count - 1; i >= 0 && !areBars; i--)
        {
            if (row.Values[i] is { } value)
            {
                svg.Begin(Series[i].Family.Length > 0 ? Series[i].Family : row.Family);
                svg.Mark(axis.Position(value), y, Series[i].Mark, "mark");
                svg.End();
            }
        }

        // Beside a bar's end, where the eye is; marks have their figures in a column.
        double at = areBars ? isMissing ? Left + 8 : there[0] + 8 : Right + 14;
        svg.Label(at, y + 4, row.Text, isMissing ? "halo soft" : row.IsStrong ? "halo strong" : "halo");
    }
}
