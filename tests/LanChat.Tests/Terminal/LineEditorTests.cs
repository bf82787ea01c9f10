using System.Globalization;
using System.Text;
using LanChat.Samples.Terminal;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Terminal;

public class LineEditorTests
{
    private readonly LineEditor _editor = new(4096, (text, cursor) => Completion.Of(text, cursor, ["ada", "bo", "boris"], ["kitchen", "lobby"]));

    [Fact]
    public void Text_goes_in_where_the_cursor_is()
    {
        Type("hllo");
        Press(KeyKind.Home, KeyKind.Right);
        Type("e");
        Assert.Equal("he|llo", Shown());
        Press(KeyKind.End);
        Assert.Equal("hello|", Shown());
    }

    [Fact]
    public void The_cursor_goes_over_and_backspace_takes_whole_characters_as_people_see_them()
    {
        Type("e\u0301");
        Type("日");
        Type("👨‍👩‍👧");
        Press(KeyKind.Left);
        Assert.Equal("e\u0301日|👨‍👩‍👧", Shown());
        Press(KeyKind.Left, KeyKind.Left);
        Assert.Equal("|e\u0301日👨‍👩‍👧", Shown());
        Press(KeyKind.Delete, KeyKind.End, KeyKind.Backspace);
        Assert.Equal("日|", Shown());
    }

    [Fact]
    public void An_accent_typed_after_its_letter_joins_it()
    {
        Type("ex");
        Press(KeyKind.Left);
        Type("\u0301");
        Assert.Equal("e\u0301|x", Shown());
    }

    [Fact]
    public void Ends_of_the_line_are_firm()
    {
        Press(KeyKind.Left, KeyKind.Backspace, KeyKind.Delete, KeyKind.Right, KeyKind.WordLeft, KeyKind.WordRight, KeyKind.Up, KeyKind.Down, KeyKind.KillToEnd, KeyKind.Yank);
        Assert.Equal("|", Shown());
    }

    [Fact]
    public void What_was_cut_comes_back_where_it_is_wanted()
    {
        Type("one two three");
        Press(KeyKind.KillWordBack);
        Assert.Equal("one two |", Shown());
        Press(KeyKind.Home, KeyKind.Yank);
        Assert.Equal("three|one two ", Shown());
        Press(KeyKind.KillToEnd);
        Assert.Equal("three|", Shown());
        Press(KeyKind.KillToStart, KeyKind.Yank);
        Assert.Equal("three|", Shown());
        Press(KeyKind.WordLeft, KeyKind.KillWordAhead);
        Assert.Equal("|", Shown());
    }

    [Fact]
    public void Words_are_walked_by_their_spaces()
    {
        Type("one two  three");
        Press(KeyKind.WordLeft, KeyKind.WordLeft);
        Assert.Equal("one |two  three", Shown());
        Press(KeyKind.WordRight);
        Assert.Equal("one two|  three", Shown());
    }

    [Fact]
    public void Up_and_down_go_through_the_history_and_back_to_what_was_being_typed()
    {
        Submit("first");
        Submit("second");
        Submit("second");
        Type("third, half");
        Press(KeyKind.Up);
        Assert.Equal("second|", Shown());
        Press(KeyKind.Up, KeyKind.Up, KeyKind.Up);
        Assert.Equal("first|", Shown());
        Press(KeyKind.Down, KeyKind.Down);
        Assert.Equal("third, half|", Shown());
        Press(KeyKind.Down);
        Assert.Equal("third, half|", Shown());
    }

    [Fact]
    public void A_line_that_was_refused_is_the_first_that_up_finds()
    {
        Submit("one");
        Submit("two");
        _editor.Remember("one");
        Press(KeyKind.Up);
        Assert.Equal("one|", Shown());
    }

    [Fact]
    public void A_paste_of_several_lines_is_one_message_with_line_feeds_and_nothing_that_steers_a_terminal()
    {
        _editor.Apply(new Key(KeyKind.Paste, "a\tb\r\nc\rd\e[31m\u0007"));
        Assert.Equal("a b\nc\nd[31m|", Shown());
        Press(KeyKind.NewLine);
        Assert.Equal("a b\nc\nd[31m\n|", Shown());
    }

