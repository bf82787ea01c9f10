using System.Buffers;
using System.Text;
using System.Text.Unicode;
using LanChat.Connections;
using LanChat.Tests.Text;
using LanChat.Text;
using Xunit;

namespace LanChat.Tests.Fuzzing;

public sealed class TextFuzzTests
{
    private const int MaxTextBytes = 4096;

    // Names and labels are made on the way in, not on the path of messages.
    private const long MaxNameAllocatedBytes = 128 << 10;

    private static readonly LineKind[] Kinds = Enum.GetValues<LineKind>();

    private static readonly byte[] Telnet = [0xFF, 0xFB, 0x01, 0xFF, 0xFA, 0x18, 0x0A, 0xFF, 0xF0, (byte)'h', (byte)'i', 0xFF, 0xF1, (byte)'\r', (byte)'\n'];

    private static readonly Corpus Texts = new(
        [.. HostileText.Fragments, .. HostileText.Fragments.Select((fragment, i) => (byte[])[.. "hello "u8, .. fragment, .. HostileText.Fragments[(i * 7) % HostileText.Fragments.Length]]), new byte[MaxTextBytes]],
        [.. HostileText.Fragments]);

    private static readonly Corpus Names = new(
        [.. new[] { "ada", "Ada-Lovelace_1.5", "Жанна", "李小龙", "محمد", "देवी", "e\u0301e\u0301", "server", "ｅｖｅｒｙ", "q\u0323\u0323\u0323\u0323", "ﬁle", "abcdefghijklmnopqrstuvwx" }.Select(Encoding.UTF8.GetBytes)],
        [.. HostileText.Fragments]);

    private static readonly Corpus Commands = new([Telnet, [.. "hello\r\n"u8], [.. Telnet, .. Telnet]], [0xFF], [0xFF, 0xFA], [0xFF, 0xF0], [0xFF, 0xFF], [(byte)'\n']);

    [Fact]
    [HostileInput(38, "a million mutations of texts and names")]
    public void The_sanitizer_lets_nothing_forbidden_through_changes_nothing_twice_and_allocates_nothing()
    {
        byte[] scratch = new byte[MaxTextBytes];
        byte[] again = new byte[MaxTextBytes];
        Fuzz.Check(Texts, input =>
        {
            TextCheck check = TextRules.TrySanitize(input, scratch, out ReadOnlySpan<byte> clean);
            if (check != TextCheck.Ok)
            {
                return clean.IsEmpty && (check == TextCheck.BadUtf8) == !Utf8.IsValid(input) ? null : $"{check} is not the reason";
            }

            bool isClean = Utf8.IsValid(clean) && ForbiddenScalars.IndexIn(clean) < 0 && clean.Length <= MaxTextBytes;
            bool isStable = TextRules.TrySanitize(clean, again, out ReadOnlySpan<byte> same) == TextCheck.Ok && same == clean;
            return isClean && isStable ? null : "it is not clean";
        });
    }

    [Fact]
    [HostileInput(38, "a million mutations of texts and names")]
    public void What_is_made_for_a_screen_is_clean_and_stays_as_it_is() => Fuzz.Check(Texts, input =>
    {
        string text = TextRules.SanitizeToString(input);
        string line = TextRules.SanitizeToLine(input);
        string label = Label.Of(input);
        return !ForbiddenScalars.AreAbsentFrom(text) || !ReferenceEquals(TextRules.Sanitize(text), text) ? "the text is not clean"
            : !ForbiddenScalars.AreAbsentFrom(line) || line.AsSpan().ContainsAny('\n', '\t') || TextRules.SanitizeToLine(line) != line ? "the line is not clean"
            : !ForbiddenScalars.AreAbsentFrom(label) || Label.Of(label) != label ? "the label is not clean"
            : null;
    }, Fuzz.AnyAllocation);

