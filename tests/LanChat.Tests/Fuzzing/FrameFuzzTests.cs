using System.Buffers;
using LanChat.Framing;
using LanChat.Tests.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Fuzzing;

public sealed class FrameFuzzTests
{
    private const int MaxFrameBytes = 4096;

    public static TheoryData<byte> Types => [.. Enum.GetValues<FrameType>().Select(type => (byte)type)];

    /// <summary>And what is decoded is written as bytes that decode to the same again.</summary>
    [Theory, MemberData(nameof(Types))]
    [HostileInput(38, "a million mutations of each frame")]
    public void No_body_makes_its_decoder_throw_or_allocate(byte type)
    {
        GoldenFrame[] golden = [.. GoldenFrames.All.Where(frame => (byte)frame.Type == type)];
        byte[][] bodies = [.. golden.Select(frame => frame.Body.ToArray()), .. Generated(type)];
        var corpus = new Corpus(bodies, [.. GoldenFrames.All.Select(frame => frame.Body.ToArray())]);
        GoldenFrame.Recoder recode = golden[0].Recode;
        var first = new ArrayBufferWriter<byte>(corpus.MaxBytes + 64);
        var second = new ArrayBufferWriter<byte>(corpus.MaxBytes + 64);
        int decoded = 0;
        int refused = 0;

        Fuzz.Check(corpus, body =>
        {
            first.ResetWrittenCount();
            second.ResetWrittenCount();
            if (!recode(body, first))
            {
                refused++;
                return null;
            }

            decoded++;
            bool isStable = recode(first.WrittenSpan[FrameLimits.HeaderBytes..], second) && first.WrittenSpan.SequenceEqual(second.WrittenSpan);
            return isStable ? null : "is written otherwise than it was decoded";
        });

        // Both sides of the decoder were exercised.
        Assert.True(decoded > 0 && refused > 0, $"{decoded} decoded, {refused} refused");
    }

    [Fact]
    [HostileInput(38, "a million mutations of each frame")]
    public void The_reader_gives_whole_frames_in_order_and_nothing_else_wherever_the_bytes_lie()
    {
        byte[][] frames = [.. GoldenFrames.All.Select(frame => frame.Bytes)];
        byte[][] streams = [.. frames, .. frames.Select((frame, i) => (byte[])[.. frame, .. frames[(i * 7) % frames.Length], .. frames[(i * 11) % frames.Length]])];

        Fuzz.Check(new Corpus(streams, frames), input =>
        {
            ReadOnlySpan<byte> rest = input;
            int split = input.Length / 3;
            var sequence = ByteSplitter.ToSequence([input[..split].ToArray(), input[split..].ToArray()]);
            while (true)
            {
                int before = rest.Length;
                FrameReadStatus status = FrameReader.TryRead(ref rest, MaxFrameBytes, out FrameType type, out ReadOnlySpan<byte> body);
                FrameReadStatus inPieces = FrameReader.TryRead(ref sequence, MaxFrameBytes, out FrameType sameType, out ReadOnlySequence<byte> pieces);
                if (status != inPieces || type != sameType || !body.SequenceEqual(pieces.ToArray()) || rest.Length != sequence.Length)
                {
                    return "is read otherwise in two pieces than in one";
                }

                if (status != FrameReadStatus.Frame)
                {
                    return rest.Length == before && body.IsEmpty ? null : "something was taken that is no frame";
                }

                ReadOnlySpan<byte> taken = input[(input.Length - before)..^rest.Length];
                if (body.Length >= MaxFrameBytes || taken.Length != FrameLimits.HeaderBytes + body.Length || !taken[FrameLimits.HeaderBytes..].SequenceEqual(body))
                {
                    return "a frame is not what was there";
                }
            }
        }, Fuzz.AnyAllocation);
    }

    // Of ordinary size: what is very long tells no more.
    private static IEnumerable<byte[]> Generated(byte type) =>
        Enumerable.Range(0, 2_000).Select(GeneratedFrame.From).Where(frame => frame[FrameLimits.LengthBytes] == type && frame.Length < MaxFrameBytes).Take(20)
            .Select(frame => frame[FrameLimits.HeaderBytes..]);
}
