using System.Text;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>On the message path nothing is allocated in steady state: the whole server from received bytes to sent bytes, stepped on this thread.</summary>
[Collection("whole process")]
public sealed class MessagePathAllocationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Publishing_to_a_room_allocates_nothing(int loops)
    {
        var room = new SteppedCrowd(loops, people: 0);
        Assert.Equal(0, room.AllocatedBy(body: Encoding.UTF8.GetBytes(new string('x', 200))));
        Assert.Equal(SteppedCrowd.Entries(200) * SteppedCrowd.Members, room.SentBytes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Text_in_which_something_is_replaced_allocates_nothing(int loops)
    {
        var room = new SteppedCrowd(loops, people: 0);
        Assert.Equal(0, room.AllocatedBy(body: "beep \a red \u001b[31m \u202E right to left, and caf\u00E9 \u6F22\u5B57"u8.ToArray()));
        Assert.NotEqual(0, room.SentBytes);
    }

    [Fact]
    public void Opaque_bodies_allocate_nothing()
    {
        var room = new SteppedCrowd(loops: 1, people: 0);
        Assert.Equal(0, room.AllocatedBy(body: [0, 0xFF, 7], flags: PublishFrame.OpaqueFlag));
        Assert.NotEqual(0, room.SentBytes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Over_TLS_publishing_allocates_nothing(int loops)
    {
        var room = new SteppedCrowd(loops, people: 0, tls: true);
        Assert.Equal(0, room.AllocatedBy(body: Encoding.UTF8.GetBytes(new string('x', 200))));
        Assert.InRange(room.SentBytes, SteppedCrowd.Entries(200) * SteppedCrowd.Members, SteppedCrowd.Entries(200) * SteppedCrowd.Members * 102 / 100);
    }

    [Theory]
    [InlineData(99, 0)]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    public void Rejections_allocate_nothing(uint number, byte flags)
    {
        var room = new SteppedCrowd(loops: 1, people: 0);
        Assert.Equal(0, room.AllocatedBy(body: "not to be said"u8.ToArray(), flags, number));
        Assert.NotEqual(0, room.SentBytes);
    }

    [Fact]
    public void Rejections_of_bad_text_allocate_nothing()
    {
        var room = new SteppedCrowd(loops: 1, people: 0);
        Assert.Equal(0, room.AllocatedBy(body: [0xC3, 0x28]));
        Assert.NotEqual(0, room.SentBytes);
    }

    [Fact]
    public void Rejections_for_being_too_fast_allocate_nothing()
    {
        var room = new SteppedCrowd(loops: 1, people: 0, rate: 1);
        Assert.Equal(0, room.AllocatedBy(body: "too fast"u8.ToArray()));
        Assert.NotEqual(0, room.SentBytes);
    }

    [Fact]
    public void Drawing_lines_for_people_allocates_nothing()
    {
        var room = new SteppedCrowd(loops: 1, people: 10);
        Assert.Equal(0, room.AllocatedBy(body: "hello\nto \u202E all"u8.ToArray()));
        Assert.NotEqual(0, room.SentBytes);
    }

    [Fact]
    public void What_people_say_allocates_nothing()
    {
        var room = new SteppedCrowd(loops: 1, people: 10);
        Assert.Equal(0, room.AllocatedByRepeating("hello, all of you \a\r\n"u8.ToArray(), link: SteppedCrowd.Members - 1));
        Assert.NotEqual(0, room.SentBytes);
    }

    [Fact]
    public void Lines_that_come_in_pieces_allocate_nothing()
    {
        var room = new SteppedCrowd(loops: 1, people: 10);
        byte[] line = "hello, all of you\n"u8.ToArray();
        Assert.Equal(0, room.AllocatedByHalves(() => line, link: SteppedCrowd.Members - 1));
        Assert.NotEqual(0, room.SentBytes);
    }

    [Fact]
    public void Frames_that_come_in_pieces_allocate_nothing()
    {
        var room = new SteppedCrowd(loops: 1, people: 0);
        Assert.Equal(0, room.AllocatedByHalves(() => WireFrame.Publish(1, room.NextId(), "hello, all of you"), link: 0));
        Assert.NotEqual(0, room.SentBytes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Several_rooms_in_turn_allocate_nothing(int loops)
    {
        var rooms = new SteppedCrowd(loops, people: 0);
        for (int i = 2; i <= 5; i++)
        {
            rooms.JoinAll($"room-{i}");
        }

        Assert.Equal(0, rooms.AllocatedBy(body: Encoding.UTF8.GetBytes(new string('x', 200)), rooms: 5));
        Assert.Equal(SteppedCrowd.Entries(200) * SteppedCrowd.Members, rooms.SentBytes);
    }

    [Theory]
    [InlineData(1, "member-1")]
    [InlineData(2, "member-1")]
    [InlineData(1, "MEMBER-1")]
    [InlineData(1, "person-19")]
    public void Direct_messages_allocate_nothing(int loops, string to)
    {
        var room = new SteppedCrowd(loops, people: 10);
        Assert.Equal(0, room.AllocatedByNumbered(WireFrame.Direct(0, to, "between the two of us")));
        Assert.NotEqual(0, room.SentBytes);
    }

    [Fact]
    public void Direct_messages_of_people_allocate_nothing()
    {
        var room = new SteppedCrowd(loops: 1, people: 10);
        Assert.Equal(0, room.AllocatedByRepeating("/msg member-1 between the two of us\n"u8.ToArray(), link: SteppedCrowd.Members - 1));
        Assert.NotEqual(0, room.SentBytes);
    }

    [Fact]
    public void Direct_messages_to_nobody_allocate_nothing()
    {
        var room = new SteppedCrowd(loops: 1, people: 0);
        Assert.Equal(0, room.AllocatedByNumbered(WireFrame.Direct(0, "nobody", "is there")));
        Assert.NotEqual(0, room.SentBytes);
    }

    [Fact]
    public void Commands_allocate_nothing()
    {
        var room = new SteppedCrowd(loops: 1, people: 0);
        Assert.Equal(0, room.AllocatedByNumbered(WireFrame.Bytes(new CommandFrame { Verb = "kick"u8, Argument = "member-1"u8 })));
        Assert.NotEqual(0, room.SentBytes);
    }

    [Theory]
    [InlineData(1u)]
    [InlineData(99u)]
    public void Ids_that_are_known_allocate_nothing(uint number)
    {
        var room = new SteppedCrowd(loops: 1, people: 0);
        Assert.Equal(0, room.AllocatedByRepeating(WireFrame.Publish(number, 1, "once"), link: 0));
        Assert.NotEqual(0, room.SentBytes);
    }

    [Fact]
    public void Pings_and_pongs_allocate_nothing()
    {
        var room = new SteppedCrowd(loops: 1, people: 0);
        Assert.Equal(0, room.AllocatedByRepeating([.. WireFrame.Bytes(new PingFrame { Opaque = 7 }), .. WireFrame.Bytes(new PongFrame { Opaque = 7 })], link: 0));
        Assert.NotEqual(0, room.SentBytes);
    }

    /// <summary>To join makes a membership, and costs the same with any history.</summary>
    [Fact]
    public void History_that_is_replayed_allocates_nothing()
    {
        long[] allocated = new long[2];
        long[] sent = new long[2];
        for (int i = 0; i < 2; i++)
        {
            var room = new SteppedCrowd(loops: 1, people: 0);
            room.AllocatedBy("said before"u8.ToArray());
            allocated[i] = room.AllocatedByRepeating([.. WireFrame.Bytes(new LeaveFrame { Room = 1 }), .. WireFrame.Join("lobby", replay: i * 300)], link: 7, times: 1);
            sent[i] = room.SentBytes;
        }

        Assert.Equal(allocated[0], allocated[1]);
        Assert.True(sent[1] > sent[0] + (SteppedCrowd.Rounds * 300 * 20), $"{sent[0]} bytes without history, {sent[1]} with it");
    }
}
