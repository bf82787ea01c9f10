namespace LanChat.Throughput;

/// <summary>Values of RESP2 and RESP3, as far as a subscriber meets them: a type, and a line or what the line counts.</summary>
internal static class Resp
{
    /// <summary>HELLO's answer has lists in a map; nothing that comes is deeper.</summary>
    private const int MaxDepth = 4;

    /// <summary>Measures the first value with all that is in it; 0: it is not whole.</summary>
    internal static int Measure(ReadOnlySpan<byte> bytes) => Measure(bytes, MaxDepth);

    /// <summary>Gets what is in a whole bulk string.</summary>
    internal static ReadOnlySpan<byte> BulkString(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || value[0] != '$' || !Ascii.TryReadLine(value, out ReadOnlySpan<byte> line, out int taken))
        {
            throw new InvalidDataException($"This is no bulk string: {Ascii.Quote(value)}");
        }

        return value.Slice(taken, Ascii.Number(line[1..]));
    }

    private static int Measure(ReadOnlySpan<byte> bytes, int depth)
    {
        if (depth == 0)
        {
            throw new InvalidDataException("Lists in lists in lists.");
        }

        if (!Ascii.TryReadLine(bytes, out ReadOnlySpan<byte> line, out int taken))
        {
            return 0;
        }

        switch (line.IsEmpty ? default : (char)line[0])
        {
            case '+' or '-' or ':' or '_' or '#' or ',':
                return taken;
            case '$':
                int whole = taken + Ascii.Number(line[1..]) + 2;
                return whole <= bytes.Length ? whole : 0;
            case '*' or '>':
                return Measure(bytes, taken, Ascii.Number(line[1..]), depth);
            case '%':
                return Measure(bytes, taken, 2 * Ascii.Number(line[1..]), depth);
            default:
                throw new InvalidDataException($"This is no value: {Ascii.Quote(line)}");
        }
    }

    private static int Measure(ReadOnlySpan<byte> bytes, int taken, int values, int depth)
    {
        for (; values > 0; values--)
        {
            int length = Measure(bytes[taken..], depth - 1);
            if (length == 0)
            {
                return 0;
            }

            taken += length;
        }

        return taken;
    }
}
