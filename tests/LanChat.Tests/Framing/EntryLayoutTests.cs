using System.Buffers.Binary;
using LanChat.Framing;
using Xunit;

namespace LanChat.Tests.Framing;

public sealed class EntryLayoutTests
{
    private const byte Dirt = 0xDD;

    public static TheoryData<int> BodyLengths => [0, 1, 2, 3, 4, 5, 64, 255, 256, 257, 258, 259, 300, 1000, 4096, 65534, 65535];

    [Theory, MemberData(nameof(BodyLengths))]
    public void An_entry_of_any_size_holds_what_was_put_in_and_keeps_the_next_one_aligned(int bodyBytes)
    {
        byte[] body = [.. Enumerable.Range(0, bodyBytes).Select(i => (byte)(i * 7))];
        byte[] everyName = [.. Enumerable.Range(1, 255).Select(i => (byte)i)];
        for (int nameBytes = 0; nameBytes <= everyName.Length; nameBytes++)
        {
            ReadOnlySpan<byte> name = everyName.AsSpan(0, nameBytes);
            byte[] frame = Commit(EntryKind.Message, name, body);

            Assert.Equal(0, frame.Length % EntryLayout.Alignment);
            Assert.InRange(frame.Length - (36 + 1 + nameBytes + 2 + bodyBytes), 0, 3);
            Assert.True(EntryFrame.TryDecodeWhole(frame, out EntryFrame entry));
            Assert.True(entry.Name.SequenceEqual(name));
            Assert.True(entry.Body.SequenceEqual(body));
            Assert.Equal((EntryKind.Message, (ushort)0x8001, 0x01020304u, 0x1112131415161718ul), (entry.Kind, entry.Flags, entry.Room, entry.Sequence));
            Assert.Equal((-5L, 0x2122232425262728ul, true), (entry.Time, entry.Id, entry.IsOpaque));
        }
    }

    [Fact]
    public void Filling_leaves_the_commit_mark_alone_and_the_padding_zero()
    {
        for (int bodyBytes = 0; bodyBytes < 8; bodyBytes++)
        {
            byte[] frame = Fill(EntryKind.Message, "ada"u8, new byte[bodyBytes]);

            Assert.Equal([Dirt, Dirt, Dirt, Dirt], frame[..4]);
            Assert.DoesNotContain(Dirt, frame[(36 + 1 + 3)..]);
        }
    }

    [Fact]
    public void The_largest_entry_is_as_large_as_said()
    {
        Assert.Equal(EntryLayout.MaxBytes, EntryLayout.MeasureBytes(255, 65535));
        Assert.Equal(40, EntryLayout.MeasureBytes(0, 0));
    }

    [Theory]
    [InlineData(256, 0)]
    [InlineData(-1, 0)]
    [InlineData(0, 65536)]
    [InlineData(0, -1)]
    [InlineData(0, int.MaxValue)]
    public void What_cannot_be_an_entry_is_refused_when_measured(int nameBytes, int bodyBytes)
        => Assert.Throws<ArgumentOutOfRangeException>(() => EntryLayout.MeasureBytes(nameBytes, bodyBytes));

    [Fact]
    public void A_whole_entry_is_refused_when_its_header_is_not_that_of_an_entry()
    {
        byte[] frame = Commit(EntryKind.Notice, default, "dinner"u8);
        Assert.True(EntryFrame.TryDecodeWhole(frame, out _));

        for (int length = 0; length < frame.Length; length++)
        {
            Assert.False(EntryFrame.TryDecodeWhole(frame.AsSpan(0, length), out _));
        }

        Assert.False(EntryFrame.TryDecodeWhole([.. frame, 0, 0, 0, 0], out _));
        frame[4] = (byte)FrameType.Ack;
        Assert.False(EntryFrame.TryDecodeWhole(frame, out _));
    }

    [Fact]
    public void An_entry_that_is_not_committed_is_not_decoded()
    {
        byte[] frame = Fill(EntryKind.Message, "ada"u8, "hi"u8);
        BinaryPrimitives.WriteUInt32BigEndian(frame, 0);

        Assert.False(EntryFrame.TryDecodeWhole(frame, out _));
    }

    [Fact]
    public void Presence_bodies_come_back()
    {
        byte[] body = new byte[PresenceBody.LeftBytes];
        PresenceBody.WriteLeft(body, 0x01020304, 0x0506);
        Assert.Equal([1, 2, 3, 4, 5, 6], body);
        Assert.True(PresenceBody.TryReadLeft(body, out uint members, out ushort code));
        Assert.Equal((0x01020304u, (ushort)0x0506), (members, code));

        PresenceBody.WriteMembers(body, 7);
        Assert.True(PresenceBody.TryReadMembers(body.AsSpan(0, PresenceBody.MembersBytes), out members));
        Assert.Equal(7u, members);

        for (int length = 0; length < PresenceBody.LeftBytes; length++)
        {
            Assert.False(PresenceBody.TryReadLeft(body.AsSpan(0, length), out _, out _));
            Assert.Equal(length >= PresenceBody.MembersBytes, PresenceBody.TryReadMembers(body.AsSpan(0, length), out _));
        }
    }

    private static byte[] Commit(EntryKind kind, ReadOnlySpan<byte> name, ReadOnlySpan<byte> body)
    {
        byte[] frame = Fill(kind, name, body);
        BinaryPrimitives.WriteUInt32BigEndian(frame, EntryLayout.LengthWord(frame.Length));
        return frame;
    }

    private static byte[] Fill(EntryKind kind, ReadOnlySpan<byte> name, ReadOnlySpan<byte> body)
    {
        byte[] frame = new byte[EntryLayout.MeasureBytes(name.Length, body.Length)];
        frame.AsSpan().Fill(Dirt);
        EntryLayout.Fill(frame, kind, 0x8001, 0x01020304, 0x1112131415161718, -5, 0x2122232425262728, name, body);
        return frame;
    }
}
