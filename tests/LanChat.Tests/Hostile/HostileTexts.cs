using System.Text;
using LanChat.Text;
using Xunit;

namespace LanChat.Tests.Hostile;

/// <summary>What strangers write to move, colour or fake what is on a screen.</summary>
internal static class HostileTexts
{
    /// <summary>A line that another is said to have written.</summary>
    internal const string Faked = "[00:00:00] ada: I resign";

    /// <summary>Some of it, as short as a name has to be.</summary>
    internal const string Name = "\e]0;title\a\e[2J\u009B5A\rada: over\b\0\u2028\u202E\uFEFF\n" + Faked + "\ttab";

    /// <summary>All of it in one text: whatever screens heed, and a line in another's name.</summary>
    internal const string Everything =
        "\e]0;title\a\e]52;c;aGk=\a\e]8;;http://evil\e\\link\e[2J\e[H\e[31m\u009B5A\u0090q\rada: over it\b\b\0\u007F\u0085\u2028\u2029\u202Eesrever\u2066\u061C\u200F\uFEFF\U000E0041\uFFFE\n" + Faked + "\r\n" + Faked + "\ttab";

    /// <summary>Gets the texts of line 18 of the list, by its items.</summary>
    internal static IReadOnlyDictionary<string, byte[]> Items { get; } = new Dictionary<string, byte[]>
    {
        ["ESC ] 52"] = Utf8("\e]52;c;aGk=\a"),
        ["ESC ] 8"] = Utf8("\e]8;;http://evil\e\\link\e]8;;\e\\"),
        ["ESC [ 2 J"] = Utf8("\e[2J\e[Hgone"),
        ["CSI in C1"] = Utf8("\u009B31mred"),
        ["CR over the line"] = Utf8("\rada: over it"),
        ["override of direction"] = Utf8("\u202Eesrever\u2066"),
        ["NUL"] = Utf8("a\0b"),
        ["4,096 marks"] = Utf8("e" + new string('\u0301', 2047)),
        ["a line feed and a faked sender"] = Utf8("hello\n" + Faked),
    };

    internal static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>Holds what is drawn to the law: nothing in it steers a screen.</summary>
    internal static void AssertClean(string drawn) =>
        Assert.True(ForbiddenScalars.AreAbsentFrom(drawn) && !drawn.Contains('\t', StringComparison.Ordinal), Convert.ToHexString(Utf8(drawn)));

    /// <summary>Holds lines to the law: they are clean, and none is the faked one.</summary>
    internal static void AssertGenuine(IEnumerable<string> lines) => Assert.All(lines, line =>
    {
        AssertClean(line);
        Assert.False(line.StartsWith("[00:00:00]", StringComparison.Ordinal) || line.StartsWith("ada: over", StringComparison.Ordinal), line);
    });
}