    [Fact]
    [HostileInput(38, "a million mutations of lines")]
    public void Whatever_is_in_it_a_line_is_clean_begins_as_its_own_and_allocates_nothing()
    {
        var output = new ArrayBufferWriter<byte>(64 << 10);
        Fuzz.Check(Texts, input =>
        {
            int split = input.IsEmpty ? 0 : input[^1] % (input.Length + 1);
            long number = input.Length < 8 ? input.Length - 3 : BitConverter.ToInt64(input);
            LineKind kind = Kinds[input.Length % Kinds.Length];
            output.ResetWrittenCount();
            LineFormat.Write(output, new Line
            {
                Kind = kind,
                Time = number,
                Name = input[..split],
                Text = input[split..],
                IsOpaque = input.Length % 5 == 0,
                Members = (uint)number,
                Code = (int)number,
                Sequence = number,
                LastSequence = number + 1,
                Entries = number,
            }, TimeZoneInfo.Utc);

            ReadOnlySpan<byte> drawn = output.WrittenSpan;
            if (!Utf8.IsValid(drawn) || ForbiddenScalars.IndexIn(drawn) >= 0 || drawn.ContainsAny((byte)'\r', (byte)'\t'))
            {
                return $"a line of {kind} is not clean";
            }

            return kind == LineKind.Words || BeginsAsItsOwn(kind, drawn) ? null : $"a line of {kind} begins as another";
        });
    }

    [Fact]
    [HostileInput(38, "a million mutations of texts and names")]
    public void A_name_is_refused_or_is_its_own_name() => Fuzz.Check(Names, input =>
    {
        if (NameRule.Check(input, out string name, out string key) != NameCheck.Ok)
        {
            return name.Length == 0 && key.Length == 0 ? null : "something of a refused name is left";
        }

        byte[] utf8 = Encoding.UTF8.GetBytes(name);
        bool isStable = NameRule.Check(utf8, out string again, out string sameKey) == NameCheck.Ok && again == name && sameKey == key;
        bool isClean = utf8.Length is > 0 and <= NameRule.MaxBytes && ForbiddenScalars.IndexIn(utf8) < 0 && TextRules.SanitizeToLine(name) == name && Label.Of(name) == name;
        return isStable && isClean ? null : $"'{name}' is no name";
    }, MaxNameAllocatedBytes);

    [Fact]
    [HostileInput(38, "a million mutations of lines")]
    public void Telnets_commands_are_found_whole_and_nothing_of_them_is_left()
    {
        byte[] line = new byte[Commands.MaxBytes];
        Fuzz.Check(Commands, input =>
        {
            int leading = TelnetCommands.MeasureLeading(input);
            int end = TelnetCommands.IndexOfLineFeed(input);
            if (leading > input.Length || end >= input.Length || (end >= 0 && input[end] != '\n'))
            {
                return "it reads outside";
            }

            // More bytes change nothing of what was found.
            if (end >= 0 && TelnetCommands.IndexOfLineFeed(input[..(end + 1)]) != end)
            {
                return "a line ends elsewhere when it comes alone";
            }

            input.CopyTo(line);
            int left = TelnetCommands.Remove(line.AsSpan(0, input.Length));
            return left <= input.Length && !line.AsSpan(0, left).Contains((byte)0xFF) ? null : "a command is left";
        });
    }

    private static bool BeginsAsItsOwn(LineKind kind, ReadOnlySpan<byte> drawn)
    {
        ReadOnlySpan<byte> begin = kind switch
        {
            LineKind.Message or LineKind.Direct => "["u8,
            LineKind.Notice or LineKind.Private => "! "u8,
            LineKind.Confirmed => "ok "u8,
            LineKind.Rejected => "? "u8,
            LineKind.Bye => "bye: "u8,
            _ => "* "u8,
        };
        if (!drawn.StartsWith(begin))
        {
            return false;
        }

        for (int at = drawn.IndexOf((byte)'\n'); at >= 0; at = drawn.IndexOf((byte)'\n'))
        {
            drawn = drawn[(at + 1)..];
            if (!drawn.StartsWith("    "u8))
            {
                return false;
            }
        }

        return true;
    }
}
