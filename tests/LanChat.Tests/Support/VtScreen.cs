using System.Globalization;
using LanChat.Samples;

namespace LanChat.Tests.Support;

/// <summary>A small model of a terminal: cells, a cursor, a scrollback, and the few sequences that the client sends. Another sequence is an error.</summary>
/// <param name="columns">Its width.</param>
/// <param name="rows">Its height.</param>
/// <param name="reflows">Whether a narrower screen wraps what was on it, or cuts it.</param>
internal sealed class VtScreen(int columns, int rows, bool reflows)
{
    // Every row there ever was; the screen is the last of them, from _top on.
    private readonly List<Row> _rows = [.. Enumerable.Range(0, rows).Select(_ => new Row())];
    private int _columns = columns;
    private int _height = rows;
    private int _top;
    private (int Row, int Column) _saved;
    private bool _wraps = true;
    private bool _isPastEnd;

    internal int CursorRow { get; private set; }

    internal int CursorColumn { get; private set; }

    internal bool IsCursorVisible { get; private set; } = true;

    /// <summary>Gets all rows with text up to the last, the scrollback's first.</summary>
    internal IReadOnlyList<string> Lines => [.. _rows.Select(row => row.Text)];

    /// <summary>Gets the rows of the screen.</summary>
    internal IReadOnlyList<string> Visible => [.. _rows.Skip(_top).Select(row => row.Text)];

    internal void Write(string output)
    {
        for (int at = 0; at < output.Length;)
        {
            at = output[at] switch
            {
                '\e' => Escape(output, at + 1),
                '\r' => CarriageReturn(at),
                '\n' => LineFeed(at),
                < ' ' => throw new InvalidOperationException($"A control character {(int)output[at]} reached the terminal."),
                _ => Print(output, at),
            };
        }
    }

    internal void Resize(int newColumns, int newRows)
    {
        int cursor = _top + CursorRow;
        if (reflows && newColumns != _columns)
        {
            cursor = Reflow(newColumns, cursor);
        }
        else
        {
            _rows.ForEach(row => row.Cut(newColumns));
        }

        CursorColumn = Math.Min(CursorColumn, newColumns - 1);
        _columns = newColumns;
        _height = newRows;
        _isPastEnd = false;
        // The cursor stays on the screen: what is below it goes first, as in tmux, empty or not; then what is above, into the scrollback.
        int below = Math.Max(_rows.Count - 1 - cursor, 0);
        int surplus = Math.Clamp(_rows.Count - _top - newRows, 0, below);
        _rows.RemoveRange(_rows.Count - surplus, surplus);
        while (_rows.Count > cursor + 1 && _rows[^1].Text.Length == 0)
        {
            _rows.RemoveAt(_rows.Count - 1);
        }

        _top = Math.Max(0, _rows.Count - newRows);
        while (_rows.Count < _top + newRows)
        {
            _rows.Add(new Row());
        }

        CursorRow = cursor - _top;
    }

    private int Reflow(int newColumns, int cursor)
    {
        Row[] old = [.. _rows];
        _rows.Clear();
        int newCursor = 0;
        for (int i = 0; i < old.Length;)
        {
            var cells = new List<string>();
            int offset = -1;
            bool goesOn = true;
            for (; goesOn && i < old.Length; i++)
            {
                offset = i == cursor ? cells.Count + CursorColumn : offset;
                cells.AddRange(old[i].Cells);
                goesOn = old[i].IsWrapped;
            }

            int row = Wrap(cells, newColumns, offset);
            newCursor = offset >= 0 ? row : newCursor;
        }

        return newCursor;
    }

    // Returns the row in which the offset came to lie.
    private int Wrap(List<string> cells, int width, int offset)
    {
        _rows.Add(new Row());
        int found = _rows.Count - 1;
        for (int i = 0; i < cells.Count; i++)
        {
            int needed = i + 1 < cells.Count && cells[i + 1].Length == 0 ? 2 : 1;
            if (cells[i].Length > 0 && _rows[^1].Cells.Count + needed > width && _rows[^1].Cells.Count > 0)
            {
                _rows[^1].IsWrapped = true;
                _rows.Add(new Row());
            }

            if (i < offset)
            {
                found = _rows.Count - 1;
            }

            _rows[^1].Cells.Add(cells[i]);
        }

        if (offset >= 0)
        {
            CursorColumn = Math.Min(offset, _rows[found].Cells.Count);
        }

        return found;
    }

