using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using FsCheck;
using FsCheck.Fluent;
using LanChat.Text;
using Xunit;

namespace LanChat.Tests.Text;

/// <summary>Whatever bytes names and texts hold, a line is clean, and no line of it looks as if another had written it.</summary>
public sealed partial class LineSafetyTests
{
    private static readonly LineKind[] Kinds = Enum.GetValues<LineKind>();

    private static readonly Gen<(LineKind Kind, byte[] Name, byte[] Text, long Number)> Hostile =
        from kind in Gen.Elements(Kinds)
        from name in HostileText.Bytes
        from text in HostileText.Bytes
        from number in Gen.OneOf(Gen.Choose(-3, 300).Select(n => (long)n), Gen.Elements(long.MinValue, long.MaxValue, Noon))
        select (kind, name, text, number);

    private const long Noon = 1_782_909_296_789;

    [Fact]
    public void Whatever_is_in_it_a_line_is_clean_and_begins_as_its_own() =>
        HostileText.Check(Hostile, hostile =>
        {
            var output = new ArrayBufferWriter<byte>();
            LineFormat.Write(output, new Line
            {
                Kind = hostile.Kind,
                Time = hostile.Number,
                Name = hostile.Name,
                Text = hostile.Text,
                IsOpaque = hostile.Number % 7 == 0,
                Members = (uint)hostile.Number,
                Code = (int)hostile.Number,
                Sequence = hostile.Number,
                LastSequence = hostile.Number + 1,
                Entries = hostile.Number,
            }, TimeZoneInfo.Utc);

            Assert.True(Utf8.IsValid(output.WrittenSpan));
            Assert.Equal(-1, ForbiddenScalars.IndexIn(output.WrittenSpan));

            string drawn = Encoding.UTF8.GetString(output.WrittenSpan);
            Assert.DoesNotContain('\r', drawn);
            Assert.DoesNotContain('\t', drawn);
            if (hostile.Kind == LineKind.Words)
                return;

            string[] lines = drawn.Split('\n');
            Assert.Matches(Prefix(hostile.Kind), lines[0]);
            Assert.All(lines.Skip(1), line => Assert.StartsWith("    ", line, StringComparison.Ordinal));
        }, count: 3_000);

    [Fact]
    public void An_event_of_hostile_strings_is_drawn_as_its_bytes_would_be() =>
        HostileText.Check(HostileText.Utf16, text =>
        {
            var output = new ArrayBufferWriter<byte>();
            LineFormat.Write(output, new Line { Kind = LineKind.Notice, Text = Encoding.UTF8.GetBytes(text) }, TimeZoneInfo.Utc);

            Assert.Equal(Encoding.UTF8.GetString(output.WrittenSpan), new Notice { Text = text }.ToText(TimeZoneInfo.Utc));
        });

    private static Regex Prefix(LineKind kind) => kind switch
    {
        LineKind.Message or LineKind.Direct => Clock(),
        LineKind.Notice or LineKind.Private => Exclamation(),
        LineKind.Confirmed => Ok(),
        LineKind.Rejected => Question(),
        LineKind.Bye => Bye(),
        _ => Star(),
    };

    [GeneratedRegex(@"^\[[0-2]\d:[0-5]\d:[0-5]\d\] ")]
    private static partial Regex Clock();

    [GeneratedRegex("^! ")]
    private static partial Regex Exclamation();

    [GeneratedRegex(@"^ok -?\d+$")]
    private static partial Regex Ok();

    [GeneratedRegex(@"^\? -?\d+ ")]
    private static partial Regex Question();

    [GeneratedRegex("^bye: ")]
    private static partial Regex Bye();

    [GeneratedRegex(@"^\* ")]
    private static partial Regex Star();
}
