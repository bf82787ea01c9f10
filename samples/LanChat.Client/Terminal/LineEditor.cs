using System.Text;

namespace LanChat.Samples.Terminal;

/// <summary>Says what a key did to the line.</summary>
internal enum EditResult
{
    /// <summary>The line or its cursor changed, or nothing did.</summary>
    Edited,

    /// <summary>Enter: take <see cref="LineEditor.Take"/>.</summary>
    Submitted,

    /// <summary>The line is full: something was not put in.</summary>
    Full,

    /// <summary>It is no key of the editor's.</summary>
    NotMine,
}

/// <summary>One line that is being typed, with a cursor that goes by whole characters as people see them, history, completion and one place for what was cut.</summary>
/// <remarks>Pure. The line may hold line feeds (from a paste, or Alt-Enter) and no other control character.</remarks>
/// <param name="maxBytes">How long the line may be in UTF-8.</param>
/// <param name="complete">What Tab offers for a text and its cursor.</param>
internal sealed class LineEditor(int maxBytes, Func<string, int, Completion> complete)
{
    private readonly History _history = new();
    private string _cut = "";

    // The round of candidates that Tab goes through, from the first Tab to the first other key.
    private Completion? _completion;
    private int _candidate;
    private string _completedWord = "";

    internal string Text { get; private set; } = "";

    internal int Cursor { get; private set; }

    /// <summary>Takes one key.</summary>
    internal EditResult Apply(Key key)
    {
        if (key.Kind is KeyKind.Tab or KeyKind.BackTab)
        {
            return Complete(key.Kind == KeyKind.Tab ? 1 : -1);
        }

        _completion = null;
        switch (key.Kind)
        {
            case KeyKind.Text or KeyKind.Paste:
                return Insert(key.Text);
            case KeyKind.NewLine:
                return Insert("\n");
            case KeyKind.Enter:
                return EditResult.Submitted;
            case KeyKind.Backspace:
                Remove(Graphemes.Previous(Text, Cursor), Cursor);
                break;
            case KeyKind.Delete:
                Remove(Cursor, Graphemes.Next(Text, Cursor));
                break;
            case KeyKind.KillToEnd:
                Cut(Cursor, Text.Length);
                break;
            case KeyKind.KillToStart:
                Cut(0, Cursor);
                break;
            case KeyKind.KillWordBack:
                Cut(WordStart(), Cursor);
                break;
            case KeyKind.KillWordAhead:
                Cut(Cursor, WordEnd());
                break;
            case KeyKind.Yank:
                return Insert(_cut);
            case KeyKind.Up:
                Show(_history.Older(Text));
                break;
            case KeyKind.Down:
                Show(_history.Newer());
                break;
            default:
                return Move(key.Kind);
        }

        return EditResult.Edited;
    }

    /// <summary>Takes the line out, for good or into the history.</summary>
    internal string Take()
    {
        string line = Text;
        _history.Add(line);
        Set("", 0);
        return line;
    }

    /// <summary>Empties the line and forgets it.</summary>
    internal void Discard() => Set("", 0);

    /// <summary>Puts a line that was not carried out where Up finds it first.</summary>
    internal void Remember(string line) => _history.Add(line);

    /// <summary>Puts a text into the line as if typed.</summary>
    internal EditResult Insert(string text)
    {
        string clean = Typed(text);
        int room = maxBytes - Encoding.UTF8.GetByteCount(Text);
        int length = 0;
        foreach (Rune rune in clean.EnumerateRunes())
        {
            room -= rune.Utf8SequenceLength;
            if (room < 0)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        string whole = Text.Insert(Cursor, clean[..length]);
        Set(whole, Cursor + length);
        return length < clean.Length ? EditResult.Full : EditResult.Edited;
    }

    private EditResult Move(KeyKind kind)
    {
        int? to = kind switch
        {
            KeyKind.Left => Graphemes.Previous(Text, Cursor),
            KeyKind.Right => Graphemes.Next(Text, Cursor),
            KeyKind.WordLeft => WordStart(),
            KeyKind.WordRight => WordEnd(),
            KeyKind.Home => 0,
            KeyKind.End => Text.Length,
            _ => null,
        };
        Set(Text, to ?? Cursor);
        return to is null ? EditResult.NotMine : EditResult.Edited;
    }

    private EditResult Complete(int step)
    {
        if (_completion is null)
        {
            Completion found = complete(Text, Cursor);
            if (found.Candidates.Count == 0)
            {
                return EditResult.Edited;
            }

            _completion = found;
            _completedWord = Text[found.Start..Cursor];
            _candidate = step > 0 ? -1 : found.Candidates.Count;
        }

        // One place more than there are candidates: the word as it was typed.
        int places = _completion.Candidates.Count + 1;
        _candidate = (_candidate + step + places) % places;
        string word = _candidate < _completion.Candidates.Count ? _completion.Candidates[_candidate] : _completedWord;
        string whole = Text[.._completion.Start] + word + Text[Cursor..];
        if (Encoding.UTF8.GetByteCount(whole) > maxBytes)
        {
            return EditResult.Full;
        }

        Set(whole, _completion.Start + word.Length);
        return EditResult.Edited;
    }

    private void Show(string? line)
    {
        if (line is not null)
        {
            Set(line, line.Length);
        }
    }

    private void Cut(int start, int end)
    {
        if (end > start)
        {
            _cut = Text[start..end];
            Remove(start, end);
        }
    }

    private void Remove(int start, int end)
    {
        Set(Text.Remove(start, end - start), start);
    }

    private void Set(string text, int cursor)
    {
        Text = text;

        // What was put in may have joined what stood behind it.
        Cursor = Graphemes.Snap(text, cursor);
    }

    private int WordStart()
    {
        int at = Cursor;
        while (at > 0 && char.IsWhiteSpace(Text[at - 1]))
        {
            at--;
        }

        while (at > 0 && !char.IsWhiteSpace(Text[at - 1]))
        {
            at--;
        }

        return at;
    }

    private int WordEnd()
    {
        int at = Cursor;
        while (at < Text.Length && char.IsWhiteSpace(Text[at]))
        {
            at++;
        }

        while (at < Text.Length && !char.IsWhiteSpace(Text[at]))
        {
            at++;
        }

        return at;
    }

    // One kind of line end, spaces for tabs, no other control characters, and no halves of a surrogate pair.
    private static string Typed(string text)
    {
        var typed = new StringBuilder(text.Length);
        foreach (Rune rune in text.ReplaceLineEndings("\n").EnumerateRunes())
        {
            if (rune.Value == '\n' || !Rune.IsControl(rune))
            {
                typed.Append(rune);
            }
            else if (rune.Value == '\t')
            {
                typed.Append(' ');
            }
        }

        return typed.ToString();
    }
}