    [Fact]
    public void A_line_holds_so_many_bytes_and_no_half_characters()
    {
        var small = new LineEditor(10, (_, _) => Completion.None);
        Assert.Equal(EditResult.Edited, small.Insert("12345678"));
        Assert.Equal(EditResult.Full, small.Insert("日日"));
        Assert.Equal("12345678", small.Text);
        Assert.Equal(EditResult.Full, small.Insert("éé"));
        Assert.Equal("12345678é", small.Text);
        Assert.Equal(EditResult.Full, small.Apply(new Key(KeyKind.Text, "x")));
    }

    [Theory]
    [InlineData("/w", "/who |")]
    [InlineData("/j", "/join |")]
    [InlineData("/join k", "/join kitchen |")]
    [InlineData("/msg a", "/msg ada |")]
    [InlineData("a", "ada: |")]
    [InlineData("thanks A", "thanks ada |")]
    [InlineData("thanks x", "thanks x|")]
    [InlineData("", "|")]
    [InlineData("/msg ", "/msg ada |")]
    public void Tab_completes_commands_names_and_rooms(string typed, string shown)
    {
        Type(typed);
        Press(KeyKind.Tab);
        Assert.Equal(shown, Shown());
    }

    [Fact]
    public void Tab_goes_through_all_that_fits_and_comes_back_to_what_was_typed()
    {
        Type("b");
        List<string> seen = [];
        for (int i = 0; i < 4; i++)
        {
            Press(KeyKind.Tab);
            seen.Add(Shown());
        }

        Assert.Equal(["bo: |", "boris: |", "b|", "bo: |"], seen);
        Press(KeyKind.BackTab);
        Assert.Equal("b|", Shown());
        Press(KeyKind.Tab);
        Type("hello");
        Assert.Equal("bo: hello|", Shown());
    }

    [Fact]
    public void After_any_keys_the_cursor_is_between_characters_and_the_line_within_its_limit()
    {
        int seed = TestLength.Seed(20261121);
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        string[] texts = ["a", " ", "e", "\u0301", "日", "👨", "\u200D", "👧", "\r\n", "\t", "🇩", "🇪", "\uD800", "/j", "한", "ᄒ", "ᅡ", "क", "\u094D", "ष"];
        KeyKind[] kinds = Enum.GetValues<KeyKind>();
        var editor = new LineEditor(60, (text, cursor) => Completion.Of(text, cursor, ["ada", "日本"], ["lobby"]));
        for (int step = 0; step < (TestLength.IsLong ? 200_000 : 5_000); step++)
        {
            KeyKind kind = random.Next(3) == 0 ? kinds[random.Next(kinds.Length)] : KeyKind.Text;
            if (editor.Apply(new Key(kind, kind is KeyKind.Text or KeyKind.Paste ? texts[random.Next(texts.Length)] : "")) == EditResult.Submitted)
            {
                editor.Take();
            }

            int[] boundaries = [.. StringInfo.ParseCombiningCharacters(editor.Text), editor.Text.Length];
            Assert.Contains(editor.Cursor, boundaries);
            Assert.InRange(Encoding.UTF8.GetByteCount(editor.Text), 0, 60);
            Assert.DoesNotContain(editor.Text, letter => letter != '\n' && char.IsControl(letter));
        }
    }

    private void Type(string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            _editor.Apply(new Key(KeyKind.Text, rune.ToString()));
        }
    }

    private void Submit(string text)
    {
        Type(text);
        Assert.Equal(EditResult.Submitted, _editor.Apply(new Key(KeyKind.Enter)));
        Assert.Equal(text, _editor.Take());
    }

    private void Press(params KeyKind[] kinds)
    {
        foreach (KeyKind kind in kinds)
        {
            _editor.Apply(new Key(kind));
        }
    }

    private string Shown() => _editor.Text.Insert(_editor.Cursor, "|");
}
