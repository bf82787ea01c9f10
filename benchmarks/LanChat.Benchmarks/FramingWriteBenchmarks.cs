using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using BenchmarkDotNet.Attributes;
using LanChat.Framing;

namespace LanChat.Benchmarks;

/// <summary>Writes messages to a pipe, and entries to memory as a log does. The floors copy the same bytes, made beforehand.</summary>
/// <remarks>Figures are per frame. <c>dotnet run -c Release --project benchmarks/LanChat.Benchmarks -- --filter '*FramingWrite*'</c></remarks>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkDotNet.Configs.BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class FramingWriteBenchmarks
{
    private const int Frames = 1000;

    // Taken out after so many, as a round of sends does; a pipe left to grow would measure its allocations.
    private const int BatchFrames = 10;

    private readonly Pipe _pipe = new(new PipeOptions(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false));
    private byte[] _payload = [];
    private byte[] _publish = [];
    private byte[] _entry = [];
    private byte[] _segment = [];

    [Params(64, 1024)]
    public int PayloadBytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _payload = new byte[PayloadBytes];
        var output = new ArrayBufferWriter<byte>();
        new PublishFrame { Room = 1, Id = 1, Body = _payload }.WriteTo(output);
        _publish = output.WrittenSpan.ToArray();
        output.Clear();
        new EntryFrame { Kind = EntryKind.Message, Room = 1, Sequence = 1, Time = 1, Id = 1, Name = "ada"u8, Body = _payload }.WriteTo(output);
        _entry = output.WrittenSpan.ToArray();
        _segment = new byte[Frames * _entry.Length];

        if (PipeOnly() != (long)Frames * _publish.Length || PublishFrames() != PipeOnly() || CopyOnly() != EntriesFilled()
            || !_segment.AsSpan(0, _entry.Length).SequenceEqual(_entry))
        {
            throw new InvalidOperationException("The frames are not what the floor copies.");
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Frames), BenchmarkCategory("publish")]
    public long PipeOnly()
    {
        long bytes = 0;
        for (int i = 0; i < Frames; i += BatchFrames)
        {
            for (int j = 0; j < BatchFrames; j++)
            {
                _pipe.Writer.Write(_publish);
            }

            bytes += TakeAll();
        }

        return bytes;
    }

    [Benchmark(OperationsPerInvoke = Frames), BenchmarkCategory("publish")]
    public long PublishFrames()
    {
        long bytes = 0;
        for (int i = 0; i < Frames; i += BatchFrames)
        {
            for (int j = 0; j < BatchFrames; j++)
            {
                new PublishFrame { Room = 1, Id = 1, Body = _payload }.WriteTo(_pipe.Writer);
            }

            bytes += TakeAll();
        }

        return bytes;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Frames), BenchmarkCategory("entry")]
    public int CopyOnly()
    {
        Span<byte> rest = _segment;
        for (int i = 0; i < Frames; i++)
        {
            _entry.CopyTo(rest);
            rest = rest[_entry.Length..];
        }

        return _segment.Length - rest.Length;
    }

    [Benchmark(OperationsPerInvoke = Frames), BenchmarkCategory("entry")]
    public int EntriesFilled()
    {
        Span<byte> rest = _segment;
        for (int i = 0; i < Frames; i++)
        {
            int bytes = EntryLayout.MeasureBytes(3, _payload.Length);
            EntryLayout.Fill(rest[..bytes], EntryKind.Message, 0, 1, 1, 1, 1, "ada"u8, _payload);
            BinaryPrimitives.WriteUInt32BigEndian(rest, EntryLayout.LengthWord(bytes));
            rest = rest[bytes..];
        }

        return _segment.Length - rest.Length;
    }

    private long TakeAll()
    {
        ExpectDone(_pipe.Writer.FlushAsync());
        _pipe.Reader.TryRead(out ReadResult result);
        long bytes = result.Buffer.Length;
        _pipe.Reader.AdvanceTo(result.Buffer.End);
        return bytes;
    }

    private static void ExpectDone(ValueTask<FlushResult> flush)
    {
        if (!flush.IsCompletedSuccessfully)
        {
            throw new InvalidOperationException("A pipe without a threshold paused its writer.");
        }
    }
}
