using System.Text;
using LanChat.Samples.Terminal;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Terminal;

public class KeyReaderTests
{
    private const string Everything = "aé日👋\r\t\x7F\x01\x03\x04\u001A\e[A\e[1;5C\eOH\e[3~\e[Z\e[I\e[O\eb\e\r\e[[A\e[5~\e[200~two\r\nlines \e[31m é\e[201~z";

    private static readonly Key[] EveryKey =
    [
        Text("a"), Text("é"), Text("日"), Text("👋"), new(KeyKind.Enter), new(KeyKind.Tab), new(KeyKind.Backspace), new(KeyKind.Home), new(KeyKind.Interrupt),
        new(KeyKind.EndOfInput), new(KeyKind.Suspend), new(KeyKind.Up), new(KeyKind.WordRight), new(KeyKind.Home), new(KeyKind.Delete), new(KeyKind.BackTab),
        new(KeyKind.FocusIn), new(KeyKind.FocusOut), new(KeyKind.WordLeft), new(KeyKind.NewLine), new(KeyKind.Paste, "two\r\nlines \e[31m é"), Text("z"),
    ];

    [Fact]
    public void Keys_are_the_same_wherever_their_bytes_are_split()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(Everything);
        Assert.Equal(EveryKey, Read(bytes, bytes.Length));
        for (int split = 1; split < bytes.Length; split++)
        {
            Assert.Equal(EveryKey, Read(bytes, split));
        }
    }

    [Theory]
    [InlineData("\e[27;5;13~", KeyKind.NewLine)]
    [InlineData("\e[13;2u", KeyKind.NewLine)]
    [InlineData("\n", KeyKind.Enter)]
    [InlineData("\eOA", KeyKind.Up)]
    [InlineData("\e[1~", KeyKind.Home)]
    [InlineData("\e[8~", KeyKind.End)]
    [InlineData("\e[F", KeyKind.End)]
    [InlineData("\e[1;3D", KeyKind.WordLeft)]
    [InlineData("\e\x7F", KeyKind.KillWordBack)]
    [InlineData("\ed", KeyKind.KillWordAhead)]
    [InlineData("\e\e[D", KeyKind.Left)]
    internal void Terminals_spell_keys_in_many_ways(string bytes, KeyKind kind) =>
        Assert.Equal([new Key(kind)], Read(Encoding.UTF8.GetBytes(bytes), 1));

    [Theory]
    [InlineData("\e[15~")]
    [InlineData("\e[?62;4c")]
    [InlineData("\e[1;2;3;4 q")]
    [InlineData("\eOP")]
    [InlineData("\ex")]
    [InlineData("\0")]
    [InlineData("\x1C")]
    [InlineData("\u009B")]
    public void A_sequence_that_means_nothing_here_leaves_nothing_in_the_line(string bytes) =>
        Assert.Equal([Text("a")], Read(Encoding.UTF8.GetBytes(bytes + "a"), 1));

    [Fact]
    public void Bytes_that_are_no_text_become_replacement_characters_and_take_nothing_along()
    {
        Assert.Equal([Text("\uFFFD"), Text("a")], Read([0xC3, (byte)'a'], 1));
        Assert.Equal([Text("\uFFFD"), new Key(KeyKind.Up)], Read([0xE6, 0x1B, (byte)'[', (byte)'A'], 1));
        Assert.Equal([Text("\uFFFD"), Text("é")], Read([0xFF, 0xC3, 0xA9], 1));
    }

    [Fact]
    public void A_paste_that_is_too_long_is_cut_and_its_end_still_found()
    {
        byte[] bytes = Encoding.UTF8.GetBytes("\e[200~" + new string('x', 100_000) + "\e[201~a");
        List<Key> keys = Read(bytes, bytes.Length);
        Assert.Equal(2, keys.Count);
        Assert.InRange(keys[0].Text.Length, 4096, 64 * 1024);
        Assert.Equal(Text("a"), keys[1]);
    }

    [Fact]
    public void Random_bytes_never_hang_or_throw_and_text_never_holds_a_control_character()
    {
        int seed = TestLength.Seed(4711);
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        byte[] pieces = [.. "\e[]O;~0129AuMIZ\r\n"u8, 0xC3, 0xA9, 0xE6, 0x97, 0xA5, 0xF0, 0xFF, 0x80];
        for (int round = 0; round < (TestLength.IsLong ? 100_000 : 2_000); round++)
        {
            byte[] bytes = new byte[random.Next(1, 60)];
            random.NextBytes(bytes);
            for (int i = 0; i < bytes.Length; i++)
            {
                bytes[i] = random.Next(4) == 0 ? bytes[i] : pieces[random.Next(pieces.Length)];
            }

            List<Key> keys = Read(bytes, random.Next(1, bytes.Length + 1));
            Assert.DoesNotContain(keys, key => key.Kind == KeyKind.Text && key.Text.Any(char.IsControl));
            Assert.Equal(keys, Read(bytes, bytes.Length));
        }
    }

    private static Key Text(string text) => new(KeyKind.Text, text);

    private static List<Key> Read(byte[] bytes, int split)
    {
        var reader = new KeyReader();
        List<Key> keys = [];
        for (int at = 0; at < bytes.Length; at += split)
        {
            reader.Read(bytes.AsSpan(at, Math.Min(split, bytes.Length - at)), keys);
        }

        return keys;
    }
}
