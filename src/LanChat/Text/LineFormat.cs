using System.Buffers;
using System.Globalization;
using System.Text;

namespace LanChat.Text;

/// <summary>Draws events as lines of text (docs/protocol.md, section 8): the only place that does, for netcat, the server's console and the piped client.</summary>
/// <remarks><para>Whatever bytes a name or text holds, they pass the sanitizer once more; a line feed in a text begins a further line that is
/// indented by four spaces, a tab becomes a space, either is replaced in a name, and marks that would be painted over other lines are left out.
/// So nothing that a member wrote moves the cursor, or begins a line as if another had written it. (A terminal that folds a long line is beyond
/// this; a program that knows the width indents the folds.)</para>
/// <para>Lines are written without their end: the caller knows whether that is LF or CR LF.</para></remarks>
internal static class LineFormat
{
    private static readonly SearchValues<byte> LineFeedOrTab = SearchValues.Create("\n\t"u8);

    /// <summary>Draws one line. Allocates nothing.</summary>
    internal static void Write(IBufferWriter<byte> output, in Line line, TimeZoneInfo zone)
    {
        switch (line.Kind)
        {
            case LineKind.Words:
                WriteText(output, line.Text, furtherLine: "\n"u8);
                break;
            case LineKind.Message:
                WriteClock(output, line.Time, zone);
                WriteName(output, line.Name);
                output.Write(": "u8);
                WriteSaid(output, line);
                break;
            case LineKind.Joined:
                WriteAct(output, line.Name, " joined ("u8);
                WriteCount(output, line.Members, " member"u8);
                output.Write(")"u8);
                break;
            case LineKind.Left:
                WriteAct(output, line.Name, " left ("u8);
                WriteCount(output, line.Members, " member"u8);
                output.Write(")"u8);
                if (line.Code != (int)DisconnectReason.Goodbye)
                {
                    output.Write(": "u8);
                    WriteReason(output, line.Code);
                }

                break;
            case LineKind.Notice or LineKind.Private:
                output.Write("! "u8);
                WriteText(output, line.Text);
                break;
            case LineKind.Members:
                output.Write("* "u8);
                WriteCount(output, line.Members, " member"u8);
                if (!line.Text.IsEmpty)
                {
                    output.Write(": "u8);
                    WriteText(output, line.Text);
                }

                break;
            case LineKind.LostContact:
                WriteAct(output, line.Name, " lost contact"u8);
                break;
            case LineKind.Back:
                WriteAct(output, line.Name, " is back"u8);
                break;
            case LineKind.Direct:
                WriteClock(output, line.Time, zone);
                WriteName(output, line.Name);
                output.Write(" -> you: "u8);
                WriteSaid(output, line);
                break;
            case LineKind.Gap:
                output.Write("* missed "u8);
                WriteNumber(output, line.Sequence);
                if (line.LastSequence != line.Sequence)
                {
                    output.Write(" to "u8);
                    WriteNumber(output, line.LastSequence);
                }

                break;
            case LineKind.Resumed:
                output.Write("* connected again, "u8);
                WriteCount(output, line.Entries, " entr"u8, one: "y"u8, many: "ies"u8);
                output.Write(" later"u8);
                break;
            case LineKind.Reset:
                output.Write("* the room began anew"u8);
                break;
            case LineKind.Confirmed:
                output.Write("ok "u8);
                WriteNumber(output, line.Sequence);
                break;
            case LineKind.Rejected:
                output.Write("? "u8);
                WriteNumber(output, line.Code);
                output.Write(" "u8);
                WriteSentence(output, line);
                break;
            case LineKind.Bye:
                output.Write("bye: "u8);
                WriteSentence(output, line);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(line), line.Kind, null);
        }
    }

    /// <summary>Draws an event as one string, by <see cref="Write"/>.</summary>
    internal static string Format(RoomEvent roomEvent, TimeZoneInfo? zone)
    {
        long time = roomEvent.Time.ToUnixTimeMilliseconds();
        Line line = roomEvent switch
        {
            MessageReceived { IsOpaque: true } e => new() { Kind = LineKind.Message, Time = time, Name = Encode(e.Name), IsOpaque = true, Text = e.Data.Span },
            MessageReceived e => new() { Kind = LineKind.Message, Time = time, Name = Encode(e.Name), Text = Encode(e.Text) },
            MemberJoined e => new() { Kind = LineKind.Joined, Name = Encode(e.Name), Members = (uint)e.Members },
            MemberLeft e => new() { Kind = LineKind.Left, Name = Encode(e.Name), Members = (uint)e.Members, Code = (int)e.Reason },
            MembersChanged e => new() { Kind = LineKind.Members, Members = (uint)e.Members },
            Notice e => new() { Kind = LineKind.Notice, Text = Encode(e.Text) },
            MemberLostContact e => new() { Kind = LineKind.LostContact, Name = Encode(e.Name) },
            MemberBack e => new() { Kind = LineKind.Back, Name = Encode(e.Name) },
            DirectReceived e => new() { Kind = LineKind.Direct, Time = time, Name = Encode(e.Name), Text = Encode(e.Text) },
            PrivateNotice e => new() { Kind = LineKind.Private, Text = Encode(e.Text) },
            Gap e => new() { Kind = LineKind.Gap, Sequence = e.From, LastSequence = e.To },
            Resumed e => new() { Kind = LineKind.Resumed, Entries = e.Entries },
            Reset => new() { Kind = LineKind.Reset },
            _ => throw new NotSupportedException($"There is no line for {roomEvent.GetType().Name}."),
        };

        var output = new ArrayBufferWriter<byte>();
        Write(output, line, zone ?? TimeZoneInfo.Local);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static byte[] Encode(string text) => Encoding.UTF8.GetBytes(text);

    private static void WriteAct(IBufferWriter<byte> output, ReadOnlySpan<byte> name, ReadOnlySpan<byte> act)
    {
        output.Write("* "u8);
        WriteName(output, name);
        output.Write(act);
    }

    private static void WriteSaid(IBufferWriter<byte> output, in Line line)
    {
        if (!line.IsOpaque)
        {
            WriteText(output, line.Text);
            return;
        }

        output.Write("("u8);
        WriteCount(output, line.Text.Length, " byte"u8);
        output.Write(")"u8);
    }

    private static void WriteSentence(IBufferWriter<byte> output, in Line line)
    {
        if (line.Text.IsEmpty)
            WriteReason(output, line.Code);
        else
            WriteText(output, line.Text);
    }

    private static void WriteReason(IBufferWriter<byte> output, int code)
    {
        ReadOnlySpan<byte> words = ReasonWords.Utf8Of((DisconnectReason)code);
        output.Write(words.IsEmpty ? "code "u8 : words);
        if (words.IsEmpty)
            WriteNumber(output, code);
    }

    private static void WriteText(IBufferWriter<byte> output, ReadOnlySpan<byte> text) => WriteText(output, text, furtherLine: "\n    "u8);

    private static void WriteText(IBufferWriter<byte> output, ReadOnlySpan<byte> text, ReadOnlySpan<byte> furtherLine)
    {
        foreach (ReadOnlySpan<byte> piece in new CleanPieces(text))
            WritePiece(output, piece, furtherLine, tab: " "u8);
    }

    private static void WriteName(IBufferWriter<byte> output, ReadOnlySpan<byte> name)
    {
        foreach (ReadOnlySpan<byte> piece in new CleanPieces(name))
            WritePiece(output, piece, CleanPieces.Replacement, CleanPieces.Replacement);
    }

    private static void WritePiece(IBufferWriter<byte> output, ReadOnlySpan<byte> piece, ReadOnlySpan<byte> lineFeed, ReadOnlySpan<byte> tab)
    {
        for (int at = piece.IndexOfAny(LineFeedOrTab); at >= 0; at = piece.IndexOfAny(LineFeedOrTab))
        {
            WriteLetters(output, piece[..at]);
            output.Write(piece[at] == '\n' ? lineFeed : tab);
            piece = piece[(at + 1)..];
        }

        WriteLetters(output, piece);
    }

    private static void WriteLetters(IBufferWriter<byte> output, ReadOnlySpan<byte> clean)
    {
        var limit = default(MarkLimit);
        int start = 0;
        int at = Ascii.IsValid(clean) ? clean.Length : 0;
        while (at < clean.Length)
        {
            Rune.DecodeFromUtf8(clean[at..], out Rune rune, out int bytes);
            if (limit.IsBeyond(rune))
            {
                output.Write(clean[start..at]);
                start = at + bytes;
            }

            at += bytes;
        }

        output.Write(clean[start..]);
    }

    private static void WriteCount(IBufferWriter<byte> output, long count, ReadOnlySpan<byte> noun) => WriteCount(output, count, noun, one: default, many: "s"u8);

    private static void WriteCount(IBufferWriter<byte> output, long count, ReadOnlySpan<byte> noun, ReadOnlySpan<byte> one, ReadOnlySpan<byte> many)
    {
        WriteNumber(output, count);
        output.Write(noun);
        output.Write(count == 1 ? one : many);
    }

    private static void WriteNumber(IBufferWriter<byte> output, long number)
    {
        Span<byte> digits = stackalloc byte[20];
        number.TryFormat(digits, out int length, provider: CultureInfo.InvariantCulture);
        output.Write(digits[..length]);
    }

    /// <summary>Writes the time of day in the zone. The time comes from the other side and may be any number, so nothing here can overflow.</summary>
    private static void WriteClock(IBufferWriter<byte> output, long unixMilliseconds, TimeZoneInfo zone)
    {
        long milliseconds = Math.Clamp(unixMilliseconds, DateTimeOffset.MinValue.ToUnixTimeMilliseconds(), DateTimeOffset.MaxValue.ToUnixTimeMilliseconds());
        DateTime utc = DateTime.UnixEpoch.AddTicks(milliseconds * TimeSpan.TicksPerMillisecond);
        long local = utc.Ticks + zone.GetUtcOffset(utc).Ticks + TimeSpan.TicksPerDay;
        int second = (int)(local % TimeSpan.TicksPerDay / TimeSpan.TicksPerSecond);

        Span<byte> clock = stackalloc byte[11];
        "[00:00:00] "u8.CopyTo(clock);
        AddTwoDigits(clock[1..], second / 3600);
        AddTwoDigits(clock[4..], second / 60 % 60);
        AddTwoDigits(clock[7..], second % 60);
        output.Write(clock);
    }

    private static void AddTwoDigits(Span<byte> zeros, int number)
    {
        zeros[0] += (byte)(number / 10);
        zeros[1] += (byte)(number % 10);
    }
}
