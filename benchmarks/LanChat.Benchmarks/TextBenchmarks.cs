using System.Text;
using System.Text.Unicode;
using BenchmarkDotNet.Attributes;
using LanChat.Text;

namespace LanChat.Benchmarks;

/// <summary>What the rule for texts costs a message. The floor only asks whether the text is UTF-8.</summary>
/// <remarks><c>dotnet run -c Release --project benchmarks/LanChat.Benchmarks -- --filter '*Text*'</c></remarks>
[MemoryDiagnoser]
public class TextBenchmarks
{
    private readonly byte[] _scratch = new byte[8192];
    private byte[] _text = [];

    /// <summary>Says what a text is like: nothing but ASCII, emoji and other scripts, or with characters that are replaced.</summary>
    public enum Kind
    {
        Ascii,
        Emoji,
        Dirty,
    }

    [Params(Kind.Ascii, Kind.Emoji, Kind.Dirty)]
    public Kind Text { get; set; }

    [Params(64, 1024)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        string sample = Text switch
        {
            Kind.Ascii => "The quick brown fox jumps over the lazy dog. ",
            Kind.Emoji => "gr\u00FC\u00DFe \u65E5\u672C\u8A9E \U0001F469\u200D\U0001F469\u200D\U0001F467 \U0001F44D\U0001F3FD ",
            _ => "beep \a red \u001B[31m left \u202E and a tag \U000E0041 ",
        };
        var text = new List<byte>();
        foreach (Rune rune in string.Concat(Enumerable.Repeat(sample, Bytes)).EnumerateRunes().TakeWhile(rune => text.Count + rune.Utf8SequenceLength <= Bytes))
        {
            byte[] utf8 = new byte[rune.Utf8SequenceLength];
            rune.EncodeToUtf8(utf8);
            text.AddRange(utf8);
        }

        _text = [.. text];
        bool isReplaced = TextRules.TrySanitize(_text, _scratch, out ReadOnlySpan<byte> clean) == TextCheck.Ok && !clean.SequenceEqual(_text);
        if (!Utf8Only() || isReplaced != (Text == Kind.Dirty))
        {
            throw new InvalidOperationException("The text is not what it is called.");
        }
    }

    [Benchmark(Baseline = true)]
    public bool Utf8Only() => Utf8.IsValid(_text);

    [Benchmark]
    public int Rule()
    {
        TextRules.TrySanitize(_text, _scratch, out ReadOnlySpan<byte> clean);
        return clean.Length;
    }
}
