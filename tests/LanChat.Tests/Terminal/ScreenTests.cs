using LanChat.Samples.Terminal;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Terminal;

public class ScreenTests
{
    private static readonly Painter Plain = Painter.From(name => name == "NO_COLOR" ? "1" : null);
    private static readonly StyledLine Prompt = new(new StyledRun("> "));
    private static readonly string[] Words = ["hello", "日本語", "e\u0301toile", "👨‍👩‍👧", "https://example.org/a/long/path", "x", "한국어", "word", "🇩🇪", "résumé"];

    [Fact]
    public void Lines_go_by_above_a_line_that_is_being_typed()
    {
        var editor = new LineEditor(4096, (_, _) => Completion.None);
        var screen = new Screen(reflows: true);
        var terminal = new VtScreen(30, 6, reflows: true);
        editor.Insert("half a sen");

        terminal.Write(screen.Update(new Size(30, 6), [], Compose(new Size(30, 6), editor)));
        Assert.Equal(["status", "> half a sen", "", "", "", ""], terminal.Visible);
        terminal.Write(screen.Update(new Size(30, 6), StyledLine.Of("[12:00:00] bo: one\n    two"), Compose(new Size(30, 6), editor)));
        terminal.Write(screen.Update(new Size(30, 6), StyledLine.Of("a line that is longer than the screen is wide"), Compose(new Size(30, 6), editor)));

        Assert.Equal(
            ["[12:00:00] bo: one", "    two", "a line that is longer than the", "     screen is wide", "status", "> half a sen"], terminal.Visible);
        Assert.Equal((5, 12), (terminal.CursorRow, terminal.CursorColumn));
        Assert.True(terminal.IsCursorVisible);
    }

    [Fact]
    public void At_the_end_the_block_is_gone_and_the_shell_goes_on_below_the_last_line()
    {
        var editor = new LineEditor(4096, (_, _) => Completion.None);
        var screen = new Screen(reflows: true);
        var terminal = new VtScreen(30, 6, reflows: true);
        var size = new Size(30, 6);
        terminal.Write("$ chat\r\n");
        terminal.Write(screen.Update(size, StyledLine.Of("one"), Compose(size, editor)));
        terminal.Write(screen.Close(size, StyledLine.Of("two")));
        terminal.Write("$ ");

        Assert.Equal(["$ chat", "one", "two", "$", "", ""], terminal.Visible);
    }

    [Fact]
    public void A_long_input_takes_half_of_the_screen_at_most_and_shows_where_the_cursor_is()
    {
        var editor = new LineEditor(4096, (_, _) => Completion.None);
        editor.Insert(string.Concat(Enumerable.Range(10, 60).Select(number => $"{number} ")));
        var size = new Size(20, 7);
        Block block = Compose(size, editor);
        Assert.Equal(4, block.Rows.Count);
        Assert.Equal(3, block.CursorRow);

        editor.Apply(new Key(KeyKind.Home));
        block = Compose(size, editor);
        Assert.Equal(("> 10 11 12 13 14 15 ", 1, 2), (Text(block.Rows[1]), block.CursorRow, block.CursorColumn));
    }

