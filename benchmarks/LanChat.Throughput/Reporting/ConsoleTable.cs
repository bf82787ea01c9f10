namespace LanChat.Throughput;

/// <summary>A report as text for a terminal.</summary>
internal static class ConsoleTable
{
    internal static void Write(TextWriter output, Report report)
    {
        output.WriteLine(Figures.Sentence(report.Machine));
        foreach (ReportTable table in ReportTable.AllOf(report))
        {
            output.WriteLine();
            output.WriteLine(table.Key.Title);
            WriteRows(output, table);
            WriteList(output, "  no figure: ", table.Notes);
        }

        output.WriteLine();
        WriteList(output, "not measured: ", report.Skipped);
        WriteList(output, "note: ", report.Notes);
    }

    private static void WriteRows(TextWriter output, ReportTable table)
    {
        int[] widths = [.. table.Columns.Select((heading, i) => table.Rows.Append(table.Columns).Max(row => row[i].Length))];
        foreach (IReadOnlyList<string> row in table.Rows.Prepend(table.Columns))
        {
            string line = "  " + row[0].PadRight(widths[0]);
            for (int i = 1; i < row.Count; i++)
            {
                line += "  " + row[i].PadLeft(widths[i]);
            }

            output.WriteLine(line.TrimEnd());
        }
    }

    private static void WriteList(TextWriter output, string before, IReadOnlyList<string> sentences)
    {
        foreach (string sentence in sentences)
        {
            output.WriteLine(before + Figures.Sentence(sentence));
        }
    }
}
