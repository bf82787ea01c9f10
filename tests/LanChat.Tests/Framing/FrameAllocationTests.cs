using System.Buffers;
using System.IO.Pipelines;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Framing;

[Collection("whole process")]
public sealed class FrameAllocationTests
{
    private const int Rounds = 2000;

    private static readonly byte[][] Members = [.. Enumerable.Range(0, 50).Select(i => new byte[] { (byte)('a' + (i % 26)), (byte)i })];

    [Fact]
    public void Writing_any_frame_allocates_nothing()
    {
        var output = new ArrayBufferWriter<byte>(64 * 1024);
        GoldenFrame[] frames = [.. GoldenFrames.All];

        AllocatesNothing(() =>
        {
            output.ResetWrittenCount();
            foreach (GoldenFrame frame in frames)
            {
                frame.Write(output);
            }

            RosterWriter.Write(output, 1, 1, Members, RosterWriter.MinFrameBytes);
        });
    }

    [Fact]
    public void Reading_any_frame_allocates_nothing_in_one_segment_or_in_many()
    {
        byte[] bytes = [.. GoldenFrames.All.SelectMany(golden => golden.Bytes)];
        GoldenFrame[] frames = [.. GoldenFrames.All];
        ReadOnlySequence<byte>[] streams =
        [
            new(bytes),
            ByteSplitter.ToSequence(ByteSplitter.SplitEvery(bytes, 13)),
            ByteSplitter.ToSequence(ByteSplitter.SplitEvery(bytes, 1)),
        ];
        byte[] scratch = new byte[FrameLimits.HandshakeMaxFrameBytes];
        var output = new ArrayBufferWriter<byte>(64 * 1024);
        int read = 0;

        AllocatesNothing(() =>
        {
            foreach (ReadOnlySequence<byte> stream in streams)
            {
                ReadOnlySequence<byte> buffer = stream;
                for (int i = 0; FrameReader.TryRead(ref buffer, scratch.Length, out _, out ReadOnlySequence<byte> body) == FrameReadStatus.Frame; i++)
                {
                    output.ResetWrittenCount();
                    read += frames[i].Recode(FrameReader.Contiguous(body, scratch), output) ? 1 : 0;
                }
            }
        });

        Assert.Equal(0, read % (frames.Length * streams.Length));
        Assert.NotEqual(0, read);
    }

    [Fact]
    public void A_message_through_a_pipe_allocates_nothing()
    {
        var pipe = new Pipe(new PipeOptions(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));
        byte[] text = new byte[500];
        byte[] scratch = new byte[FrameLimits.HandshakeMaxFrameBytes];
        long bytes = 0;

        AllocatesNothing(() =>
        {
            for (int i = 0; i < 20; i++)
            {
                new PublishFrame { Room = 1, Id = (ulong)i, Body = text }.WriteTo(pipe.Writer);
            }

            Assert.True(IsDone(pipe.Writer.FlushAsync()));
            Assert.True(pipe.Reader.TryRead(out ReadResult result));
            ReadOnlySequence<byte> buffer = result.Buffer;
            while (FrameReader.TryRead(ref buffer, scratch.Length, out _, out ReadOnlySequence<byte> body) == FrameReadStatus.Frame
                && PublishFrame.TryDecode(FrameReader.Contiguous(body, scratch), out PublishFrame frame))
            {
                bytes += frame.Body.Length;
            }

            pipe.Reader.AdvanceTo(buffer.Start, buffer.End);
        });

        Assert.Equal(0, bytes % (20 * text.Length));
        Assert.NotEqual(0, bytes);
    }

    private static bool IsDone(ValueTask<FlushResult> flush) => flush.IsCompletedSuccessfully;

    /// <summary>Runs it until the code is compiled and pools are warm, then counts.</summary>
    private static void AllocatesNothing(Action action)
    {
        for (int i = 0; i < Rounds / 10; i++)
        {
            action();
        }

        long allocated = Allocations.LeastOf(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                action();
            }
        });
        Assert.Equal(0, allocated);
    }
}
