using System.Buffers;
using System.Text;
using LanChat.Framing;
using Xunit;

namespace LanChat.Tests.Framing;

public sealed class GoldenFrameTests
{
    public static TheoryData<string> Names => [.. GoldenFrames.All.Select(golden => golden.Name)];

    /// <summary>Those with all the fields that this version knows: HELLO need not have its last one.</summary>
    public static TheoryData<string> NamesOfComplete => [.. GoldenFrames.All.Select(golden => golden.Name).Where(name => name is not ("HELLO" or "HELLO of a guest"))];

    [Fact]
    public void Every_type_has_a_golden_frame()
        => Assert.Equal(Enum.GetValues<FrameType>().Order(), GoldenFrames.All.Select(golden => golden.Type).Distinct().Order());

    [Theory, MemberData(nameof(Names))]
    public void Values_are_written_as_the_protocol_says(string name)
    {
        GoldenFrame golden = GoldenFrames.Named(name);
        var output = new ArrayBufferWriter<byte>();

        golden.Write(output);

        Assert.Equal(Convert.ToHexString(golden.Bytes), Convert.ToHexString(output.WrittenSpan));
    }

    // Writing is one to one (the test above), so equal bytes mean that each field was decoded to its value.
    [Theory, MemberData(nameof(Names))]
    public void Bytes_are_decoded_to_the_values_that_made_them(string name)
    {
        GoldenFrame golden = GoldenFrames.Named(name);
        var output = new ArrayBufferWriter<byte>();

        Assert.True(golden.Recode(golden.Body, output));

        Assert.Equal(Convert.ToHexString(golden.Bytes), Convert.ToHexString(output.WrittenSpan));
    }

    [Theory, MemberData(nameof(Names))]
    public void Golden_bytes_are_one_whole_frame(string name)
    {
        GoldenFrame golden = GoldenFrames.Named(name);
        var buffer = new ReadOnlySequence<byte>(golden.Bytes);

        Assert.Equal(FrameReadStatus.Frame, FrameReader.TryRead(ref buffer, FrameLimits.HandshakeMaxFrameBytes, out FrameType type, out ReadOnlySequence<byte> body));

        Assert.Equal(golden.Type, type);
        Assert.Equal(golden.Body.ToArray(), body.ToArray());
        Assert.True(buffer.IsEmpty);
    }

    [Theory, MemberData(nameof(Names))]
    public void Every_truncation_is_malformed(string name)
    {
        GoldenFrame golden = GoldenFrames.Named(name);
        int fieldBytes = golden.Body.Length - (name == "ENTRY with zeros" ? 2 : 0);
        var output = new ArrayBufferWriter<byte>();

        for (int length = 0; length < fieldBytes; length++)
        {
            if (name == "HELLO with a credential" && length == GoldenFrames.Named("HELLO").Body.Length)
            {
                continue;
            }

            Assert.False(golden.Recode(golden.Body[..length], output), $"{name} cut to {length} bytes was decoded");
        }

        Assert.True(golden.Recode(golden.Body[..fieldBytes], output));
    }

    [Theory, MemberData(nameof(NamesOfComplete))]
    public void Bytes_after_the_known_fields_are_ignored(string name)
    {
        GoldenFrame golden = GoldenFrames.Named(name);
        byte[] later = Encoding.ASCII.GetBytes("a field of version 2");

        for (int count = 1; count <= later.Length; count++)
        {
            var output = new ArrayBufferWriter<byte>();
            Assert.True(golden.Recode([.. golden.Body, .. later.AsSpan(0, count)], output));
            Assert.Equal(golden.Bytes, output.WrittenSpan.ToArray());
        }
    }

    /// <summary>What an independent client sends first: a guest's HELLO, then JOIN of the lobby.</summary>
    [Fact]
    public void An_independent_guest_joins_with_the_same_bytes()
    {
        string guest =
            "0000004c014c414e430100" + Zeros(8 + 16 + 4 + 8 + 32) + "00"
            + "0000001903" + Zeros(2 + 8 + 8) + "056c6f626279";
        var output = new ArrayBufferWriter<byte>();

        new HelloFrame { Version = FrameLimits.Version }.WriteTo(output);
        new JoinFrame { Room = "lobby"u8 }.WriteTo(output);

        Assert.Equal(guest, Convert.ToHexStringLower(output.WrittenSpan));
    }

    /// <summary>What an independent load generator sends: 16 at-signs, then a pattern; it patches the id at offset 9.</summary>
    [Theory]
    [InlineData(64, "000000500500000001000000000000000000" + "0040")]
    [InlineData(256, "000001100500000001000000000000000000" + "0100")]
    [InlineData(1024, "000004100500000001000000000000000000" + "0400")]
    public void An_independent_publisher_sends_the_same_bytes(int bytes, string head)
    {
        byte[] pattern = Encoding.ASCII.GetBytes("abcdefghijklmnopqrstuvwxyz012345");
        byte[] payload = [.. Enumerable.Repeat((byte)'@', 16), .. Enumerable.Range(0, bytes - 16).Select(i => pattern[i % pattern.Length])];
        var output = new ArrayBufferWriter<byte>();

        new PublishFrame { Room = 1, Id = 0, Body = payload }.WriteTo(output);

        Assert.Equal(head + Convert.ToHexStringLower(payload), Convert.ToHexStringLower(output.WrittenSpan));
    }

    private static string Zeros(int bytes) => new('0', 2 * bytes);
}
