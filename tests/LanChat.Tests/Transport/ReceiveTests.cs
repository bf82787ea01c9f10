using LanChat.Tests.Support;
using LanChat.Transport;
using Xunit;

namespace LanChat.Tests.Transport;

public sealed class ReceiveTests
{
    private static readonly byte[] Stream = SteppedLoop.Frames(0, 1, 2, 3, 7, 0, 20, 5);

    [Fact]
    [HostileInput(3)]
    public async Task Frames_survive_every_way_of_splitting_the_stream_in_three()
    {
        for (int first = 1; first < Stream.Length; first++)
        {
            for (int second = 1; first + second < Stream.Length; second++)
            {
                await using var stepped = new SteppedLoop();
                (EchoConnection connection, MemoryClient client) = stepped.Connect();
                client.ToServer.NextPiece = Pieces.Sizes(first, second);
                client.Write(Stream);
                stepped.RunUntilQuiet();
                Assert.Equal(8, connection.FrameCount);
                Assert.Equal(Stream, client.ReadAll());
                Assert.Equal(0, connection.Held.Count);
            }
        }
    }

    [Fact]
    public async Task Frames_survive_byte_by_byte_and_random_splitting()
    {
        byte[] stream = SteppedLoop.Frames([.. Enumerable.Range(0, 600).Select(i => i * 37 % 256)]);
        for (int seed = 0; seed < 50; seed++)
        {
            await using var stepped = new SteppedLoop();
            (EchoConnection connection, MemoryClient client) = stepped.Connect();
            client.ToServer.NextPiece = seed == 0 ? Pieces.Of(1) : Pieces.Random(seed, max: 1 << (seed % 12));
            client.Write(stream);
            stepped.RunUntilQuiet();
            Assert.True(connection.FrameCount == 600, $"seed {seed}: {connection.FrameCount} frames");
            Assert.True(stream.AsSpan().SequenceEqual(client.ReadAll()), $"seed {seed}");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stream_cut_at_any_byte_says_whether_it_was_inside_a_frame(bool reset)
    {
        var boundaries = new HashSet<int> { 0 };
        for (int at = 0; at < Stream.Length; at += Stream[at] + 1)
        {
            boundaries.Add(at);
        }

        boundaries.Add(Stream.Length);
        for (int cut = 0; cut <= Stream.Length; cut++)
        {
            await using var stepped = new SteppedLoop();
            (EchoConnection connection, MemoryClient client) = stepped.Connect();
            client.ToServer.CutAt(cut, reset);
            client.Write(Stream);
            stepped.RunUntilQuiet();
            Assert.Equal(reset ? LinkStatus.Broken : LinkStatus.Ended, connection.EndStatus);
            Assert.True(connection.EndedInsideFrame != boundaries.Contains(cut), $"cut at {cut}");
            Assert.Equal(1, connection.ClosedCount);
            Assert.Equal(0, stepped.Loop.ConnectionCount);
        }
    }

    [Fact]
    public async Task A_connection_holds_memory_only_while_it_has_half_a_frame()
    {
        await using var stepped = new SteppedLoop();
        (EchoConnection connection, MemoryClient client) = stepped.Connect();
        client.Write([5, 1, 2]);
        stepped.RunUntilQuiet();
        Assert.Equal(3, connection.Held.Count);
        client.Write([3, 4, 5]);
        stepped.RunUntilQuiet();
        Assert.Equal(0, connection.Held.Count);
    }

    [Fact]
    public async Task Each_readable_link_gets_one_receive_per_iteration()
    {
        await using var stepped = new SteppedLoop();
        (EchoConnection first, MemoryClient firstClient) = stepped.Connect();
        (EchoConnection second, MemoryClient secondClient) = stepped.Connect();
        firstClient.ToServer.NextPiece = Pieces.Of(2);
        firstClient.Write(SteppedLoop.Frames(1, 1, 1));
        secondClient.Write(SteppedLoop.Frames(1));
        Assert.True(stepped.Loop.RunOnce(block: false));
        Assert.Equal((1, 1), (first.FrameCount, second.FrameCount));
        stepped.RunUntilQuiet();
        Assert.Equal(3, first.FrameCount);
    }

    [Fact]
    public async Task More_than_a_block_is_received_in_several_iterations()
    {
        await using var stepped = new SteppedLoop();
        (EchoConnection connection, MemoryClient client) = stepped.Connect();
        byte[] stream = SteppedLoop.Frames([.. Enumerable.Repeat(250, 3000)]);
        client.Write(stream);
        stepped.RunUntilQuiet();
        Assert.Equal(3000, connection.FrameCount);
        Assert.Equal(stream, client.ReadAll());
        Assert.InRange(((MemoryLink)connection.Link).ReceiveCount, 3, 5);
    }

    [Fact]
    public async Task A_connection_that_consumes_nothing_is_reset_before_it_fills_the_block()
    {
        await using var stepped = new SteppedLoop();
        (EchoConnection good, MemoryClient goodClient) = stepped.Connect();
        (MemoryLink link, MemoryClient client) = stepped.Network.Connect();
        var greedy = new IdleConnection(link);
        stepped.Loop.Add(greedy);
        client.ToServer.NextPiece = Pieces.Of(50_000);
        client.Write(new byte[400_000]);
        goodClient.Write(SteppedLoop.Frames(3));
        stepped.RunUntilQuiet();
        Assert.True(link.WasReset);
        Assert.InRange(greedy.Longest, ReceivePipe.MaxHeldBytes, ReceivePipe.BlockBytes);
        Assert.Equal(SteppedLoop.Frames(3), goodClient.ReadAll());
        Assert.Single(stepped.Logger.Lines);
    }

    [Fact]
    public async Task Half_open_is_silence_until_a_deadline_ends_it()
    {
        await using var stepped = new SteppedLoop();
        (EchoConnection connection, MemoryClient client) = stepped.Connect();
        connection.Deadline = static connection => connection.Loop.Close(connection, reset: true);
        stepped.Loop.Schedule(connection, stepped.Time.GetTimestamp() + TimeSpan.FromSeconds(30).Ticks);
        client.GoSilent();
        client.Write(SteppedLoop.Frames(4));
        client.End();
        stepped.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(0, stepped.RunUntilQuiet());
        stepped.Time.Advance(TimeSpan.FromSeconds(1));
        stepped.RunUntilQuiet();
        Assert.Equal((0, 1, null), (connection.FrameCount, connection.ClosedCount, connection.EndStatus));
    }

    [Fact]
    public async Task Delayed_bytes_arrive_when_their_time_has_come_and_in_order()
    {
        await using var stepped = new SteppedLoop();
        (EchoConnection connection, MemoryClient client) = stepped.Connect();
        client.ToServer.Delay = TimeSpan.FromMilliseconds(40);
        client.Write(SteppedLoop.Frames(1));
        stepped.Time.Advance(TimeSpan.FromMilliseconds(30));
        client.Write(SteppedLoop.Frames(1));
        client.End();
        stepped.RunUntilQuiet();
        Assert.Equal(0, connection.FrameCount);
        stepped.Time.Advance(TimeSpan.FromMilliseconds(10));
        stepped.RunUntilQuiet();
        Assert.Equal((1, null), (connection.FrameCount, connection.EndStatus));
        stepped.Time.Advance(TimeSpan.FromMilliseconds(30));
        stepped.RunUntilQuiet();
        Assert.Equal((2, LinkStatus.Ended), (connection.FrameCount, connection.EndStatus));
    }

    /// <summary>Consumes nothing.</summary>
    private sealed class IdleConnection(Link link) : LoopConnection(link)
    {
        internal long Longest { get; private set; }

        internal override SequencePosition OnReceived(in System.Buffers.ReadOnlySequence<byte> bytes)
        {
            Longest = Math.Max(Longest, bytes.Length);
            return bytes.Start;
        }

        internal override void OnLinkEnded(LinkStatus status, bool insideFrame) => Loop.Close(this, reset: false);

        internal override void Flush()
        {
        }

        internal override void OnDeadline()
        {
        }
    }
}
