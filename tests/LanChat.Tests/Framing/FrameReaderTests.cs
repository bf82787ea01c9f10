using System.Buffers;
using System.Buffers.Binary;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Framing;

public sealed class FrameReaderTests
{
    private const int Max = FrameLimits.HandshakeMaxFrameBytes;

    [Theory]
    [InlineData(0u, (int)FrameReadStatus.ZeroLength)]
    [InlineData(1u, (int)FrameReadStatus.Incomplete)]
    [InlineData((uint)Max, (int)FrameReadStatus.Incomplete)]
    [InlineData((uint)Max + 1, (int)FrameReadStatus.TooLarge)]
    [InlineData(0x7FFFFFFFu, (int)FrameReadStatus.TooLarge)]
    [InlineData(0x80000000u, (int)FrameReadStatus.TooLarge)]
    [InlineData(0xFFFFFFFFu, (int)FrameReadStatus.TooLarge)]
    [HostileInput(1)]
    public void A_length_is_judged_before_any_byte_of_the_frame_has_come(uint length, int expected)
    {
        byte[] word = new byte[FrameLimits.LengthBytes];
        BinaryPrimitives.WriteUInt32BigEndian(word, length);

        for (int pieceBytes = 1; pieceBytes <= word.Length; pieceBytes++)
        {
            ReadOnlySequence<byte> buffer = ByteSplitter.ToSequence(ByteSplitter.SplitEvery(word, pieceBytes));

            Assert.Equal((FrameReadStatus)expected, FrameReader.TryRead(ref buffer, Max, out FrameType type, out ReadOnlySequence<byte> body));

            Assert.Equal(word.Length, buffer.Length);
            Assert.Equal(default, type);
            Assert.True(body.IsEmpty);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(Max - 1)]
    [InlineData(Max)]
    public void A_frame_of_every_allowed_length_is_read(int length)
    {
        byte[] bytes = [.. RawFrame(0x0E, length - 1), 0xAA];
        var buffer = new ReadOnlySequence<byte>(bytes);

        Assert.Equal(FrameReadStatus.Frame, FrameReader.TryRead(ref buffer, Max, out FrameType type, out ReadOnlySequence<byte> body));

        Assert.Equal(FrameType.Ping, type);
        Assert.Equal(length - 1, body.Length);
        Assert.Equal([0xAA], buffer.ToArray());
    }

    [Fact]
    public void Even_the_largest_agreed_maximum_bounds_the_length()
    {
        var buffer = new ReadOnlySequence<byte>([0xFF, 0xFF, 0xFF, 0xFF, 1, 2]);
        Assert.Equal(FrameReadStatus.TooLarge, FrameReader.TryRead(ref buffer, int.MaxValue, out _, out _));
    }

    [Fact]
    public void A_wrong_length_after_whole_frames_does_not_hide_them()
    {
        var buffer = new ReadOnlySequence<byte>([.. RawFrame(0x0E, 8), 0, 0, 0, 0]);

        Assert.Equal(FrameReadStatus.Frame, FrameReader.TryRead(ref buffer, Max, out _, out _));
        Assert.Equal(FrameReadStatus.ZeroLength, FrameReader.TryRead(ref buffer, Max, out _, out _));
    }

    [Fact]
    public void A_stream_that_ends_between_frames_ends_cleanly()
    {
        var buffer = new ReadOnlySequence<byte>(RawFrame(0x0E, 8));

        Assert.Equal(FrameReadStatus.Frame, FrameReader.TryRead(ref buffer, Max, out _, out _));
        Assert.Equal(FrameReadStatus.Incomplete, FrameReader.TryRead(ref buffer, Max, out _, out _));
        Assert.False(FrameReader.EndsInsideFrame(buffer));
    }

    [Fact]
    public void A_truncated_tail_is_an_error()
    {
        byte[] whole = RawFrame(0x0E, 8);
        for (int length = 1; length < whole.Length; length++)
        {
            var buffer = new ReadOnlySequence<byte>([.. whole, .. whole.AsSpan(0, length)]);

            Assert.Equal(FrameReadStatus.Frame, FrameReader.TryRead(ref buffer, Max, out _, out _));
            Assert.Equal(FrameReadStatus.Incomplete, FrameReader.TryRead(ref buffer, Max, out _, out _));
            Assert.Equal(length, buffer.Length);
            Assert.True(FrameReader.EndsInsideFrame(buffer), $"a tail of {length} bytes passed for a clean end");
        }
    }

    [Fact]
    public void A_body_in_one_segment_is_not_copied()
    {
        byte[] bytes = RawFrame(0x05, 100);
        var buffer = new ReadOnlySequence<byte>(bytes);
        FrameReader.TryRead(ref buffer, Max, out _, out ReadOnlySequence<byte> body);

        ReadOnlySpan<byte> span = FrameReader.Contiguous(body, []);

        Assert.True(span.Overlaps(bytes, out int offset));
        Assert.Equal(-FrameLimits.HeaderBytes, offset);
        Assert.Equal(100, span.Length);
    }

    [Fact]
    public void A_body_in_several_segments_is_copied_to_the_scratch_memory()
    {
        byte[] bytes = RawFrame(0x05, 100);
        ReadOnlySequence<byte> buffer = ByteSplitter.ToSequence(ByteSplitter.SplitEvery(bytes, 7));
        FrameReader.TryRead(ref buffer, Max, out _, out ReadOnlySequence<byte> body);
        byte[] scratch = new byte[Max];

        ReadOnlySpan<byte> span = FrameReader.Contiguous(body, scratch);

        Assert.True(span.Overlaps(scratch));
        Assert.Equal(bytes[FrameLimits.HeaderBytes..], span.ToArray());
    }

    [Theory]
    [InlineData(0x48, true)]
    [InlineData(0xC9, true)]
    [InlineData(0x09, false)]
    [InlineData(0x8B, false)]
    public void Bit_40_says_that_an_unknown_frame_may_be_skipped(int type, bool expected) => Assert.Equal(expected, ((FrameType)type).IsSkippable());

    [Fact]
    public void No_known_frame_looks_skippable() => Assert.DoesNotContain(Enum.GetValues<FrameType>(), type => type.IsSkippable());

    private static byte[] RawFrame(byte type, int bodyBytes)
    {
        byte[] bytes = new byte[FrameLimits.HeaderBytes + bodyBytes];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)(1 + bodyBytes));
        bytes[4] = type;
        for (int i = 0; i < bodyBytes; i++)
        {
            bytes[5 + i] = (byte)i;
        }

        return bytes;
    }
}