    private int CarriageReturn(int at)
    {
        CursorColumn = 0;
        _isPastEnd = false;
        return at + 1;
    }

    private int LineFeed(int at)
    {
        _isPastEnd = false;
        Down();
        return at + 1;
    }

    private void Down()
    {
        if (CursorRow < _height - 1)
        {
            CursorRow++;
            return;
        }

        _rows.Add(new Row());
        _top++;
    }

    private int Print(string output, int at)
    {
        int length = StringInfo.GetNextTextElementLength(output, at);
        string grapheme = output.Substring(at, length);
        int width = TextWidth.OfGrapheme(grapheme);
        Row row = _rows[_top + CursorRow];
        if (width == 0)
        {
            row.Join(CursorColumn, grapheme);
            return at + length;
        }

        bool isBeyond = _isPastEnd || CursorColumn + width > _columns;
        if (isBeyond && _wraps)
        {
            row.IsWrapped = true;
            CursorColumn = 0;
            Down();
            row = _rows[_top + CursorRow];
        }
        else if (isBeyond)
        {
            CursorColumn = Math.Max(0, _columns - width);
        }

        row.Put(CursorColumn, grapheme, width);
        _isPastEnd = CursorColumn + width >= _columns;
        CursorColumn = Math.Min(CursorColumn + width, _columns - 1);
        return at + length;
    }

    private int Escape(string output, int at)
    {
        switch (output[at])
        {
            case '7':
                _saved = (CursorRow, CursorColumn);
                return at + 1;
            case '8':
                (CursorRow, CursorColumn) = _saved;
                _isPastEnd = false;
                return at + 1;
            case '[':
                int end = at + 1;
                while (output[end] is (>= '0' and <= '9') or ';' or '?')
                {
                    end++;
                }

                Control(output[(at + 1)..end], output[end]);
                return end + 1;
            default:
                throw new InvalidOperationException($"The model knows no ESC {output[at]}.");
        }
    }

    private void Control(string parameters, char final)
    {
        switch (parameters, final)
        {
            case ("?25", _):
                IsCursorVisible = final == 'h';
                break;
            case ("?7", _):
                _wraps = final == 'h';
                break;
            case (_, 'm'):
                break;
            case (_, 'A'):
                CursorRow = Math.Max(0, CursorRow - int.Parse(parameters, CultureInfo.InvariantCulture));
                break;
            case ("", 'H'):
                (CursorRow, CursorColumn, _isPastEnd) = (0, 0, false);
                break;
            case ("2", 'J'):
                _rows.Skip(_top).ToList().ForEach(row => row.Cut(0));
                break;
            case ("", 'J'):
                _rows[_top + CursorRow].Cut(CursorColumn);
                _rows.Skip(_top + CursorRow + 1).ToList().ForEach(row => row.Cut(0));
                break;
            default:
                throw new InvalidOperationException($"The model knows no CSI {parameters}{final}.");
        }
    }

    private sealed class Row
    {
        // A wide character has an empty cell behind it.
        internal List<string> Cells { get; } = [];

        internal bool IsWrapped { get; set; }

        internal string Text => string.Concat(Cells).TrimEnd();

        internal void Put(int column, string grapheme, int width)
        {
            while (Cells.Count < column + width)
            {
                Cells.Add(" ");
            }

            Cells[column] = grapheme;
            for (int i = 1; i < width; i++)
            {
                Cells[column + i] = "";
            }
        }

        internal void Join(int column, string mark)
        {
            int before = Math.Min(column, Cells.Count) - 1;
            if (before >= 0)
            {
                Cells[Cells[before].Length == 0 && before > 0 ? before - 1 : before] += mark;
            }
        }

        internal void Cut(int length)
        {
            if (Cells.Count > length)
            {
                Cells.RemoveRange(length, Cells.Count - length);
            }

            IsWrapped = IsWrapped && length > 0;
        }
    }
}
