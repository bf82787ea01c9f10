using System.Buffers;
using System.Buffers.Binary;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Framing;

public sealed class FrameFuzzTests
{
    private const int MaxBodyBytes = 2048;

    private static readonly int Inputs = FuzzRun.IsLong ? 1_000_000 : 200_000;

    /// <summary>And what is decoded is written as bytes that decode to the same again.</summary>
    [Fact]
    public void Decoders_never_throw_nor_allocate_whatever_they_are_given()
    {
        var random = new Random(FuzzRun.Seed);
        GoldenFrame[] frames = [.. GoldenFrames.All];
        byte[] body = new byte[MaxBodyBytes];
        var first = new ArrayBufferWriter<byte>(EntryLayout.MaxBytes);
        var second = new ArrayBufferWriter<byte>(EntryLayout.MaxBytes);
        int decoded = 0;
        for (int input = 0; input < Inputs; input++)
        {
            GoldenFrame frame = frames[random.Next(frames.Length)];
            int length = Mutate(frame.Body, body, random);
            string? complaint = null;
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                complaint = Recode(frame, length);
            }
            catch (Exception e)
            {
                complaint = $"threw {e}";
            }

            // The first inputs run code that is still being compiled and set up.
            bool isSuspect = complaint is null && input > 1000 && GC.GetAllocatedBytesForCurrentThread() != before;
            if (isSuspect && Allocations.LeastOf(() => Recode(frame, length)) > 0)
            {
                complaint = "allocated";
            }

            if (complaint is not null)
            {
                Assert.Fail($"{frame} {complaint}; body {Convert.ToHexString(body, 0, length)}; {FuzzRun.HowToRepeat}");
            }
        }

        // Both sides of the decoders were exercised.
        Assert.InRange(decoded, Inputs / 20, Inputs - (Inputs / 20));

        // Null, or what is wrong.
        string? Recode(GoldenFrame frame, int length)
        {
            first.ResetWrittenCount();
            second.ResetWrittenCount();
            if (!frame.Recode(body.AsSpan(0, length), first))
            {
                return null;
            }

            decoded++;
            bool isStable = frame.Recode(first.WrittenSpan[FrameLimits.HeaderBytes..], second) && first.WrittenSpan.SequenceEqual(second.WrittenSpan);
            return isStable ? null : "is written otherwise than it was decoded";
        }
    }

    [Fact]
    public void The_reader_gives_only_what_is_there_whatever_the_length_words_say()
    {
        var random = new Random(FuzzRun.Seed);
        byte[] bytes = new byte[64];
        for (int input = 0; input < Inputs / 10; input++)
        {
            random.NextBytes(bytes);
            BinaryPrimitives.WriteUInt32BigEndian(bytes, InterestingLength(random));
            int max = random.Next(4) == 0 ? int.MaxValue : random.Next(1, 80);
            int[] cuts = [.. Enumerable.Range(0, random.Next(6)).Select(_ => random.Next())];
            ReadOnlySequence<byte> buffer = ByteSplitter.ToSequence(ByteSplitter.Split(bytes.AsMemory(0, random.Next(bytes.Length + 1)), cuts));

            while (true)
            {
                ReadOnlySequence<byte> before = buffer;
                FrameReadStatus status = FrameReader.TryRead(ref buffer, max, out FrameType type, out ReadOnlySequence<byte> body);
                if (status != FrameReadStatus.Frame)
                {
                    Assert.True(before.Length == buffer.Length && body.IsEmpty && type == default, FuzzRun.HowToRepeat);
                    break;
                }

                Assert.True(body.Length < max && before.Length - buffer.Length == FrameLimits.HeaderBytes + body.Length, FuzzRun.HowToRepeat);
                Assert.True(before.Slice(FrameLimits.HeaderBytes, body.Length).ToArray().AsSpan().SequenceEqual(body.ToArray()), FuzzRun.HowToRepeat);
            }
        }
    }

    private static uint InterestingLength(Random random) => random.Next(6) switch
    {
        0 => 0,
        1 => uint.MaxValue - (uint)random.Next(4),
        2 => 0x80000000 - 2 + (uint)random.Next(4),
        3 => (uint)random.NextInt64(1L << 32),
        _ => (uint)random.Next(80),
    };

    /// <summary>Makes one input of a good body: a few bytes changed, cut short, lengthened, or nothing of it left.</summary>
    private static int Mutate(ReadOnlySpan<byte> good, byte[] body, Random random)
    {
        good.CopyTo(body);
        int length = good.Length;
        switch (random.Next(8))
        {
            case 0:
                length = random.Next(MaxBodyBytes);
                random.NextBytes(body.AsSpan(0, length));
                return length;
            case 1:
                length = random.Next(length + 1);
                break;
            case 2:
                int more = random.Next(300);
                random.NextBytes(body.AsSpan(length, more));
                length += more;
                break;
        }

        for (int changes = random.Next(5); changes > 0 && length > 0; changes--)
        {
            ref byte changed = ref body[random.Next(length)];
            changed = random.Next(4) switch { 0 => 0, 1 => 0xFF, 2 => (byte)(changed ^ (1 << random.Next(8))), _ => (byte)random.Next(256) };
        }

        return length;
    }
}
