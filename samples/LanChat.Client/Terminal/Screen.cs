using System.Globalization;
using System.Text;

namespace LanChat.Samples.Terminal;

/// <summary>Composes what to send to the terminal so that lines go by above a block which stays at the bottom.</summary>
/// <remarks>
/// <para>Pure: it remembers only where it left the cursor. There is no alternate screen and no scroll region: the block is erased, the lines
/// are printed where it was, and it is drawn again below them; so the terminal's scrollback has every line. One update is one piece of output, with the cursor hidden.</para>
/// <para>It asks the terminal nothing. Rows are drawn with automatic wrapping off, so that a character which the terminal takes for wider than
/// this program does cannot add a row, and the cursor's cell is one that the terminal saved while drawing (DECSC), not a column that was counted.</para>
/// </remarks>
/// <param name="reflows">Whether the terminal wraps again what is on the screen when it gets narrower, as most do; if not it cuts.</param>
internal sealed class Screen(bool reflows)
{
    private const string Begin = "\e[?25l\e[?7l";
    private const string End = "\e[?7h\e[?25h";
    private const string SaveCursor = "\e7";
    private const string RestoreCursor = "\e8";
    private const string EraseBelow = "\e[J";

    // The block as it is on the screen; null when there is none.
    private Block? _drawn;
    private int _drawnColumns;

    /// <summary>Prints lines, folded to the width, and draws the block below them.</summary>
    internal string Update(Size size, IEnumerable<StyledLine> lines, Block block)
    {
        var output = new StringBuilder(Begin);
        Erase(output, size.Columns);
        Print(output, size.Columns, lines);
        Draw(output, block);
        _drawn = block;
        _drawnColumns = size.Columns;
        return output.Append(End).ToString();
    }

    /// <summary>Prints lines and leaves the cursor below them at the start of a row, without a block.</summary>
    internal string Close(Size size, IEnumerable<StyledLine> lines)
    {
        var output = new StringBuilder(Begin);
        Erase(output, size.Columns);
        Print(output, size.Columns, lines);
        _drawn = null;
        return output.Append(End).ToString();
    }

    /// <summary>Empties the screen; the next update draws at its top.</summary>
    internal string Clear()
    {
        _drawn = null;
        return "\e[H\e[2J";
    }

    /// <summary>Forgets the block: others wrote to the terminal meanwhile, and the cursor is wherever they left it.</summary>
    internal void Forget() => _drawn = null;

    private void Erase(StringBuilder output, int columns)
    {
        if (_drawn is not null)
        {
            MoveUp(output, RowsAboveCursor(_drawn, columns));
        }

        output.Append('\r').Append(EraseBelow);
    }

    private int RowsAboveCursor(Block block, int columns)
    {
        if (columns >= _drawnColumns || !reflows)
        {
            return block.CursorRow;
        }

        // The cursor stands on a cell of its own, which comes after all that is before it.
        int rows = block.Rows[block.CursorRow].WrappedRow(block.CursorColumn, columns);
        for (int row = 0; row < block.CursorRow; row++)
        {
            rows += block.Rows[row].WrappedRow(block.Rows[row].Width, columns) + 1;
        }

        return rows;
    }

    private static void Print(StringBuilder output, int columns, IEnumerable<StyledLine> lines)
    {
        foreach (StyledLine row in lines.SelectMany(line => line.Fold(columns)))
        {
            foreach (StyledRun run in row.Runs)
            {
                Write(output, run.Text, run.Style);
            }

            output.Append("\r\n");
        }
    }

    private static void Draw(StringBuilder output, Block block)
    {
        // First make room: once the cursor's cell is saved nothing may scroll.
        for (int row = 1; row < block.Rows.Count; row++)
        {
            output.Append("\r\n");
        }

        MoveUp(output, block.Rows.Count - 1);
        for (int row = 0; row < block.Rows.Count; row++)
        {
            output.Append(row == 0 ? "\r" : "\r\n");
            DrawRow(output, block.Rows[row], row == block.CursorRow ? block.CursorColumn : -1);
        }

        output.Append(RestoreCursor);
    }

    private static void DrawRow(StringBuilder output, StyledLine row, int cursor)
    {
        int column = 0;
        foreach (StyledRun run in row.Runs)
        {
            int start = 0;
            for (int at = 0; at < run.Text.Length && cursor >= 0;)
            {
                if (column >= cursor)
                {
                    Write(output, run.Text[..at], run.Style);
                    output.Append(SaveCursor);
                    cursor = -1;
                    start = at;
                    break;
                }

                int next = Graphemes.Next(run.Text, at);
                column += TextWidth.OfGrapheme(run.Text.AsSpan(at, next - at));
                at = next;
            }

            Write(output, run.Text[start..], run.Style);
        }

        if (cursor >= 0)
        {
            output.Append(SaveCursor);
        }
    }

    private static void Write(StringBuilder output, string text, string style)
    {
        if (text.Length == 0)
        {
            return;
        }

        if (style.Length == 0)
        {
            output.Append(text);
        }
        else
        {
            output.Append(CultureInfo.InvariantCulture, $"\e[{style}m{text}\e[m");
        }
    }

    private static void MoveUp(StringBuilder output, int rows)
    {
        if (rows > 0)
        {
            output.Append(CultureInfo.InvariantCulture, $"\e[{rows}A");
        }
    }
}
