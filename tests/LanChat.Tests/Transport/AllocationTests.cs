using System.Net.Sockets;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Transport;

/// <summary>In steady state nothing is allocated per message received, per delivery or per iteration.</summary>
[Collection("whole process")]
public sealed class AllocationTests
{
    [Fact]
    public async Task Over_memory_a_message_to_ten_members_allocates_nothing()
    {
        await using var stepped = new SteppedLoop();
        var room = new TestRoom(stepped.Loop);
        var clients = new List<MemoryClient>();
        for (int i = 0; i < 10; i++)
        {
            (MemoryLink link, MemoryClient client) = stepped.Network.Connect();
            stepped.Loop.Add(new RoomMember(link, room));
            clients.Add(client);
        }

        byte[] message = new byte[64];
        byte[] buffer = new byte[256];
        long received = 0;
        void Publish(int messages)
        {
            for (int i = 0; i < messages; i++)
            {
                clients[i % 10].Write(message);
                while (stepped.Loop.RunOnce(block: false))
                {
                }

                foreach (MemoryClient client in clients)
                {
                    received += client.Read(buffer);
                }

                room.Rewind();
            }
        }

        Publish(500);
        int published = 500;
        Assert.Equal(0, Allocations.LeastOf(() =>
        {
            published += 1000;
            Publish(1000);
        }));
        Assert.Equal(published * 10 * 64, received);
    }

    [Fact]
    public async Task Over_memory_half_frames_allocate_nothing()
    {
        await using var stepped = new SteppedLoop();
        (EchoConnection connection, MemoryClient client) = stepped.Connect();
        byte[] frame = SteppedLoop.Frames(100);
        byte[] buffer = new byte[256];
        void Echo(int frames)
        {
            for (int i = 0; i < frames; i++)
            {
                client.Write(frame.AsSpan(0, 40));
                stepped.Loop.RunOnce(block: false);
                client.Write(frame.AsSpan(40));
                stepped.Loop.RunOnce(block: false);
                client.Read(buffer);
            }
        }

        Echo(500);
        int echoed = 500;
        Assert.Equal(0, Allocations.LeastOf(() =>
        {
            echoed += 1000;
            Echo(1000);
        }));
        Assert.Equal(echoed, connection.FrameCount);
    }

    [Theory]
    [InlineData(ServerTransport.Epoll)]
    [InlineData(ServerTransport.Sockets)]
    public async Task Over_the_kernel_a_hundred_thousand_messages_allocate_next_to_nothing(ServerTransport kind)
    {
        await using var fixture = new SocketFixture(TestTransport.Of(kind), static link => new EchoConnection(link));
        // Blocking calls on this thread, the connect included: the client side allocates nothing, so the whole process can be measured.
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(fixture.EndPoint);
        byte[] batch = SteppedLoop.Frames([.. Enumerable.Repeat(63, 20)]);
        byte[] back = new byte[batch.Length];
        void Echo(int messages)
        {
            for (int i = 0; i < messages; i += 20)
            {
                socket.Send(batch);
                for (int read = 0; read < back.Length;)
                {
                    read += socket.Receive(back.AsSpan(read));
                }
            }
        }

        Echo(50_000);
        // Another thread of the test host may allocate meanwhile: the best of three counts.
        long least = long.MaxValue;
        for (int i = 0; i < 3; i++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            Echo(100_000);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        Assert.True(least < 100_000, $"{least} bytes for 100,000 messages in 5,000 receives and sends");
        Assert.Equal(batch, back);
    }
}

/// <summary>Tests that count things of the whole process run alone.</summary>
[CollectionDefinition("whole process", DisableParallelization = true)]
public sealed class WholeProcess;
