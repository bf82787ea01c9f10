namespace LanChat.Samples.Terminal;

/// <summary>What was typed before, and the way through it: the line that was being typed is kept as the newest.</summary>
internal sealed class History
{
    // As much as anyone scrolls back to; each at most as long as a message.
    private const int MaxLines = 200;

    private readonly List<string> _lines = [];

    // Which line is shown; _lines.Count: the draft.
    private int _shown;
    private string _draft = "";

    internal void Add(string line)
    {
        if (line.Length > 0 && (_lines.Count == 0 || _lines[^1] != line))
        {
            _lines.Add(line);
            if (_lines.Count > MaxLines)
            {
                _lines.RemoveAt(0);
            }
        }

        _shown = _lines.Count;
        _draft = "";
    }

    /// <summary>Returns the line before the one that is shown, or null at the oldest.</summary>
    internal string? Older(string current)
    {
        if (_shown == 0)
        {
            return null;
        }

        if (_shown == _lines.Count)
        {
            _draft = current;
        }

        return _lines[--_shown];
    }

    /// <summary>Returns the line after the one that is shown, at last the draft, or null when it is shown already.</summary>
    internal string? Newer()
    {
        if (_shown == _lines.Count)
        {
            return null;
        }

        return ++_shown == _lines.Count ? _draft : _lines[_shown];
    }
}