    [Theory]
    [InlineData(20, 5)]
    [InlineData(5, 2)]
    [InlineData(1, 1)]
    public void The_block_never_exceeds_a_small_screen(int columns, int rows)
    {
        var editor = new LineEditor(4096, (_, _) => Completion.None);
        editor.Insert("日本語 and a long text\nof several lines\n");
        IReadOnlyList<StyledLine> waiting = [.. Enumerable.Range(0, 9).SelectMany(number => StyledLine.Of($"… {number}"))];
        Block block = Block.Compose(new Size(columns, rows), Plain, waiting, new StyledLine(new StyledRun("status of the room")), Prompt, editor);
        Assert.InRange(block.Rows.Count, 1, rows);
        Assert.InRange(block.CursorRow, 0, block.Rows.Count - 1);
        Assert.All(block.Rows, row => Assert.InRange(row.Width, 0, Math.Max(columns, 2)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void After_anything_that_happens_the_screen_has_every_line_in_order_and_then_the_block_with_the_cursor_in_its_cell(bool reflows)
    {
        int rounds = TestLength.IsLong ? 2_000 : 60;
        for (int round = 0; round < rounds; round++)
        {
            int seed = TestLength.Seed(1000 + round);
            RunRandomly(seed, reflows);
        }
    }

    private static void RunRandomly(int seed, bool reflows)
    {
        var random = new Random(seed);
        var size = new Size(random.Next(12, 60), random.Next(4, 20));
        var editor = new LineEditor(200, (_, _) => Completion.None);
        var screen = new Screen(reflows);
        var terminal = new VtScreen(size.Columns, size.Rows, reflows);
        var said = new List<string>();
        bool wasCut = false;
        for (int step = 0; step < 60; step++)
        {
            List<StyledLine> lines = [];
            switch (random.Next(6))
            {
                case 0 or 1:
                    for (int i = random.Next(1, 4); i > 0; i--)
                    {
                        string line = $"{said.Count}: {Sentence(random)}";
                        said.Add(line);
                        lines.AddRange(StyledLine.Of(line));
                    }

                    break;
                case 2:
                    var next = new Size(random.Next(12, 60), random.Next(4, 20));
                    wasCut |= !reflows && next.Columns < size.Columns;
                    size = next;
                    terminal.Resize(size.Columns, size.Rows);
                    if (step > 0 && !terminal.Visible.Any(row => row.StartsWith("status", StringComparison.Ordinal)))
                    {
                        // The screen became smaller than the block: what went into the scrollback stays there, whoever draws.
                        return;
                    }

                    break;
                default:
                    Edit(editor, random);
                    break;
            }

            Block block = Compose(size, editor);
            terminal.Write(screen.Update(size, lines, block));
            Check(terminal, said, block, wasCut, $"seed {seed}, step {step}, {size}, reflows {reflows}");
        }
    }

    private static void Check(VtScreen terminal, List<string> said, Block block, bool wasCut, string where)
    {
        string[] visible = [.. terminal.Visible];
        int last = Array.FindLastIndex(visible, row => row == "status");
        Assert.True(last >= 0, $"{where}\n{string.Join('\n', visible)}");
        string[] expected = [.. block.Rows.Select(row => Text(row).TrimEnd())];
        Assert.True(expected.SequenceEqual(visible.Skip(last).Take(expected.Length)), $"{where}\n{string.Join('\n', visible)}\n---\n{string.Join('\n', expected)}");
        Assert.All(visible.Skip(last + expected.Length), row => Assert.Equal("", row));
        Assert.Equal((last + block.CursorRow, block.CursorColumn), (terminal.CursorRow, terminal.CursorColumn));
        Assert.True(terminal.IsCursorVisible);

        // A terminal that cuts has lost what it cut; but nothing of an old block may be left.
        Assert.Single(terminal.Lines, row => row == "status");
        if (!wasCut)
        {
            Assert.Equal(Dense(string.Concat(said) + string.Concat(expected)), Dense(string.Concat(terminal.Lines)));
        }
    }

    private static void Edit(LineEditor editor, Random random)
    {
        KeyKind[] kinds = [KeyKind.Left, KeyKind.Right, KeyKind.Home, KeyKind.End, KeyKind.Backspace, KeyKind.Up, KeyKind.KillWordBack, KeyKind.Enter, KeyKind.NewLine];
        if (random.Next(2) == 0)
        {
            editor.Insert(Words[random.Next(Words.Length)] + " ");
        }
        else if (editor.Apply(new Key(kinds[random.Next(kinds.Length)])) == EditResult.Submitted)
        {
            editor.Take();
        }
    }

    private static string Sentence(Random random) => string.Join(' ', Enumerable.Range(0, random.Next(1, 15)).Select(_ => Words[random.Next(Words.Length)]));

    private static Block Compose(Size size, LineEditor editor) => Block.Compose(size, Plain, [], new StyledLine(new StyledRun("status")), Prompt, editor);

    private static string Text(StyledLine line) => string.Concat(line.Runs.Select(run => run.Text));

    private static string Dense(string text) => text.Replace(" ", "", StringComparison.Ordinal);
}
