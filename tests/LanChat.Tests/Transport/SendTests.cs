using LanChat.Tests.Support;
using LanChat.Transport;
using Xunit;

namespace LanChat.Tests.Transport;

public sealed class SendTests
{
    private static readonly byte[] Stream = SteppedLoop.Frames(0, 1, 2, 3, 7, 0, 20, 5);

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public async Task Partial_sends_at_every_byte_lose_and_repeat_nothing(int deferBytes)
    {
        for (int capacity = 1; capacity <= Stream.Length; capacity++)
        {
            for (int readSize = 1; readSize <= capacity; readSize += 3)
            {
                await using var stepped = new SteppedLoop();
                (EchoConnection connection, MemoryClient client) = stepped.Connect(deferBytes: deferBytes);
                client.FromServer.Capacity = capacity;
                client.Write(Stream);
                stepped.RunUntilQuiet();

                var got = new List<byte>();
                byte[] piece = new byte[readSize];
                while (client.Read(piece) is > 0 and int read)
                {
                    got.AddRange(piece.AsSpan(0, read));
                    stepped.RunUntilQuiet();
                }

                Assert.Equal(Stream, got);
                Assert.Equal(0, connection.PendingBytes);
                Assert.False(connection.Link.IsSending);
            }
        }
    }

    [Fact]
    public async Task A_stalled_reader_costs_one_send_until_it_reads_again()
    {
        await using var stepped = new SteppedLoop();
        (EchoConnection connection, MemoryClient client) = stepped.Connect();
        client.FromServer.Capacity = 10;
        client.Write(Stream);
        stepped.RunUntilQuiet();
        Assert.Equal((1, 0), (((MemoryLink)connection.Link).SendCount, connection.WritableCount));
        Assert.Equal(Stream.Length - 10, connection.PendingBytes);

        client.FromServer.Capacity = 1000;
        stepped.RunUntilQuiet();
        Assert.Equal((2, 1), (((MemoryLink)connection.Link).SendCount, connection.WritableCount));
        Assert.Equal(Stream, client.ReadAll());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Output_cut_at_any_byte_ends_this_connection_only(bool reset)
    {
        for (int cut = 0; cut < Stream.Length; cut++)
        {
            await using var stepped = new SteppedLoop();
            (EchoConnection connection, MemoryClient client) = stepped.Connect();
            (EchoConnection _, MemoryClient other) = stepped.Connect();
            client.FromServer.CutAt(cut, reset);
            client.Write(Stream);
            other.Write(Stream);
            stepped.RunUntilQuiet();
            Assert.Equal(Stream[..cut], client.ReadAll());
            Assert.Equal(reset ? LinkStatus.Broken : LinkStatus.Ended, client.Status);
            Assert.Equal(reset ? 1 : 0, connection.ClosedCount);
            Assert.Equal(Stream, other.ReadAll());
        }
    }

    [Fact]
    public async Task Shutdown_comes_after_accepted_bytes_and_receiving_goes_on()
    {
        await using var stepped = new SteppedLoop();
        (EchoConnection connection, MemoryClient client) = stepped.Connect(deferBytes: 100);
        client.FromServer.Capacity = 4;
        client.Write(Stream);
        stepped.RunUntilQuiet();
        Assert.True(connection.Link.IsSending);
        connection.Link.ShutdownSend();
        var got = new List<byte>();
        byte[] piece = new byte[4];
        while (client.Read(piece) is > 0 and int read)
        {
            got.AddRange(piece.AsSpan(0, read));
            stepped.RunUntilQuiet();
        }

        Assert.Equal(Stream, got);
        Assert.Equal(LinkStatus.Ended, client.Status);
        int frames = connection.FrameCount;
        client.Write(SteppedLoop.Frames(2));
        stepped.RunUntilQuiet();
        Assert.Equal(frames + 1, connection.FrameCount);
    }

    [Fact]
    public async Task Closing_while_accepted_bytes_wait_is_a_reset()
    {
        await using var stepped = new SteppedLoop();
        (EchoConnection connection, MemoryClient client) = stepped.Connect(deferBytes: 100);
        client.FromServer.Capacity = 4;
        client.Write(Stream);
        stepped.RunUntilQuiet();
        stepped.Loop.Close(connection, reset: false);
        stepped.RunUntilQuiet();
        client.ReadAll();
        Assert.Equal(LinkStatus.Broken, client.Status);
    }

    [Fact]
    public async Task A_batch_of_events_is_answered_by_one_send_per_connection()
    {
        await using var stepped = new SteppedLoop();
        var room = new TestRoom(stepped.Loop);
        var clients = new List<MemoryClient>();
        var members = new List<RoomMember>();
        for (int i = 0; i < 20; i++)
        {
            (MemoryLink link, MemoryClient client) = stepped.Network.Connect();
            var member = new RoomMember(link, room);
            stepped.Loop.Add(member);
            clients.Add(client);
            members.Add(member);
        }

        stepped.RunUntilQuiet();
        for (int i = 0; i < clients.Count; i++)
        {
            clients[i].Write([(byte)i]);
        }

        Assert.True(stepped.Loop.RunOnce(block: false));
        byte[] expected = [.. Enumerable.Range(0, 20).Select(i => (byte)i)];
        foreach (MemoryClient client in clients)
        {
            Assert.Equal(expected, client.ReadAll());
        }

        Assert.All(members, member => Assert.Equal(1, ((MemoryLink)member.Link).SendCount));
        Assert.Equal((1, 1), (room.AfterBatchCount, room.CollectCount));
    }
}
