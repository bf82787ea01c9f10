using System.Buffers;
using LanChat.Framing;
using Xunit;

namespace LanChat.Tests.Framing;

public sealed class FrameWriterTests
{
    private static readonly byte[] TooLongForStr8 = new byte[256];
    private static readonly byte[] TooLongForStr16 = new byte[65536];

    [Fact]
    public void What_does_not_fit_its_length_prefix_is_refused_and_leaves_no_half_frame()
    {
        Refuses(output => new JoinFrame { Room = TooLongForStr8 }.WriteTo(output));
        Refuses(output => new PublishFrame { Body = TooLongForStr16 }.WriteTo(output));
        Refuses(output => new EntryFrame { Name = TooLongForStr8 }.WriteTo(output));
        Refuses(output => new EntryFrame { Body = TooLongForStr16 }.WriteTo(output));
    }

    [Fact]
    public void A_field_of_fixed_size_is_refused_in_any_other_size()
    {
        Refuses(output => new HelloFrame { Token = TooLongForStr8 }.WriteTo(output));
        Refuses(output => new ProveFrame { Wanted = 3, Proofs = TooLongForStr8.AsSpan(0, 32) }.WriteTo(output));
        Refuses(output => new WelcomeFrame { Proofs = TooLongForStr8.AsSpan(0, 33) }.WriteTo(output));
    }

    [Fact]
    public void The_longest_texts_are_written()
    {
        var output = new ArrayBufferWriter<byte>();
        new PartedFrame { Name = TooLongForStr8.AsSpan(0, 255), Text = TooLongForStr16.AsSpan(0, 65535) }.WriteTo(output);

        Assert.True(PartedFrame.TryDecode(output.WrittenSpan[FrameLimits.HeaderBytes..], out PartedFrame frame));
        Assert.Equal((255, 65535), (frame.Name.Length, frame.Text.Length));
    }

    [Fact]
    public void A_hello_without_the_magic_is_malformed()
    {
        byte[] body = [.. GoldenFrames.Named("HELLO").Body];
        body[3] ^= 1;

        Assert.False(HelloFrame.TryDecode(body, out _));
    }

    [Fact]
    public void A_hello_of_another_version_is_decoded_so_that_it_can_be_answered()
    {
        byte[] body = [.. GoldenFrames.Named("HELLO").Body];
        body[4] = 9;

        Assert.True(HelloFrame.TryDecode(body, out HelloFrame hello));
        Assert.Equal(9, hello.Version);
    }

    [Fact]
    public void Proofs_are_found_by_their_bit()
    {
        byte[] proofs = [.. Enumerable.Repeat((byte)1, 32), .. Enumerable.Repeat((byte)2, 32)];

        Assert.Equal(1, new ProveFrame { Wanted = 3, Proofs = proofs }.ProofFor(ProofBits.JoinCode)[0]);
        Assert.Equal(2, new ProveFrame { Wanted = 3, Proofs = proofs }.ProofFor(ProofBits.Operator)[0]);
        Assert.Equal(1, new ProveFrame { Wanted = 2, Proofs = proofs.AsSpan(0, 32) }.ProofFor(ProofBits.Operator)[0]);
        Assert.True(new ProveFrame { Wanted = 2, Proofs = proofs.AsSpan(0, 32) }.ProofFor(ProofBits.JoinCode).IsEmpty);

        // WELCOME states its own count of proofs, which may be too small for the bits of the CHALLENGE.
        Assert.True(ProofBits.Find(3, ProofBits.Operator, proofs.AsSpan(0, 32)).IsEmpty);
    }

    private static void Refuses(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.Throws<ArgumentOutOfRangeException>(() => write(output));
        Assert.Equal(0, output.WrittenCount);
    }
}
