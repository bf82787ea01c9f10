using System.Buffers;
using System.IO.Pipelines;
using FsCheck;
using FsCheck.Fluent;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Framing;

/// <summary>Any sequence of frames survives any splitting of its bytes. A case is two lists of numbers: what frames there are, and where they are cut.</summary>
public sealed class FrameSplittingTests
{
    [Fact]
    public void Frames_survive_any_segmentation_of_a_sequence()
        => Prop.ForAll(Numbers, Numbers, (seeds, cuts) =>
        {
            byte[][] frames = [.. seeds.Select(GeneratedFrame.From)];
            ReadOnlySequence<byte> buffer = ByteSplitter.ToSequence(ByteSplitter.Split(frames.SelectMany(frame => frame).ToArray(), cuts));
            var read = new FrameCollector();

            buffer = buffer.Slice(read.ReadAll(buffer));

            Assert.Equal(FrameReadStatus.Incomplete, read.Status);
            Assert.False(FrameReader.EndsInsideFrame(buffer));
            Assert.Equal(frames, read.Frames);
        }).Check(FuzzRun.Properties);

    [Fact]
    public void Frames_survive_a_pipe_that_gets_them_in_any_pieces()
        => Prop.ForAll(Numbers, Numbers, (seeds, cuts) =>
        {
            byte[][] frames = [.. seeds.Select(GeneratedFrame.From)];

            FrameCollector read = ReadThroughPipe(ByteSplitter.Split(frames.SelectMany(frame => frame).ToArray(), cuts), out bool endsInsideFrame);

            Assert.False(endsInsideFrame);
            Assert.Equal(frames, read.Frames);
        }).Check(FuzzRun.Properties);

    [Fact]
    [HostileInput(3)]
    public void Frames_survive_one_byte_at_a_time()
    {
        byte[][] frames = [.. GoldenFrames.All.Select(golden => golden.Bytes)];

        FrameCollector read = ReadThroughPipe(ByteSplitter.SplitEvery(frames.SelectMany(frame => frame).ToArray(), 1), out bool endsInsideFrame);

        Assert.False(endsInsideFrame);
        Assert.Equal(frames, read.Frames);
    }

    [Fact]
    public void Frames_survive_empty_segments_between_all_their_bytes()
    {
        byte[][] frames = [.. GoldenFrames.All.Select(golden => golden.Bytes)];
        byte[] bytes = [.. frames.SelectMany(frame => frame)];
        IEnumerable<int> cuts = Enumerable.Range(0, bytes.Length + 1);
        ReadOnlySequence<byte> buffer = ByteSplitter.ToSequence(ByteSplitter.Split(bytes, [.. cuts, .. cuts, .. cuts]));
        var read = new FrameCollector();

        buffer = buffer.Slice(read.ReadAll(buffer));

        Assert.False(FrameReader.EndsInsideFrame(buffer));
        Assert.Equal(frames, read.Frames);
    }

    [Fact]
    public void A_stream_cut_off_anywhere_gives_the_whole_frames_and_says_whether_one_was_cut()
        => Prop.ForAll(Numbers, Numbers, (seeds, cuts) =>
        {
            byte[][] frames = [.. seeds.Select(GeneratedFrame.From)];
            byte[] bytes = [.. frames.SelectMany(frame => frame)];
            int end = cuts.Length == 0 ? bytes.Length : (int)((uint)cuts[0] % (uint)(bytes.Length + 1));

            FrameCollector read = ReadThroughPipe(ByteSplitter.Split(bytes.AsMemory(0, end), cuts), out bool endsInsideFrame);

            byte[][] whole = [.. frames.Where((_, i) => frames.Take(i + 1).Sum(frame => frame.Length) <= end)];
            Assert.Equal(whole, read.Frames);
            Assert.Equal(whole.Sum(frame => frame.Length) != end, endsInsideFrame);
        }).Check(FuzzRun.Properties);

    private static Arbitrary<int[]> Numbers { get; } = Arb.From(Gen.Choose(0, int.MaxValue).ArrayOf(), WithoutOne);

    private static IEnumerable<int[]> WithoutOne(int[] numbers)
        => Enumerable.Range(0, numbers.Length).Select(left => numbers.Where((_, i) => i != left).ToArray());

    /// <summary>Writes the pieces to a pipe of small segments, a flush each, and reads what there is after each flush.</summary>
    private static FrameCollector ReadThroughPipe(List<ReadOnlyMemory<byte>> pieces, out bool endsInsideFrame)
    {
        var pipe = new Pipe(new PipeOptions(
            readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, minimumSegmentSize: 64, useSynchronizationContext: false));
        var read = new FrameCollector();
        foreach (ReadOnlyMemory<byte> piece in pieces)
        {
            pipe.Writer.Write(piece.Span);
            Assert.True(pipe.Writer.FlushAsync().AsTask().IsCompletedSuccessfully);
            if (pipe.Reader.TryRead(out ReadResult result))
            {
                pipe.Reader.AdvanceTo(read.ReadAll(result.Buffer), result.Buffer.End);
            }
        }

        pipe.Writer.Complete();
        Assert.True(pipe.Reader.TryRead(out ReadResult last));
        Assert.True(last.IsCompleted);
        endsInsideFrame = FrameReader.EndsInsideFrame(last.Buffer.Slice(read.ReadAll(last.Buffer)));
        pipe.Reader.Complete();
        return read;
    }

    /// <summary>Reads frames as a connection does, decodes each and writes it anew.</summary>
    private sealed class FrameCollector
    {
        private readonly byte[] _scratch = new byte[GeneratedFrame.MaxFrameBytes];

        public List<byte[]> Frames { get; } = [];

        public FrameReadStatus Status { get; private set; }

        public SequencePosition ReadAll(ReadOnlySequence<byte> buffer)
        {
            while ((Status = FrameReader.TryRead(ref buffer, GeneratedFrame.MaxFrameBytes, out FrameType type, out ReadOnlySequence<byte> body)) == FrameReadStatus.Frame)
            {
                var output = new ArrayBufferWriter<byte>();
                Assert.True(GeneratedFrame.RecoderOf(type)(FrameReader.Contiguous(body, _scratch), output), $"{type} was not decoded");
                Frames.Add(output.WrittenSpan.ToArray());
            }

            return buffer.Start;
        }
    }
}
