namespace LanChat.Throughput;

/// <summary>What all pictures have in common.</summary>
internal static class Plot
{
    internal const int Width = 800;
    internal const int Margin = 24;

    private const double LineHeight = 17;

    // What fits into the width at the size of small text, with a tenth to spare for fonts that are wide.
    private const int NoteColumns = 122;

    internal static double HeightOf(IReadOnlyList<string> lines) => lines.Count > 0 ? 10 + (lines.Count * LineHeight) : 0;

    internal static void WriteNotes(Svg svg, double y, IReadOnlyList<string> lines)
    {
        for (int i = 0; i < lines.Count; i++)
        {
            svg.Label(Margin, y + 10 + (i * LineHeight), lines[i], "soft");
        }
    }

    /// <summary>Breaks sentences into lines that fit; each begins a line.</summary>
    internal static IReadOnlyList<string> Wrap(IEnumerable<string> sentences)
    {
        var lines = new List<string>();
        foreach (string sentence in sentences)
        {
            string line = "";
            foreach (string word in Figures.Sentence(sentence).Split(' '))
            {
                if (line.Length > 0 && line.Length + word.Length >= NoteColumns)
                {
                    lines.Add(line);
                    line = "";
                }

                line += line.Length > 0 ? " " + word : word;
            }

            lines.Add(line);
        }

        return lines;
    }
}
