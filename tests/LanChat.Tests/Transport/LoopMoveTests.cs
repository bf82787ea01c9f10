using System.Buffers;
using System.Net;
using System.Net.Sockets;
using LanChat.Tests.Support;
using LanChat.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace LanChat.Tests.Transport;

/// <summary>A connection that goes from one loop to another takes its link and its unconsumed bytes along, and leaves nothing behind. Loops stepped by hand, over real sockets.</summary>
public sealed class LoopMoveTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Socket _peer = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    // Automatic stands for the sockets of systems without poll.
    public static TheoryData<ServerTransport> Transports => [ServerTransport.Epoll, ServerTransport.Sockets, ServerTransport.Automatic];

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task What_was_left_and_what_came_since_is_received_on_the_other_loop(ServerTransport kind)
    {
        (EventLoop from, EventLoop to, MovingConnection connection) = await StartAsync(kind);
        await using (from)
        await using (to)
        {
            _peer.Send([1, 2, 3]);
            Step(from, () => connection.Moves == 1);
            Assert.Equal((0, 0), (from.ConnectionCount, to.ConnectionCount));
            _peer.Send([4, 5]);
            Step(to, () => connection.Taken.Count == 5);
            Assert.Equal([1, 2, 3, 4, 5], connection.Taken);
            Assert.Equal((0, 1), (from.ConnectionCount, to.ConnectionCount));
            Assert.Same(to, connection.Loop);

            // And goes on there: received, and sent to.
            _peer.Send([6]);
            Step(to, () => connection.Taken.Count == 6);
            byte[] echo = new byte[16];
            Assert.Equal(6, _peer.Receive(echo));
            Assert.Equal([1, 2, 3, 4, 5, 6], echo[..6]);
            AssertRests(from);
        }
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_receive_that_left_something_behind_is_not_reported_on_the_first_loop_again(ServerTransport kind)
    {
        (EventLoop from, EventLoop to, MovingConnection connection) = await StartAsync(kind);
        await using (from)
        await using (to)
        {
            byte[] much = new byte[ReceivePipe.BlockBytes + 1000];
            Random.Shared.NextBytes(much);
            Task sending = Task.Run(() => _peer.Send(much), TestContext.Current.CancellationToken);

            // A whole block is taken at once if the wire holds so much.
            Step(from, () => connection.Moves == 1);
            AssertRests(from);
            Step(to, () => connection.Taken.Count == much.Length);
            Assert.Equal(much, connection.Taken);
            AssertRests(from);
            await sending;
        }
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_link_that_was_full_is_writable_on_the_other_loop(ServerTransport kind)
    {
        (EventLoop from, EventLoop to, MovingConnection connection) = await StartAsync(kind);
        await using (from)
        await using (to)
        {
            connection.FillsTheWire = true;
            _peer.Send([1]);
            Step(from, () => connection.Moves == 1);
            Step(to, () => connection.Taken.Count == 1);
            Assert.Equal(0, connection.WritableCount);
            byte[] block = new byte[1 << 20];
            Step(to, () => (_peer.Available > 0 ? _peer.Receive(block) : 0) >= 0 && connection.WritableCount == 1);
            AssertRests(from);
        }
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Its_deadline_and_its_place_in_the_round_stay_behind(ServerTransport kind)
    {
        (EventLoop from, EventLoop to, MovingConnection connection) = await StartAsync(kind);
        await using (from)
        await using (to)
        {
            connection.Flushes = true;
            from.Schedule(connection, from.Timestamp + _time.TimestampFrequency);
            _peer.Send([1]);
            Step(from, () => connection.Moves == 1);
            int flushes = connection.FlushCount;
            _time.Advance(TimeSpan.FromSeconds(2));
            AssertRests(from);
            Assert.Equal(flushes, connection.FlushCount);
            Step(to, () => connection.Taken.Count == 1);
            AssertRests(from);
            Assert.True(connection.DeadlineIndex < 0);
        }
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task The_end_is_seen_on_the_other_loop(ServerTransport kind)
    {
        (EventLoop from, EventLoop to, MovingConnection connection) = await StartAsync(kind);
        await using (from)
        await using (to)
        {
            _peer.Send([1]);
            _peer.Shutdown(SocketShutdown.Send);
            Step(from, () => connection.Moves == 1);
            Step(to, () => connection.HasEnded);
            Assert.Equal([1], connection.Taken);
            Assert.Equal(0, to.ConnectionCount);
            AssertRests(from);
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _peer.Dispose();
    }

    private static void Step(EventLoop loop, Func<bool> isSo) =>
        Assert.True(SpinWait.SpinUntil(() => !loop.RunOnce(block: false) && isSo(), SocketFixture.Patience), "It did not come to that in time.");

    private static void AssertRests(EventLoop loop) => Assert.False(loop.RunOnce(block: false));

    private async Task<(EventLoop From, EventLoop To, MovingConnection Connection)> StartAsync(ServerTransport kind)
    {
        PlatformTransport transport = kind == ServerTransport.Automatic ? TestTransport.Select : TestTransport.Of(kind);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        await _peer.ConnectAsync(_listener.LocalEndPoint!, TestContext.Current.CancellationToken);
        var from = new EventLoop(transport.MakePoller(), _time, "from", NullLogger.Instance);
        var to = new EventLoop(transport.MakePoller(), _time, "to", NullLogger.Instance);
        var connection = new MovingConnection(transport.Over(await _listener.AcceptAsync(TestContext.Current.CancellationToken)), to);
        Assert.True(from.Add(connection));
        while (from.RunOnce(block: false))
        {
        }

        return (from, to, connection);
    }

    /// <summary>Moves with the first bytes, and echoes everything when it is there.</summary>
    private sealed class MovingConnection(Link link, EventLoop target) : LoopConnection(link)
    {
        internal List<byte> Taken { get; } = [];

        internal bool FillsTheWire { get; set; }

        internal bool Flushes { get; set; }

        internal int Moves { get; private set; }

        internal int WritableCount { get; private set; }

        internal int FlushCount { get; private set; }

        internal bool HasEnded { get; private set; }

        private int Sent { get; set; }

        internal override void OnMoved() => Moves = 2;

        internal override SequencePosition OnReceived(in ReadOnlySequence<byte> bytes)
        {
            if (Moves == 0)
            {
                while (FillsTheWire && Link.Send([new byte[1 << 20]], out _) == LinkStatus.Ok)
                {
                }

                if (Flushes)
                {
                    Loop.Queue(this);
                }

                Moves = 1;
                Loop.Move(this, target);
                return bytes.Start;
            }

            Taken.AddRange(bytes.FirstSpan);
            Loop.Queue(this);
            return bytes.End;
        }

        internal override void OnLinkEnded(LinkStatus status, bool insideFrame)
        {
            HasEnded = true;
            Loop.Close(this, reset: false);
        }

        internal override void OnWritable() => WritableCount++;

        internal override void Flush()
        {
            FlushCount++;
            if (!FillsTheWire && Taken.Count < 100 && Taken.Count > Sent)
            {
                Link.Send([Taken.GetRange(Sent, Taken.Count - Sent).ToArray()], out int sent);
                Sent += sent;
            }
        }

        internal override void OnDeadline() => throw new InvalidOperationException("Its deadline was left behind.");
    }
}
