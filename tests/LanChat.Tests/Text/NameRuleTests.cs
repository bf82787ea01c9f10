using System.Diagnostics;
using System.Globalization;
using System.Text;
using LanChat.Text;
using Xunit;

namespace LanChat.Tests.Text;

public sealed class NameRuleTests
{
    [Theory]
    [InlineData("ada")]
    [InlineData("Ada-Lovelace_1.5")]
    [InlineData("guest-17")]
    [InlineData("Жанна")]
    [InlineData("李小龙")]
    [InlineData("محمد")]
    [InlineData("ñandú")]
    [InlineData("देवी")]
    [InlineData("7")]
    [InlineData("abcdefghijklmnopqrstuvwx")] // 24
    [InlineData("administrator")]
    [InlineData("small")]
    public void Ordinary_names_are_taken_as_they_are(string written)
    {
        Assert.Equal(NameCheck.Ok, Check(written, out string name, out string key));
        Assert.Equal(written, name);
        Assert.NotEmpty(key);
    }

    [Theory]
    [InlineData("", nameof(NameCheck.Empty))]
    [InlineData("abcdefghijklmnopqrstuvwxy", nameof(NameCheck.TooLong))]    // 25 characters
    [InlineData("李小龙李小龙李小龙李小龙李小龙李小龙李小龙李", nameof(NameCheck.TooLong))]   // 22 characters, 66 bytes
    [InlineData("two words", nameof(NameCheck.BadCharacter))]
    [InlineData("a\tb", nameof(NameCheck.BadCharacter))]
    [InlineData("a\nb", nameof(NameCheck.BadCharacter))]
    [InlineData("a:b", nameof(NameCheck.BadCharacter))]
    [InlineData("a/b", nameof(NameCheck.BadCharacter))]
    [InlineData("\u001B[2J", nameof(NameCheck.BadCharacter))]
    [InlineData("\u202Eada", nameof(NameCheck.BadCharacter))]               // right-to-left override
    [InlineData("ad\u200Ba", nameof(NameCheck.BadCharacter))]               // zero width space
    [InlineData("ad\u200Da", nameof(NameCheck.BadCharacter))]               // zero width joiner
    [InlineData("\u3164", nameof(NameCheck.BadCharacter))]                  // Hangul filler: a letter that shows nothing
    [InlineData("ada\u115F", nameof(NameCheck.BadCharacter))]
    [InlineData("ada\uFFA0", nameof(NameCheck.BadCharacter))]
    [InlineData("ada\uFE0F", nameof(NameCheck.BadCharacter))]
    [InlineData("ada\U000E0101", nameof(NameCheck.BadCharacter))]
    [InlineData("ad\u034Fa", nameof(NameCheck.BadCharacter))]
    [InlineData("ada👍", nameof(NameCheck.BadCharacter))]
    [InlineData("\uFFFE", nameof(NameCheck.BadCharacter))]                  // Normalize throws on it
    [InlineData("a\u20DDb", nameof(NameCheck.BadCharacter))]                // enclosing circle
    [InlineData("\u0301ada", nameof(NameCheck.BeginsWithMark))]
    [InlineData("\u0903ada", nameof(NameCheck.BeginsWithMark))]
    [InlineData("server", nameof(NameCheck.Reserved))]
    [InlineData("SYSTEM", nameof(NameCheck.Reserved))]
    [InlineData("аdmin", nameof(NameCheck.Reserved))]                       // Cyrillic a
    [InlineData("ADM1N", nameof(NameCheck.Reserved))]
    [InlineData("0perator", nameof(NameCheck.Reserved))]
    [InlineData("r00t", nameof(NameCheck.Reserved))]
    [InlineData("ｅｖｅｒｙｏｎｅ", nameof(NameCheck.Reserved))]                   // full width
    [InlineData("a11", nameof(NameCheck.Reserved))]
    [InlineData("Here", nameof(NameCheck.Reserved))]
    [InlineData("ΜΕ", nameof(NameCheck.Reserved))]                          // Greek
    [HostileInput(15, "names with U+3164", "names from right to left", "reserved names")]
    public void Other_names_are_refused_and_say_why(string written, string refusal)
    {
        NameCheck expected = Enum.Parse<NameCheck>(refusal);
        Assert.Equal(expected, Check(written, out string name, out string key));
        Assert.Equal("", name);
        Assert.Equal("", key);
        Assert.EndsWith(".", expected.Explain(), StringComparison.Ordinal);
    }

    [Fact]
    [HostileInput(15, "names with 100 marks")]
    public void Marks_may_pile_up_to_eight()
    {
        Assert.Equal(NameCheck.Ok, Check("q" + new string('\u0323', 8) + "x", out _, out _));
        Assert.Equal(NameCheck.TooManyMarks, Check("q" + new string('\u0323', 9), out _, out _));
        Assert.Equal(NameCheck.TooLong, Check("q" + new string('\u0323', 100), out _, out _));
    }

