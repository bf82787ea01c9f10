namespace LanChat.Samples.Terminal;

/// <summary>A line of runs, which can be cut or folded to a number of columns.</summary>
internal sealed class StyledLine(params IReadOnlyList<StyledRun> runs)
{
    // What tells the rest of a line from the beginning of another one. Only where a row has room for more than it.
    private const string Indent = "    ";

    internal IReadOnlyList<StyledRun> Runs => runs;

    internal int Width => runs.Sum(run => TextWidth.Of(run.Text));

    /// <summary>Splits a text into lines at its line feeds.</summary>
    internal static IEnumerable<StyledLine> Of(string text, string style = "") => text.Split('\n').Select(line => new StyledLine(new StyledRun(line, style)));

    /// <summary>Returns the line without what does not fit; an ellipsis says that there was more.</summary>
    internal StyledLine Cut(int width)
    {
        if (Width <= width)
        {
            return this;
        }

        StyledLine first = Fold(Math.Max(1, width - 1))[0];
        return width < 2 ? first : new StyledLine([.. first.Runs, new StyledRun("…", first.Runs.Count > 0 ? first.Runs[^1].Style : "")]);
    }

    /// <summary>Splits the line into rows of at most so many columns; all but the first are indented, so that none can pass for a line of its own.</summary>
    internal IReadOnlyList<StyledLine> Fold(int width)
    {
        string indent = width > 2 * Indent.Length ? Indent : width > 1 ? " " : "";
        List<StyledLine> rows = [];
        List<StyledRun> row = [];
        int column = 0;
        foreach (StyledRun run in runs)
        {
            int start = 0;
            for (int at = 0; at < run.Text.Length;)
            {
                int next = Graphemes.Next(run.Text, at);
                int columns = TextWidth.OfGrapheme(run.Text.AsSpan(at, next - at));
                if (column + columns > width && column > 0)
                {
                    row.Add(new StyledRun(run.Text[start..at], run.Style));
                    rows.Add(new StyledLine(row));
                    row = [new StyledRun(indent)];
                    start = at;
                    column = indent.Length;
                }

                column += columns;
                at = next;
            }

            row.Add(new StyledRun(run.Text[start..], run.Style));
        }

        rows.Add(new StyledLine(row));
        return rows;
    }

    /// <summary>Says in which row a column comes to lie when a terminal wraps the line at a width, without an indent.</summary>
    internal int WrappedRow(int column, int width)
    {
        int row = 0;
        int counted = 0;
        int used = 0;
        foreach (StyledRun run in runs)
        {
            for (int at = 0; at < run.Text.Length && counted < column;)
            {
                int next = Graphemes.Next(run.Text, at);
                int columns = TextWidth.OfGrapheme(run.Text.AsSpan(at, next - at));
                if (used + columns > width && used > 0)
                {
                    row++;
                    used = 0;
                }

                used += columns;
                counted += columns;
                at = next;
            }
        }

        return row;
    }
}
