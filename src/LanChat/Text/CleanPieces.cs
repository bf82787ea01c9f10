using System.Text;
using System.Text.Unicode;

namespace LanChat.Text;

/// <summary>Walks any bytes as text that is safe to keep and to draw: yields the clean stretches of the input as they are, and U+FFFD in place of
/// each forbidden scalar and each invalid sequence.</summary>
/// <remarks>Used by <c>foreach</c>; allocates nothing and never throws. The concatenated pieces are valid UTF-8 of at most three times the input's
/// length (a control byte becomes three), and walking them again changes nothing.</remarks>
internal ref struct CleanPieces
{
    private readonly bool _isValid;
    private ReadOnlySpan<byte> _rest;

    internal CleanPieces(ReadOnlySpan<byte> text)
    {
        _rest = text;
        _isValid = Utf8.IsValid(text);
    }

    internal static ReadOnlySpan<byte> Replacement => "\uFFFD"u8;

    public ReadOnlySpan<byte> Current { get; private set; }

    public readonly CleanPieces GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.IsEmpty)
            return false;

        int clean = _isValid ? ForbiddenScalars.IndexIn(_rest) : MeasureCleanSlow(_rest);
        if (clean < 0)
            clean = _rest.Length;

        if (clean > 0)
        {
            Current = _rest[..clean];
            _rest = _rest[clean..];
            return true;
        }

        // Of an invalid sequence the decoder consumes what could have begun a character, so what follows it is not lost.
        Rune.DecodeFromUtf8(_rest, out _, out int replaced);
        Current = Replacement;
        _rest = _rest[replaced..];
        return true;
    }

    private static int MeasureCleanSlow(ReadOnlySpan<byte> text)
    {
        int at = 0;
        while (Rune.DecodeFromUtf8(text[at..], out Rune rune, out int bytes) == System.Buffers.OperationStatus.Done && !ForbiddenScalars.Contains(rune.Value))
            at += bytes;

        return at;
    }
}
