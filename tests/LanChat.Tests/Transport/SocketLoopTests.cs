using System.Collections.Concurrent;
using System.Net.Sockets;
using LanChat.Tests.Support;
using LanChat.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace LanChat.Tests.Transport;

[Collection("whole process")]
public abstract class SocketLoopTests
{
    private readonly PlatformTransport _transport;

    private protected SocketLoopTests(PlatformTransport transport) => _transport = transport;

    [Fact]
    public async Task Two_hundred_clients_get_their_frames_back()
    {
        await using var fixture = new SocketFixture(_transport, static link => new EchoConnection(link));
        byte[] stream = SteppedLoop.Frames([.. Enumerable.Range(0, 40).Select(i => i * 13 % 256)]);
        await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            using Socket socket = await fixture.ConnectAsync();
            // Each client splits the stream elsewhere.
            await socket.SendAsync(stream.AsMemory(0, 1 + i));
            await socket.SendAsync(stream.AsMemory(1 + i));
            Assert.Equal(stream, await SocketFixture.ReadAsync(socket, stream.Length));
        }));
        await fixture.UntilAsync(() => fixture.Loop.ConnectionCount == 0, "all connections closed");
        Assert.Empty(fixture.Logger.Lines);
    }

    [Fact]
    public async Task A_slow_reader_gets_every_byte_by_partial_sends_and_holds_up_nobody()
    {
        var connections = new ConcurrentQueue<EchoConnection>();
        await using var fixture = new SocketFixture(_transport, link =>
        {
            var connection = new EchoConnection(link);
            connections.Enqueue(connection);
            return connection;
        });
        byte[] stream = SteppedLoop.Frames([.. Enumerable.Range(0, 60_000).Select(i => i % 256)]);
        using Socket slow = await fixture.ConnectAsync(receiveBuffer: 4096);
        await slow.SendAsync(stream);
        await fixture.UntilAsync(() => connections.TryPeek(out EchoConnection? c) && c.FrameCount == 60_000 && c.PendingBytes > 0, "the kernel is full");
        EchoConnection echo = connections.Single();

        using Socket other = await fixture.ConnectAsync();
        await other.SendAsync(SteppedLoop.Frames(9));
        Assert.Equal(SteppedLoop.Frames(9), await SocketFixture.ReadAsync(other, 10));

        byte[] got = await SocketFixture.ReadAsync(slow, stream.Length);
        Assert.True(stream.AsSpan().SequenceEqual(got));
        await fixture.UntilAsync(() => !echo.Link.IsSending && echo.PendingBytes == 0, "everything was sent");

        // At least the one that was under way above; how many more is a matter of how fast this thread reads while that one sends.
        Assert.NotEqual(0, echo.WritableCount);
    }

    [Fact]
    public async Task Many_pieces_go_out_in_order_also_when_the_kernel_is_full()
    {
        SendingConnection connection = null!;
        await using var fixture = new SocketFixture(_transport, link => connection = new SendingConnection(link));
        using Socket client = await fixture.ConnectAsync(receiveBuffer: 4096);
        await client.SendAsync(new byte[1]);
        byte[] got = await SocketFixture.ReadAsync(client, SendingConnection.TotalBytes);
        Assert.True(got.AsSpan().SequenceEqual(connection.Everything));
    }

    [Fact]
    public async Task Half_close_is_an_end_and_what_is_sent_after_it_arrives()
    {
        await using var fixture = new SocketFixture(_transport, static link => new EchoConnection(link)
        {
            LinkEnded = static connection =>
            {
                connection.Append([1, 42]);
                connection.Loop.Queue(connection);
                connection.Flushing = null;
                connection.Loop.Post(static connection => connection.Loop.Close(connection, reset: false), connection);
            },
        });
        using Socket client = await fixture.ConnectAsync();
        await client.SendAsync(SteppedLoop.Frames(3));
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal([.. SteppedLoop.Frames(3), 1, 42], await SocketFixture.ReadAsync(client, 6));
        // The end, not a reset.
        Assert.Equal(0, await client.ReceiveAsync(new byte[1]).WaitAsync(SocketFixture.Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_close_with_accepted_bytes_only_in_the_kernel_delivers_them_and_ends_cleanly()
    {
        await using var fixture = new SocketFixture(_transport, static link => new EchoConnection(link)
        {
            Received = static connection => connection.Loop.Post(static connection => connection.Loop.Close(connection, reset: false), connection),
        });
        for (int i = 0; i < 50; i++)
        {
            using Socket client = await fixture.ConnectAsync();
            await client.SendAsync(SteppedLoop.Frames(200));
            Assert.Equal(SteppedLoop.Frames(200), await SocketFixture.ReadAsync(client, 201));
            Assert.Equal(0, await client.ReceiveAsync(new byte[1]).WaitAsync(SocketFixture.Patience, TestContext.Current.CancellationToken));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reset_by_the_client_breaks_its_connection_only(bool insideFrame)
    {
        var connections = new ConcurrentQueue<EchoConnection>();
        await using var fixture = new SocketFixture(_transport, link =>
        {
            var connection = new EchoConnection(link);
            connections.Enqueue(connection);
            return connection;
        });
        using Socket other = await fixture.ConnectAsync();
        Socket client = await fixture.ConnectAsync();
        await fixture.UntilAsync(() => connections.Count == 2 && fixture.Loop.ConnectionCount == 2, "both are there");
        if (insideFrame)
        {
            await client.SendAsync(new byte[] { 5, 1 });
            await fixture.UntilAsync(() => connections.Any(c => c.Held.Count == 2), "half a frame arrived");
        }

        client.LingerState = new LingerOption(enable: true, seconds: 0);
        client.Dispose();
        await fixture.UntilAsync(() => fixture.Loop.ConnectionCount == 1, "the reset was noticed");
        EchoConnection broken = connections.Single(c => c.ClosedCount == 1);
        Assert.Equal((LinkStatus.Broken, insideFrame), (broken.EndStatus, broken.EndedInsideFrame));
        await other.SendAsync(SteppedLoop.Frames(1));
        Assert.Equal(SteppedLoop.Frames(1), await SocketFixture.ReadAsync(other, 2));
    }

    [Fact]
    public async Task A_reset_by_the_server_is_a_reset_at_the_client()
    {
        await using var fixture = new SocketFixture(_transport, static link => new EchoConnection(link) { Received = static connection => connection.Loop.Close(connection, reset: true) });
        using Socket client = await fixture.ConnectAsync();
        await client.SendAsync(new byte[] { 0 });
        SocketException e = await Assert.ThrowsAsync<SocketException>(() => client.ReceiveAsync(new byte[1]).WaitAsync(SocketFixture.Patience, TestContext.Current.CancellationToken));
        Assert.Equal(SocketError.ConnectionReset, e.SocketErrorCode);
    }

    [Fact]
    public async Task A_stop_in_the_midst_of_traffic_and_stalled_sends_leaves_nothing_open()
    {
        for (int i = 0; i < 20; i++)
        {
            var fixture = new SocketFixture(_transport, static link => new EchoConnection(link));
            using Socket stalled = await fixture.ConnectAsync(receiveBuffer: 4096);
            await stalled.SendAsync(SteppedLoop.Frames([.. Enumerable.Repeat(255, 20_000)]));
            using Socket busy = await fixture.ConnectAsync();
            await busy.SendAsync(SteppedLoop.Frames(1, 2, 3));
            await fixture.DisposeAsync();
            Assert.True(fixture.Loop.Completion.IsCompletedSuccessfully);
            Assert.Equal(0, fixture.Loop.ConnectionCount);
        }
    }

    [Fact]
    public async Task A_thousand_connects_and_disconnects_leave_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "counts descriptors in /proc");
        static int Descriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Length;
        static int LoopThreads() => Directory.GetDirectories("/proc/self/task").Count(IsLoop);

        await RunAsync(50);
        int before = Descriptors();
        await RunAsync(1000);
        Assert.InRange(Descriptors(), 0, before + 2);

        // The system lists a thread for a moment longer than it can be joined.
        Assert.True(SpinWait.SpinUntil(() => LoopThreads() == 0, SocketFixture.Patience), $"{LoopThreads()} threads of loops are left.");

        static bool IsLoop(string task)
        {
            try
            {
                return File.ReadAllText(task + "/comm").StartsWith("sockets", StringComparison.Ordinal);
            }
            catch (IOException)
            {
                // It has gone between the list and the look.
                return false;
            }
        }

        async Task RunAsync(int count)
        {
            await using var fixture = new SocketFixture(_transport, static link => new EchoConnection(link));
            for (int done = 0; done < count; done += 50)
            {
                await Task.WhenAll(Enumerable.Range(0, 50).Select(async i =>
                {
                    using Socket socket = await fixture.ConnectAsync();
                    await socket.SendAsync(SteppedLoop.Frames(i));
                    if (i % 3 != 0)
                    {
                        await SocketFixture.ReadAsync(socket, i + 1);
                    }

                    if (i % 2 == 0)
                    {
                        socket.LingerState = new LingerOption(enable: true, seconds: 0);
                    }
                }));
            }

            await fixture.UntilAsync(() => fixture.Loop.ConnectionCount == 0, "all connections closed");
        }
    }

    [Fact]
    public async Task A_link_refused_by_a_stopped_loop_stays_with_its_owner()
    {
        var loop = new EventLoop(_transport.MakePoller(), TimeProvider.System, "stopped", NullLogger.Instance);
        loop.Start();
        await loop.DisposeAsync();
        await using var fixture = new SocketFixture(_transport, static link => new EchoConnection(link));
        Socket socket = await fixture.ConnectAsync();
        PlatformTransport.Prepare(socket);
        Assert.NotEqual(0, socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive));
        Link link = _transport.Over(socket);
        Assert.False(loop.Add(new EchoConnection(link)));
        link.Close(reset: false);
        await fixture.UntilAsync(() => fixture.Loop.ConnectionCount == 0, "the other side saw the end");
    }

    /// <summary>At the first byte it sends twenty pieces of different sizes, again and again, until everything is out.</summary>
    private sealed class SendingConnection(Link link) : LoopConnection(link)
    {
        internal const int TotalBytes = 4_000_000;

        private int _sent;

        internal byte[] Everything { get; } = Fill();

        internal override SequencePosition OnReceived(in System.Buffers.ReadOnlySequence<byte> bytes)
        {
            Loop.Queue(this);
            return bytes.End;
        }

        internal override void OnLinkEnded(LinkStatus status, bool insideFrame) => Loop.Close(this, reset: false);

        internal override void Flush()
        {
            while (_sent < TotalBytes)
            {
                int at = _sent;
                int count = 0;
                for (; count < 20 && at < TotalBytes; count++)
                {
                    int size = Math.Min(1 + (at * 31 % 30_011), TotalBytes - at);
                    Loop.Pieces[count] = new ArraySegment<byte>(Everything, at, size);
                    at += size;
                }

                LinkStatus status = Link.Send(Loop.Pieces[..count], out int sent);
                _sent += sent;
                if (status != LinkStatus.Ok)
                {
                    return;
                }
            }
        }

        internal override void OnDeadline()
        {
        }

        private static byte[] Fill()
        {
            byte[] bytes = new byte[TotalBytes];
            new Random(7).NextBytes(bytes);
            return bytes;
        }
    }
}

/// <inheritdoc/>
[Collection("whole process")]
public sealed class SocketLoopOverEpollTests() : SocketLoopTests(TestTransport.Of(ServerTransport.Epoll));

/// <inheritdoc/>
[Collection("whole process")]
public sealed class SocketLoopOverSocketsTests() : SocketLoopTests(TestTransport.Of(ServerTransport.Sockets));

/// <inheritdoc/>
[Collection("whole process")]
public sealed class SocketLoopOverSelectTests() : SocketLoopTests(TestTransport.Select);
