using System.Buffers;
using System.IO.Pipelines;
using BenchmarkDotNet.Attributes;
using LanChat.Framing;

namespace LanChat.Benchmarks;

/// <summary>Reads messages from a pipe, in batches as a receive gives them. The floor moves the same bytes through the same pipe and looks at none.</summary>
/// <remarks>Figures are per frame. <c>dotnet run -c Release --project benchmarks/LanChat.Benchmarks -- --filter '*FramingRead*'</c></remarks>
[MemoryDiagnoser]
public class FramingReadBenchmarks
{
    private const int Frames = 1000;

    // What one receive brings; not a multiple of a frame, so that frames are cut.
    private const int BatchBytes = 16 * 1024;

    private readonly Pipe _pipe = new(new PipeOptions(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false));
    private readonly byte[] _scratch = new byte[FrameLimits.HandshakeMaxFrameBytes];
    private byte[] _bytes = [];

    [Params(64, 1024)]
    public int PayloadBytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var output = new ArrayBufferWriter<byte>();
        byte[] payload = new byte[PayloadBytes];
        for (int i = 1; i <= Frames; i++)
        {
            new PublishFrame { Room = 1, Id = (ulong)i, Body = payload }.WriteTo(output);
        }

        _bytes = output.WrittenSpan.ToArray();

        long expected = (long)Frames * PayloadBytes;
        if (PipeOnly() != _bytes.Length || FramesSliced() != expected + (Frames * 15L) || FramesDecoded() != expected)
        {
            throw new InvalidOperationException("Not every byte was read.");
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Frames)]
    public long PipeOnly()
    {
        long bytes = 0;
        for (int start = 0; start < _bytes.Length; start += BatchBytes)
        {
            ReadOnlySequence<byte> buffer = Receive(start);
            bytes += buffer.Length;
            _pipe.Reader.AdvanceTo(buffer.End);
        }

        return bytes;
    }

    [Benchmark(OperationsPerInvoke = Frames)]
    public long FramesSliced()
    {
        long bytes = 0;
        for (int start = 0; start < _bytes.Length; start += BatchBytes)
        {
            ReadOnlySequence<byte> buffer = Receive(start);
            SequencePosition end = buffer.End;
            while (FrameReader.TryRead(ref buffer, _scratch.Length, out _, out ReadOnlySequence<byte> body) == FrameReadStatus.Frame)
            {
                bytes += body.Length;
            }

            _pipe.Reader.AdvanceTo(buffer.Start, end);
        }

        return bytes;
    }

    [Benchmark(OperationsPerInvoke = Frames)]
    public long FramesDecoded()
    {
        long bytes = 0;
        for (int start = 0; start < _bytes.Length; start += BatchBytes)
        {
            ReadOnlySequence<byte> buffer = Receive(start);
            SequencePosition end = buffer.End;
            while (FrameReader.TryRead(ref buffer, _scratch.Length, out _, out ReadOnlySequence<byte> body) == FrameReadStatus.Frame
                && PublishFrame.TryDecode(FrameReader.Contiguous(body, _scratch), out PublishFrame frame))
            {
                bytes += frame.Body.Length;
            }

            _pipe.Reader.AdvanceTo(buffer.Start, end);
        }

        return bytes;
    }

    private ReadOnlySequence<byte> Receive(int start)
    {
        _pipe.Writer.Write(_bytes.AsSpan(start, Math.Min(BatchBytes, _bytes.Length - start)));
        ExpectDone(_pipe.Writer.FlushAsync());
        _pipe.Reader.TryRead(out ReadResult result);
        return result.Buffer;
    }

    private static void ExpectDone(ValueTask<FlushResult> flush)
    {
        if (!flush.IsCompletedSuccessfully)
        {
            throw new InvalidOperationException("A pipe without a threshold paused its writer.");
        }
    }
}
