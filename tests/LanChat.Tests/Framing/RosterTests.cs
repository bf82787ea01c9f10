using System.Buffers;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using LanChat.Framing;
using Xunit;

namespace LanChat.Tests.Framing;

public sealed class RosterTests
{
    [Fact]
    public void A_roster_of_nobody_is_one_frame()
    {
        List<string> parts = WriteAndRead([], FrameLimits.HandshakeMaxFrameBytes, out List<string> names);

        Assert.Equal(["last"], parts);
        Assert.Empty(names);
    }

    [Fact]
    public void Names_come_in_order_and_all_frames_but_the_last_say_that_more_follow()
    {
        string[] members = [.. Enumerable.Range(0, 1000).Select(i => $"member-{i}")];

        List<string> parts = WriteAndRead(members, FrameLimits.HandshakeMaxFrameBytes, out List<string> names);

        Assert.Equal(members, names);
        Assert.Equal(["more", "more", "last"], parts);
    }

    [Fact]
    public void A_list_that_fills_a_frame_to_the_byte_is_one_frame()
    {
        // 16 bytes before the names; 256 for the name and its length.
        string longest = new('x', 255);
        Assert.Equal(272, RosterWriter.MinFrameBytes);

        Assert.Equal(["last"], WriteAndRead([longest], 272, out _));
        Assert.Equal(["last"], WriteAndRead([longest, "a"], 274, out _));
        Assert.Equal(["more", "last"], WriteAndRead([longest, "a"], 273, out _));
    }

    [Fact]
    public void More_names_than_a_count_can_say_take_two_frames()
    {
        string[] members = [.. Enumerable.Repeat("a", 65536)];

        Assert.Equal(["more", "last"], WriteAndRead(members, 1 << 20, out List<string> names));
        Assert.Equal(members.Length, names.Count);
    }

    [Fact]
    public void Any_list_survives_any_maximum()
    {
        Arbitrary<(int[] Lengths, int Max)> cases = (
            from lengths in Gen.Choose(0, 255).ArrayOf()
            from max in Gen.Choose(RosterWriter.MinFrameBytes, 2000)
            select (lengths, max)).ToArbitrary();

        Prop.ForAll(cases, test =>
        {
            string[] members = [.. test.Lengths.Select((length, i) => new string((char)('a' + (i % 26)), length))];
            WriteAndRead(members, test.Max, out List<string> names);
            Assert.Equal(members, names);
        }).Check(FuzzRun.Properties);
    }

    [Fact]
    public void A_maximum_that_might_not_hold_one_name_is_refused()
        => Assert.Throws<ArgumentOutOfRangeException>(() => RosterWriter.Write(new ArrayBufferWriter<byte>(), 1, 1, [], RosterWriter.MinFrameBytes - 1));

    [Fact]
    public void A_name_that_is_too_long_is_refused_and_leaves_no_half_frame()
    {
        var output = new ArrayBufferWriter<byte>();

        Assert.Throws<ArgumentOutOfRangeException>(() => RosterWriter.Write(output, 1, 1, [new byte[256]], 4096));

        Assert.Equal(0, output.WrittenCount);
    }

    [Fact]
    public void A_count_that_promises_more_names_than_there_are_is_malformed()
    {
        byte[] body = [.. GoldenFrames.Named("ROSTER").Body];
        body[14] = 4;

        Assert.False(RosterFrame.TryDecode(body, out _));
    }

    private static List<string> WriteAndRead(string[] members, int maxFrameBytes, out List<string> names)
    {
        var output = new ArrayBufferWriter<byte>();
        RosterWriter.Write(output, 7, 99, members.Select(Encoding.ASCII.GetBytes).ToArray(), maxFrameBytes);

        names = [];
        List<string> parts = [];
        var buffer = new ReadOnlySequence<byte>(output.WrittenMemory);
        while (FrameReader.TryRead(ref buffer, maxFrameBytes, out FrameType type, out ReadOnlySequence<byte> body) == FrameReadStatus.Frame)
        {
            Assert.Equal(FrameType.Roster, type);
            Assert.True(RosterFrame.TryDecode(body.FirstSpan, out RosterFrame roster));
            Assert.Equal((7u, 99ul), (roster.Room, roster.Sequence));
            int before = names.Count;
            foreach (ReadOnlySpan<byte> name in roster)
            {
                names.Add(Encoding.ASCII.GetString(name));
            }

            Assert.Equal(roster.Count, names.Count - before);
            parts.Add(roster.More ? "more" : "last");
        }

        Assert.False(FrameReader.EndsInsideFrame(buffer));
        return parts;
    }
}
