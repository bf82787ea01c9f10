using BenchmarkDotNet.Attributes;
using LanChat.Broadcast;

namespace LanChat.Benchmarks;

/// <summary>Whether pooling log segments pays: one segment's life from the pool, beside one that is made and left to the collector.
/// Both are zeroed before use, as a log needs them.</summary>
[MemoryDiagnoser]
public class SegmentPoolBenchmarks
{
    private readonly SegmentPool _pool = new(1L << 30);

    [Params(4 << 10, 256 << 10)]
    public int Bytes { get; set; }

    [Benchmark(Baseline = true)]
    public int Made()
    {
        var segment = new LogSegment(Bytes);
        segment.Begin(first: 1, position: 0);
        return segment.Capacity;
    }

    [Benchmark]
    public int Pooled()
    {
        _pool.TryRent(Bytes, force: false, out LogSegment? segment);
        segment!.Begin(first: 1, position: 0);
        _pool.Return(segment);
        return segment.Capacity;
    }
}
