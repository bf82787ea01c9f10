namespace LanChat.Samples.Terminal;

/// <summary>What control characters and escape sequences mean, as xterm, VTE, the Linux console, tmux, screen and Windows send them. Null: nothing here.</summary>
internal static class KeySequences
{
    internal static KeyKind? OfControl(byte control) => control switch
    {
        0x01 => KeyKind.Home,
        0x02 => KeyKind.Left,
        0x03 => KeyKind.Interrupt,
        0x04 => KeyKind.EndOfInput,
        0x05 => KeyKind.End,
        0x06 => KeyKind.Right,
        0x08 or 0x7F => KeyKind.Backspace,
        0x09 => KeyKind.Tab,
        0x0A or 0x0D => KeyKind.Enter,
        0x0B => KeyKind.KillToEnd,
        0x0C => KeyKind.ClearScreen,
        0x0E => KeyKind.Down,
        0x10 => KeyKind.Up,
        0x15 => KeyKind.KillToStart,
        0x17 => KeyKind.KillWordBack,
        0x19 => KeyKind.Yank,
        0x1A => KeyKind.Suspend,
        _ => null,
    };

    /// <summary>Escape and a byte: Alt with a key.</summary>
    internal static KeyKind? OfAlt(byte next) => next switch
    {
        (byte)'b' => KeyKind.WordLeft,
        (byte)'f' => KeyKind.WordRight,
        (byte)'d' => KeyKind.KillWordAhead,
        0x08 or 0x7F => KeyKind.KillWordBack,
        0x0A or 0x0D => KeyKind.NewLine,
        _ => null,
    };

    /// <summary>CSI, parameters, a final byte.</summary>
    internal static KeyKind? OfControlSequence(string parameters, char final)
    {
        string[] numbers = parameters.Split(';');
        bool isModified = numbers.Length > 1 && numbers[1] is not ("" or "1");
        return final switch
        {
            '~' => OfNumber(numbers, isModified),
            'u' => numbers[0] == "13" ? isModified ? KeyKind.NewLine : KeyKind.Enter : null,
            'I' when parameters.Length == 0 => KeyKind.FocusIn,
            'O' when parameters.Length == 0 => KeyKind.FocusOut,
            'Z' => KeyKind.BackTab,
            _ => OfLetter(final, isModified),
        };
    }

    /// <summary>The final letter of CSI or SS3. With a modifier, arrows go by words.</summary>
    internal static KeyKind? OfLetter(char final, bool isModified) => final switch
    {
        'A' => KeyKind.Up,
        'B' => KeyKind.Down,
        'C' => isModified ? KeyKind.WordRight : KeyKind.Right,
        'D' => isModified ? KeyKind.WordLeft : KeyKind.Left,
        'H' => KeyKind.Home,
        'F' => KeyKind.End,
        'M' => KeyKind.Enter,
        _ => null,
    };

    private static KeyKind? OfNumber(string[] numbers, bool isModified) => numbers switch
    {
        ["1" or "7", ..] => KeyKind.Home,
        ["4" or "8", ..] => KeyKind.End,
        ["3", ..] => isModified ? KeyKind.KillWordAhead : KeyKind.Delete,
        ["27", _, "13"] => isModified ? KeyKind.NewLine : KeyKind.Enter,
        _ => null,
    };
}
