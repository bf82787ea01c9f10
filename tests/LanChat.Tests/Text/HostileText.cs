using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace LanChat.Tests.Text;

/// <summary>Bytes as a hostile member would send them: stretches of good text between escapes, overrides, half characters and noise.</summary>
internal static class HostileText
{
    internal static byte[][] Fragments { get; } =
    [
        .. new[]
        {
            "hello", "grüße", "日本語", "👩‍👩‍👧", "e\u0301\u0302", " ", "\n", "\t", "\r", "\r\n", "\0", "\a", "\u001B[2J", "\u001B]52;c;aGk=\a", "\u007F", "\u009B31m",
            "\u0085", "\u2028", "\u2029", "\u202E", "\u202C", "\u2066", "\u2069", "\u200E", "\u200F", "\u061C", "\uFEFF", "\uFDD0", "\uFFFE", "\uFFFF", "\uFFFD",
            "\U000E0041", "\U0001FFFE", "\U0010FFFF", "\n[12:34:56] bo: fake", "\n* bo left (1 member)", "    ",
        }.Select(Encoding.UTF8.GetBytes),
        [0x80], [0xBF], [0xC0, 0x9B], [0xC0, 0x80], [0xE0, 0x80, 0x8A], [0xF0, 0x80, 0x80, 0x8A], // overlong
        [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],                                                     // surrogates
        [0xC2], [0xE2, 0x80], [0xF0, 0x9F, 0x98], [0xF4, 0x90, 0x80, 0x80], [0xF5], [0xFF],         // truncated, too large
    ];

    internal static Gen<byte[]> Bytes { get; } =
        Gen.OneOf(
            Gen.Elements(Fragments),
            Gen.Elements(Fragments),
            Gen.Choose(0, 255).Select(b => new[] { (byte)b }),
            Gen.Choose(0, 0x10FFFF).Where(Rune.IsValid).Select(scalar => Encoding.UTF8.GetBytes(new Rune(scalar).ToString())))
        .ListOf().Select(list => list.SelectMany(fragment => fragment).ToArray());

    /// <summary>The same, without what is not UTF-8.</summary>
    internal static Gen<byte[]> Utf8 { get; } = Bytes.Select(bytes => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes)));

    /// <summary>UTF-16 with lone surrogates in it.</summary>
    internal static Gen<string> Utf16 { get; } =
        Gen.OneOf(Utf8.Select(Encoding.UTF8.GetString), Gen.Elements("\uD83D", "\uDE00", "\uDC00\uD800", "x"))
        .ListOf().Select(string.Concat);

    internal static void Check<T>(Gen<T> gen, Action<T> property, int count = 1_000) =>
        Check(gen.ToArbitrary(), property, count);

    private static void Check<T>(Arbitrary<T> values, Action<T> property, int count)
    {
        bool isLong = Environment.GetEnvironmentVariable("LANCHAT_TEST_LONG") == "1";
        Config config = Config.QuickThrowOnFailure.WithMaxTest(isLong ? count * 50 : count);
        Prop.ForAll(values, property).Check(config);
    }
}
