namespace LanChat.Samples.Terminal;

/// <summary>Names what a key asks for, however the terminal spells it.</summary>
internal enum KeyKind
{
    /// <summary>One character, in <see cref="Key.Text"/>.</summary>
    Text,

    /// <summary>All of a bracketed paste, in <see cref="Key.Text"/>.</summary>
    Paste,
    Enter,

    /// <summary>Alt-Enter (or Shift-Enter where the terminal tells): a line feed inside the message.</summary>
    NewLine,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Left,
    Right,
    WordLeft,
    WordRight,
    Home,
    End,
    Up,
    Down,
    KillToEnd,
    KillToStart,
    KillWordBack,
    KillWordAhead,
    Yank,
    ClearScreen,
    Interrupt,
    EndOfInput,
    Suspend,
    FocusIn,
    FocusOut,
}

/// <summary>One key that was pressed, or one paste.</summary>
internal readonly record struct Key(KeyKind Kind, string Text = "");
