namespace LanChat.Connections;

/// <summary>What telnet says on its own among a person's lines (RFC 854): IAC verb option, IAC SB … IAC SE, IAC command. It is skipped, and any of
/// its bytes may look like a line's end.</summary>
internal static class TelnetCommands
{
    private const byte Start = 0xFF, EndOfData = 240, Data = 250, FirstWithOption = 251;

    /// <summary>Gets the length of the whole commands that <paramref name="bytes"/> begin with.</summary>
    internal static int MeasureLeading(ReadOnlySpan<byte> bytes)
    {
        int length = 0;
        while (Measure(bytes[length..]) is > 0 and int command)
        {
            length += command;
        }

        return length;
    }

    /// <summary>Finds the first line feed that is not inside a command; -1 when there is none.</summary>
    internal static int IndexOfLineFeed(ReadOnlySpan<byte> bytes)
    {
        int from = 0;
        while (bytes[from..].IndexOfAny((byte)'\n', Start) is >= 0 and int at)
        {
            from += at;
            if (bytes[from] == '\n')
            {
                return from;
            }

            int command = Measure(bytes[from..]);
            if (command == 0)
            {
                break;
            }

            from += command;
        }

        return -1;
    }

    /// <summary>Removes the commands from a line, also one that is cut off at its end, and returns the length of the rest.</summary>
    internal static int Remove(Span<byte> line)
    {
        int to = 0;
        int from = 0;
        while (from < line.Length)
        {
            if (line[from] != Start)
            {
                line[to++] = line[from++];
                continue;
            }

            int command = Measure(line[from..]);
            from = command == 0 ? line.Length : from + command;
        }

        return to;
    }

    // Of the command at the start; 0 when there is none, or not yet all of it.
    private static int Measure(ReadOnlySpan<byte> bytes)
    {
        if (bytes is not [Start, byte verb, ..])
        {
            return 0;
        }

        if (verb == Data)
        {
            int end = bytes.IndexOf([Start, EndOfData]);
            return end < 0 ? 0 : end + 2;
        }

        int length = verb is >= FirstWithOption and < Start ? 3 : 2;
        return length <= bytes.Length ? length : 0;
    }
}
