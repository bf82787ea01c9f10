namespace LanChat.Samples.Terminal;

/// <summary>The text of a line editor in rows, as many as are allowed, around the cursor.</summary>
internal sealed record InputRows(IReadOnlyList<StyledLine> Rows, int CursorRow, int CursorColumn)
{
    // A prompt that leaves less than this for the text is not shown.
    private const int MinTextColumns = 8;

    internal static InputRows Lay(StyledLine prompt, string text, int cursor, int width, int maxRows)
    {
        StyledLine head = prompt.Width + MinTextColumns <= width ? prompt : new StyledLine();
        int indent = head.Width;
        List<string> rows = [];
        int start = 0;
        int column = indent;
        (int Row, int Column) place = (0, indent);

        void EndRow(int end)
        {
            rows.Add(Visible(text[start..end]));
            start = end;
            column = indent;
        }

        for (int at = 0; at < text.Length;)
        {
            int next = Graphemes.Next(text, at);
            bool endsLine = text[at] == '\n';
            int columns = endsLine ? 1 : TextWidth.OfGrapheme(text.AsSpan(at, next - at));
            if (column + columns > width && at > start)
            {
                EndRow(at);
            }

            if (at == cursor)
            {
                place = (rows.Count, column);
            }

            column += columns;
            at = next;
            if (endsLine)
            {
                EndRow(at);
            }
        }

        // The cursor behind the last character needs a cell of its own.
        if (column >= width && text.Length > start)
        {
            EndRow(text.Length);
        }

        if (cursor >= text.Length)
        {
            place = (rows.Count, column);
        }

        rows.Add(Visible(text[start..]));
        return Window(head, rows, place.Row, place.Column, maxRows);
    }

    private static InputRows Window(StyledLine head, List<string> rows, int cursorRow, int cursorColumn, int maxRows)
    {
        int first = Math.Clamp(cursorRow - maxRows / 2, 0, Math.Max(0, rows.Count - maxRows));
        string indent = new(' ', head.Width);
        var shown = new List<StyledLine>();
        for (int row = first; row < Math.Min(rows.Count, first + maxRows); row++)
        {
            var content = new StyledRun(rows[row]);
            shown.Add(row == 0 ? new StyledLine([.. head.Runs, content]) : new StyledLine(new StyledRun(indent), content));
        }

        return new InputRows(shown, cursorRow - first, cursorColumn);
    }

    private static string Visible(string text) => text.Replace('\n', '⏎');
}
