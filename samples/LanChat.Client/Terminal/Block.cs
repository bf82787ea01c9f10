namespace LanChat.Samples.Terminal;

/// <summary>A terminal's size in cells.</summary>
internal readonly record struct Size(int Columns, int Rows);

/// <summary>What stays at the bottom while messages go by above it: rows that fit the width, and the cell of the cursor among them.</summary>
internal sealed record Block(IReadOnlyList<StyledLine> Rows, int CursorRow, int CursorColumn)
{
    private const int MaxWaiting = 3;

    /// <summary>Puts a block together from own messages on their way, a status line and the input. On a small screen the input comes first, then the status.</summary>
    internal static Block Compose(Size size, Painter painter, IReadOnlyList<StyledLine> waiting, StyledLine status, StyledLine prompt, LineEditor editor)
    {
        // At least half of the screen is for messages.
        InputRows input = InputRows.Lay(prompt, editor.Text, editor.Cursor, size.Columns, Math.Max(1, (size.Rows - 1) / 2));
        List<StyledLine> rows = [];
        int room = Math.Clamp(size.Rows / 2 - input.Rows.Count, 0, MaxWaiting);
        if (waiting.Count > room && room > 0)
        {
            rows.AddRange(waiting.Take(room - 1));
            rows.Add(new StyledLine(new StyledRun($"… and {waiting.Count - room + 1} more on their way", painter.Dim)));
        }
        else
        {
            rows.AddRange(waiting.Take(room));
        }

        if (size.Rows > 1)
        {
            rows.Add(status);
        }

        int above = rows.Count;
        rows.AddRange(input.Rows);
        return new Block([.. rows.Select(row => row.Cut(size.Columns))], above + input.CursorRow, input.CursorColumn);
    }
}
