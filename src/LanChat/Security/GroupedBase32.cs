using System.Buffers.Binary;

namespace LanChat.Security;

/// <summary>80 bits as people read and type them: 16 digits of Crockford's base 32, which has no letters that are read as another, in groups of four: <c>7H3K-9QXA-PM2D-WZ41</c>.</summary>
internal static class GroupedBase32
{
    internal const int Bytes = 10;

    private const string DigitsInOrder = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int Digits = Bytes * 8 / 5;
    private const int GroupDigits = 4;

    internal static string Write(ReadOnlySpan<byte> bytes)
    {
        Span<byte> padded = stackalloc byte[16];
        padded.Clear();
        bytes[..Bytes].CopyTo(padded[^Bytes..]);
        UInt128 bits = BinaryPrimitives.ReadUInt128BigEndian(padded);
        Span<char> digits = stackalloc char[Digits];
        for (int i = Digits - 1; i >= 0; i--)
        {
            digits[i] = DigitsInOrder[(int)(bits & 31)];
            bits >>= 5;
        }

        return Group(digits);
    }

    /// <summary>Reads the form as it may be typed: with hyphens or without, in capitals or not, with O for 0 and I or L for 1.</summary>
    /// <param name="text">The text.</param>
    /// <param name="grouped">The form as <see cref="Write"/> gives it; empty when the text is something else.</param>
    internal static bool TryRead(string text, out string grouped)
    {
        grouped = "";
        Span<char> digits = stackalloc char[Digits];
        int count = 0;
        foreach (char c in text)
        {
            if (c == '-')
            {
                continue;
            }

            char digit = char.ToUpperInvariant(c) switch
            {
                'O' => '0',
                'I' or 'L' => '1',
                var other => other,
            };
            if (count == Digits || !char.IsAscii(c) || !DigitsInOrder.Contains(digit, StringComparison.Ordinal))
            {
                return false;
            }

            digits[count++] = digit;
        }

        grouped = count == Digits ? Group(digits) : "";
        return count == Digits;
    }

    private static string Group(ReadOnlySpan<char> digits)
    {
        Span<char> text = stackalloc char[Digits + ((Digits - 1) / GroupDigits)];
        for (int i = 0; i < text.Length; i++)
        {
            text[i] = i % (GroupDigits + 1) == GroupDigits ? '-' : digits[i - (i / (GroupDigits + 1))];
        }

        return new string(text);
    }
}
