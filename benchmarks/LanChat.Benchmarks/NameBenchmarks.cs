using System.Text;
using BenchmarkDotNet.Attributes;
using LanChat.Text;

namespace LanChat.Benchmarks;

/// <summary>What the rule for names costs a newcomer: it is no part of the message path, and allocates. The floor makes a string of the bytes.</summary>
/// <remarks><c>dotnet run -c Release --project benchmarks/LanChat.Benchmarks -- --filter '*Name*'</c></remarks>
[MemoryDiagnoser]
public class NameBenchmarks
{
    private byte[] _utf8 = [];

    [Params("ada", "J\u00FCrgen-\u65E5\u672C\u8A9E", "no spaces allowed")]
    public string Name { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        _utf8 = Encoding.UTF8.GetBytes(Name);
        if (Rule() != !Name.Contains(' '))
        {
            throw new InvalidOperationException("The rule decided otherwise.");
        }
    }

    [Benchmark(Baseline = true)]
    public string StringOnly() => Encoding.UTF8.GetString(_utf8);

    [Benchmark]
    public bool Rule() => NameRule.Check(_utf8, out _, out _) == NameCheck.Ok;
}
