using System.Globalization;
using System.Text.Json;

namespace LanChat.Throughput;

/// <summary>A report as files: results.md with its pictures beside it, and results.json, of which all of them can be made again.</summary>
internal static class MarkdownReport
{
    private const string CostKey = """
        **N** members are in the room and hear all that is said, **W** messages are under way at once. **ns per delivery** is what the server's process takes of the processor for one message to one member.
        **floor** is the same of a server on raw sockets without any protocol, with frames of the same length, measured in turns with it; **× floor** is one by the other. Figures are medians of **runs**.
        The machine's speed changes within minutes: compare the ratios.
        """;

    internal static void Write(string directory, Report report)
    {
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, "results.json"), JsonSerializer.Serialize(report, ReportJson.Default.Report) + "\n");
        IReadOnlyList<(string File, string Shows)> pictures = Plots.Write(directory, report);
        File.WriteAllText(Path.Combine(directory, "results.md"), ToText(report, pictures));
    }

    private static string ToText(Report report, IReadOnlyList<(string File, string Shows)> pictures)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        text.Write("# Throughput\n\n");
        text.Write($"- Date: {Figures.Date(report.Date)}\n");
        text.Write($"- Machine: {Escape(report.Machine)}\n");
        text.Write($"- Commit: {Escape(report.Commit)}\n");
        text.Write($"- Command: `{Figures.Sentence(report.Command).Replace('`', '\'')}`\n");
        AppendList(text, "\n", report.Notes);
        AppendList(text, "\nNot measured:\n\n", report.Skipped);
        IReadOnlyList<ReportTable> tables = ReportTable.AllOf(report);
        AppendSection(text, report, "Cost of a delivery", CostKey + "\n", tables.Where(table => table.Key.IsCost), pictures, "cost-by-members.svg", "cost-by-window.svg", "bytes-per-send.svg");
        AppendSection(text, report, "Latency", "From the time a message was due, whether it could be sent then or not, to its arrival at a member.\n", tables.Where(table => table.Key.Case == CaseKey.Latency), pictures, "latency.svg");
        AppendSection(text, report, "Members who never read", "What the others notice of them: the latency of **N** who read, with and without some more in the room who never do, in turns. Those are beyond what the kernel takes for them, and within the server's lag limit.\n", tables.Where(table => table.Key.IsFrozen), pictures);
        AppendSection(text, report, "Memory", "Resident memory of the server for each member more who is idle; 1 KB is 1,024 bytes.\n", tables.Where(table => table.Key.Case == CaseKey.Idle), pictures, "memory.svg");
        AppendSection(text, report, "TLS handshakes", "A second, on one core of the server.\n", tables.Where(table => table.Key.Case == CaseKey.Handshakes), pictures);
        return text.ToString();
    }

    private static void AppendSection(
        StringWriter text, Report report, string title, string explanation, IEnumerable<ReportTable> tables, IReadOnlyList<(string File, string Shows)> pictures, params ReadOnlySpan<string> files)
    {
        ReportTable[] all = [.. tables];
        if (all.Length == 0)
        {
            return;
        }

        text.Write($"\n## {title}\n\n{explanation.ReplaceLineEndings("\n")}");
        foreach (string file in files)
        {
            foreach ((string name, string shows) in pictures.Where(picture => picture.File == file))
            {
                text.Write($"\n![{shows}]({name})\n");
            }
        }

        if (all[0].Key.IsCost)
        {
            (IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows) = ReportTable.OverviewOf(report);
            text.Write("\n");
            AppendRows(text, columns, rows);
        }

        foreach (ReportTable table in all)
        {
            text.Write($"\n### {Escape(table.Key.Title)}\n\n");
            AppendRows(text, table.Columns, table.Rows);
            AppendList(text, "\nNo figure:\n\n", table.Notes);
        }
    }

    // Padded, so that the file is as easy to read as the page.
    private static void AppendRows(StringWriter text, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> table)
    {
        string[][] rows = [.. table.Prepend(columns).Select(row => row.Select(Escape).ToArray())];
        int[] widths = [.. columns.Select((_, i) => rows.Max(row => row[i].Length))];
        for (int i = 0; i < rows.Length; i++)
        {
            text.Write("| " + string.Join(" | ", rows[i].Select((cell, column) => column == 0 ? cell.PadRight(widths[0]) : cell.PadLeft(widths[column]))) + " |\n");
            if (i == 0)
            {
                text.Write("| " + string.Join(" | ", widths.Select((width, column) => column == 0 ? new string('-', width) : new string('-', width - 1) + ":")) + " |\n");
            }
        }
    }

    private static void AppendList(StringWriter text, string before, IReadOnlyList<string> sentences)
    {
        if (sentences.Count > 0)
        {
            text.Write(before);
            foreach (string sentence in sentences)
            {
                text.Write($"- {Escape(sentence)}\n");
            }
        }
    }

    private static string Escape(string words) =>
        Figures.Sentence(words).Replace("\\", "\\\\").Replace("|", "\\|").Replace("<", "&lt;").Replace("*", "\\*").Replace("_", "\\_").Replace("`", "\\`");
}
