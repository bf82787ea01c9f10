using System.Buffers;
using System.Buffers.Text;
using LanChat.Text;

namespace LanChat.Throughput;

/// <summary>What the protocols of lines have in common: numbers in decimal, and lines that end in CR LF.</summary>
internal static class Ascii
{
    /// <summary>The longest line that is waited for. Far above every line that the peers send; NATS' INFO is the longest, with about 400 bytes.</summary>
    private const int MaxLineBytes = 64 * 1024;

    private const int MaxDigits = 10;

    internal static void WriteNumber(this IBufferWriter<byte> output, int value)
    {
        Utf8Formatter.TryFormat(value, output.GetSpan(MaxDigits), out int written);
        output.Advance(written);
    }

    internal static int Digits(int value)
    {
        int digits = 1;
        while ((value /= 10) != 0)
        {
            digits++;
        }

        return digits;
    }

    /// <summary>Reads a number of 0 or more that is all of <paramref name="text"/>.</summary>
    internal static int Number(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out int value, out int read) && read == text.Length && value >= 0
            ? value
            : throw new InvalidDataException($"This is no number: {Quote(text)}");

    /// <summary>Finds the first line.</summary>
    /// <param name="bytes">What came.</param>
    /// <param name="line">The line without its end.</param>
    /// <param name="taken">Its length with its end.</param>
    /// <returns>False: its end is not here yet.</returns>
    internal static bool TryReadLine(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> line, out int taken)
    {
        int end = bytes.IndexOf("\r\n"u8);
        if (end < 0 && bytes.Length > MaxLineBytes)
        {
            throw new InvalidDataException($"A line has no end: {Quote(bytes)}");
        }

        line = end < 0 ? default : bytes[..end];
        taken = end + 2;
        return end >= 0;
    }

    /// <summary>Gives the beginning of what a server said, fit for a message of an exception.</summary>
    internal static string Quote(ReadOnlySpan<byte> text) => TextRules.SanitizeToLine(text[..Math.Min(text.Length, 200)]);
}
