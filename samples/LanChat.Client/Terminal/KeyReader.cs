using System.Buffers;
using System.Text;

namespace LanChat.Samples.Terminal;

/// <summary>Turns the bytes that a terminal sends into keys: UTF-8, control characters, escape sequences (CSI, SS3) and bracketed pastes.</summary>
/// <remarks>Pure, and fed in pieces of any size: what is incomplete waits for the rest. What it does not know it swallows whole, so that no
/// sequence leaves its letters in the line. Alone, Escape means nothing here, so there is no time to wait for what may follow it: with the
/// next key it makes Alt.</remarks>
internal sealed class KeyReader
{
    private const byte Escape = 0x1B;

    // Longer than any sequence that says something; the rest of a longer one is skipped.
    private const int MaxSequenceBytes = 32;

    // Sixteen times what a message can hold; of what is beyond it nothing is kept, but its end is still found.
    private const int MaxPasteBytes = 64 * 1024;

    private static readonly byte[] PasteEnd = "\x1B[201~"u8.ToArray();

    private readonly List<byte> _sequence = [];
    private readonly ArrayBufferWriter<byte> _paste = new();
    private readonly byte[] _character = new byte[4];
    private int _characterBytes;
    private int _pasteEndMatched;
    private State _state = State.Ground;

    private enum State
    {
        Ground,
        AfterEscape,
        Control,
        LinuxFunctionKey,
        SingleShift,
        Paste,
    }

    /// <summary>Reads the next bytes and adds the keys that they complete.</summary>
    internal void Read(ReadOnlySpan<byte> bytes, ICollection<Key> keys)
    {
        foreach (byte next in bytes)
        {
            Read(next, keys);
        }
    }

    private void Read(byte next, ICollection<Key> keys)
    {
        switch (_state)
        {
            case State.Paste:
                ReadPaste(next, keys);
                break;
            case State.Control:
                ReadControl(next, keys);
                break;
            case State.LinuxFunctionKey:
                _state = State.Ground;
                break;
            case State.SingleShift when next >= ' ':
                _state = State.Ground;
                Add(KeySequences.OfLetter((char)next, isModified: false), keys);
                break;
            case State.AfterEscape:
                ReadAfterEscape(next, keys);
                break;
            default:
                _state = State.Ground;
                ReadGround(next, keys);
                break;
        }
    }

    private void ReadGround(byte next, ICollection<Key> keys)
    {
        if (_characterBytes > 0 || next >= 0x80)
        {
            ReadCharacter(next, keys);
        }
        else if (next == Escape)
        {
            _state = State.AfterEscape;
        }
        else if (next is >= (byte)' ' and < 0x7F)
        {
            keys.Add(new Key(KeyKind.Text, ((char)next).ToString()));
        }
        else
        {
            Add(KeySequences.OfControl(next), keys);
        }
    }

    private void ReadCharacter(byte next, ICollection<Key> keys)
    {
        _character[_characterBytes++] = next;
        ReadOnlySpan<byte> bytes = _character.AsSpan(0, _characterBytes);
        OperationStatus status = Rune.DecodeFromUtf8(bytes, out Rune rune, out int consumed);
        if (status == OperationStatus.NeedMoreData)
        {
            return;
        }

        _characterBytes = 0;
        if (status == OperationStatus.Done)
        {
            if (!Rune.IsControl(rune))
            {
                keys.Add(new Key(KeyKind.Text, rune.ToString()));
            }

            return;
        }

        // What broke the character off is no part of it, and means what it means alone.
        keys.Add(new Key(KeyKind.Text, Rune.ReplacementChar.ToString()));
        if (consumed <= bytes.Length - 1)
        {
            ReadGround(next, keys);
        }
    }

    private void ReadAfterEscape(byte next, ICollection<Key> keys)
    {
        _state = State.Ground;
        switch (next)
        {
            case (byte)'[':
                _sequence.Clear();
                _state = State.Control;
                break;
            case (byte)'O':
                _state = State.SingleShift;
                break;
            case Escape:
                _state = State.AfterEscape;
                break;
            case < 0x80:
                Add(KeySequences.OfAlt(next), keys);
                break;
            default:
                ReadGround(next, keys);
                break;
        }
    }

    private void ReadControl(byte next, ICollection<Key> keys)
    {
        switch (next)
        {
            case (byte)'[' when _sequence.Count == 0:
                _state = State.LinuxFunctionKey;
                break;
            case >= 0x20 and <= 0x3F:
                if (_sequence.Count < MaxSequenceBytes)
                {
                    _sequence.Add(next);
                }

                break;
            case >= 0x40 and <= 0x7E:
                _state = State.Ground;
                string parameters = Encoding.ASCII.GetString([.. _sequence]);
                if (next == '~' && parameters == "200")
                {
                    _state = State.Paste;
                    _pasteEndMatched = 0;
                    _paste.ResetWrittenCount();
                }
                else
                {
                    Add(KeySequences.OfControlSequence(parameters, (char)next), keys);
                }

                break;
            default:
                // A control character breaks a sequence off.
                _state = State.Ground;
                ReadGround(next, keys);
                break;
        }
    }

    private void ReadPaste(byte next, ICollection<Key> keys)
    {
        if (next == PasteEnd[_pasteEndMatched])
        {
            if (++_pasteEndMatched == PasteEnd.Length)
            {
                _state = State.Ground;
                keys.Add(new Key(KeyKind.Paste, Encoding.UTF8.GetString(_paste.WrittenSpan)));
            }

            return;
        }

        // It was no end: Escape stands only at its start, so nothing but a new start can be in what was held back.
        Keep(PasteEnd.AsSpan(0, _pasteEndMatched));
        _pasteEndMatched = next == Escape ? 1 : 0;
        if (_pasteEndMatched == 0)
        {
            Keep([next]);
        }
    }

    private void Keep(ReadOnlySpan<byte> pasted)
    {
        if (_paste.WrittenCount + pasted.Length <= MaxPasteBytes)
        {
            _paste.Write(pasted);
        }
    }

    private static void Add(KeyKind? kind, ICollection<Key> keys)
    {
        if (kind is { } known)
        {
            keys.Add(new Key(known));
        }
    }
}