    [Fact]
    [HostileInput(15, "a name cut at 64 bytes inside a character")]
    public void A_name_cut_inside_a_character_at_64_bytes_is_not_utf8()
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(new string('a', 2) + string.Concat(Enumerable.Repeat("李", 21)));

        Assert.Equal(NameCheck.NotUtf8, NameRule.Check(utf8.AsSpan(0, 64), out _, out _));
        Assert.Equal(NameCheck.Ok, NameRule.Check(utf8.AsSpan(0, 62), out _, out _));
    }

    [Fact]
    public void The_length_is_that_of_the_composed_name()
    {
        string decomposed = string.Concat(Enumerable.Repeat("e\u0301", 24)); // 72 bytes as written, 48 composed

        Assert.Equal(NameCheck.Ok, Check(decomposed, out string name, out _));
        Assert.Equal(new string('\u00E9', 24), name);
    }

    [Fact]
    public void Rooms_may_be_called_by_reserved_words_and_follow_the_rule_otherwise()
    {
        Assert.Equal(NameCheck.Ok, NameRule.CheckRoom("Everyone"u8, out string name, out string key));
        Assert.Equal("Everyone", name);
        Assert.Equal(NameKey.Of("everyone"), key);
        Assert.Equal(NameCheck.BadCharacter, NameRule.CheckRoom("a room"u8, out _, out _));
    }

    [Fact]
    public void Every_character_that_a_name_may_hold_is_still_one_when_composed_and_has_one_key_in_all_its_forms()
    {
        for (int scalar = 0; scalar <= 0x10FFFF; scalar++)
        {
            if (!Rune.TryCreate(scalar, out Rune rune) || !NameCharacters.IsAllowed(rune))
                continue;

            string text = rune.ToString();
            string key = NameKey.Of(text);
            string[] forms =
            [
                text.Normalize(NormalizationForm.FormC), text.Normalize(NormalizationForm.FormD), text.Normalize(NormalizationForm.FormKC),
                text.Normalize(NormalizationForm.FormKD), text.ToUpperInvariant(), text.ToLowerInvariant(),
            ];
            if (!forms[0].EnumerateRunes().All(NameCharacters.IsAllowed) || !forms.All(form => NameKey.Of(form) == key))
                Assert.Fail($"U+{scalar:X4}: {string.Join(' ', forms.Select(form => Escape(NameKey.Of(form))))} instead of {Escape(key)}");
        }
    }

    [Fact]
    public void No_character_that_a_name_may_hold_is_forbidden_in_a_text()
    {
        for (int scalar = 0; scalar <= 0x10FFFF; scalar++)
        {
            if (Rune.TryCreate(scalar, out Rune rune) && NameCharacters.IsAllowed(rune) && ForbiddenScalars.Contains(scalar))
                Assert.Fail($"U+{scalar:X4}");
        }
    }

    [Fact]
    public void Any_bytes_are_refused_or_become_a_name_that_is_its_own_name() =>
        HostileText.Check(HostileText.Bytes, bytes =>
        {
            if (NameRule.Check(bytes, out string name, out string key) != NameCheck.Ok)
                return;

            Assert.Equal(NameCheck.Ok, Check(name, out string again, out string sameKey));
            Assert.Equal(name, again);
            Assert.Equal(key, sameKey);
            Assert.InRange(Encoding.UTF8.GetByteCount(name), 1, 64);
            Assert.InRange(new StringInfo(name).LengthInTextElements, 1, 24);
        }, count: 3_000);

    [Fact]
    [HostileInput(36)]
    public async Task Under_invariant_globalization_only_ascii_names_are_taken()
    {
        const string Switch = "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT";
        if (Environment.GetEnvironmentVariable(Switch) == "1")
        {
            Assert.False(NameKey.CanNormalize);
            Assert.Equal(NameCheck.NotAscii, Check("zoë", out _, out _));
            Assert.Equal(NameCheck.NotAscii, Check("ａｄａ", out _, out _));
            Assert.Equal(NameCheck.Ok, Check("Ada_1", out string name, out string key));
            Assert.Equal("Ada_1", name);
            Assert.Equal(NameKey.Of("aDa_l"), key);
            Assert.Equal(NameCheck.Reserved, Check("ADM1N", out _, out _));
            return;
        }

        // The mode is chosen when a process starts, so this test runs itself in another one.
        string program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, Environment = { [Switch] = "1" } };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            start.ArgumentList.Add(typeof(NameRuleTests).Assembly.Location);

        start.ArgumentList.Add("--filter-method");
        start.ArgumentList.Add($"{typeof(NameRuleTests).FullName}.{nameof(Under_invariant_globalization_only_ascii_names_are_taken)}");
        using Process child = Process.Start(start)!;
        Task<string> errors = child.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(child.ExitCode == 0, output + await errors);
    }

    private static NameCheck Check(string written, out string name, out string key) => NameRule.Check(Encoding.UTF8.GetBytes(written), out name, out key);

    private static string Escape(string text) => string.Join('+', text.Select(c => ((int)c).ToString("X4", CultureInfo.InvariantCulture)));
}
