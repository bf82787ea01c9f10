namespace LanChat.Samples.Terminal;

/// <summary>What is always in sight: the room and how many are in it; then what is unread elsewhere, the server and how the link is kept.</summary>
internal static class StatusLine
{
    // Below it there is no room for ornament.
    private const int WideColumns = 40;

    // What a part needs to say anything before it is cut.
    private const int MinPartColumns = 7;

    internal static StyledLine Of(Painter painter, int columns, string room, int members, string unread, string rest)
    {
        string count = members == 1 ? "1 member" : $"{members} members";
        string rule = columns < WideColumns ? "" : "── ";

        // However long a room's name is, it leaves its place to the count.
        StyledLine name = new StyledLine(new StyledRun(room, painter.Bold)).Cut(Math.Max(1, columns - rule.Length - count.Length - 3));
        List<StyledRun> runs = [new StyledRun(rule, painter.Dim), .. name.Runs, new StyledRun(" · ", painter.Dim), new StyledRun(count)];
        Add(runs, columns, unread, painter.Accent);
        Add(runs, columns, rest + (rule.Length > 0 ? " ──" : ""), painter.Dim);
        return new StyledLine(runs);
    }

    private static void Add(List<StyledRun> runs, int columns, string part, string style)
    {
        if (part.Length > 0 && new StyledLine(runs).Width + MinPartColumns <= columns)
        {
            runs.Add(new StyledRun(" · ", style));
            runs.Add(new StyledRun(part, style));
        }
    }
}
