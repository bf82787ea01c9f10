using System.Buffers;
using System.Net;
using System.Net.Sockets;
using LanChat.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace LanChat.Throughput;

/// <summary>All connections to one server. One thread does everything: it steps the loop by hand.</summary>
/// <remarks>The first thing that is wrong is kept in <see cref="Failure"/> and ends the measurement: what comes of it is no figure.</remarks>
internal sealed class Crowd : IDisposable
{
    /// <summary>How many connections may be on their way at once: less than any listener's backlog, and than any server's limit of handshakes.</summary>
    private const int MaxOpening = 64;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan OpeningTimeout = TimeSpan.FromSeconds(20);

    private readonly Contestant _contestant;
    private readonly IPEndPoint _server;
    private readonly PlatformTransport _transport;
    private readonly EventLoop _loop;
    private readonly CancellationToken _cancellation;
    private readonly List<Member> _members = [];
    private readonly SegmentCounter _segments = new();
    private readonly List<Socket> _frozen = [];
    private int _ready;

    internal Crowd(Contestant contestant, int port, int payloadBytes, CancellationToken cancellation)
    {
        _contestant = contestant;
        _server = new IPEndPoint(IPAddress.Loopback, port);
        // What NATS says before its handshake is read through the socket, which then stays in use; the links over raw descriptors would leave it behind.
        _transport = contestant.IsTls ? PlatformTransport.Sockets : PlatformTransport.Automatic!;
        _loop = new EventLoop(_transport.MakePoller(), TimeProvider.System, "generator", NullLogger.Instance);
        _cancellation = cancellation;
        Payload = new Payload(payloadBytes);
    }

    internal Payload Payload { get; }

    internal bool IsTls => _contestant.IsTls;

    internal bool EchoesOwn => _contestant.EchoesOwn;

    /// <summary>Where latencies are counted, while they are.</summary>
    internal LatencyHistogram? Latencies { get; set; }

    internal IReadOnlyList<Member> Members => _members;

    internal string? Failure { get; private set; }

    internal bool HasFailed => Failure is not null;

    internal void Fail(string text) => Failure ??= text;

    internal void OnReady() => _ready++;

    internal void OnAdded(Member member)
    {
        if (member == _members[0])
        {
            OnTick(member);
        }
    }

    /// <summary>The first member ends the loop's wait now and then, also when nothing comes: whoever steps looks at the time.</summary>
    internal void OnTick(Member member) =>
        _loop.Schedule(member, _loop.Timestamp + (long)(Tick.TotalSeconds * TimeProvider.System.TimestampFrequency));

    /// <summary>One step: everything that has come is heard, everything that was said is sent.</summary>
    internal void Step(bool block)
    {
        _cancellation.ThrowIfCancellationRequested();
        _loop.RunOnce(block);
    }

    /// <summary>Steps for a while.</summary>
    internal void Rest(TimeSpan time)
    {
        long until = Clock.Nanoseconds + Clock.Of(time);
        while (Clock.Nanoseconds < until && !HasFailed)
        {
            Step(block: true);
        }
    }

    /// <summary>Adds one member; <see cref="WaitUntilReady"/> sees it in.</summary>
    internal void Open(Room room, int publisher, int receiver)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Member member;
        try
        {
            socket.Connect(_server);
            if (IsTls)
            {
                using var plain = new NetworkStream(socket, ownsSocket: false);
                _contestant.BeforeTlsAsync(plain, _cancellation).AsTask().GetAwaiter().GetResult();
            }

            if (receiver >= 0)
            {
                _segments.Watch(socket);
            }

            member = new Member(this, _contestant.NewWire(room.Name, receiver >= 0), room, _transport.Over(socket)) { Publisher = publisher, Receiver = receiver };
        }
        catch (Exception e) when (e is SocketException or IOException or InvalidDataException)
        {
            socket.Dispose();
            Fail($"Connection {_members.Count + 1} cannot be made: {e.Message}");
            return;
        }

        _members.Add(member);
        if (publisher >= 0)
        {
            room.SetPublisher(member);
        }

        _loop.Add(member);
        WaitUntilReady(MaxOpening);
    }

    /// <summary>Adds one that joins and then never reads: its connection cannot be sent to once the kernel has taken what it takes.</summary>
    internal void OpenFrozen(Room room)
    {
        // A small buffer, set before it connects, or the kernel would take megabytes for it.
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4 << 10, ReceiveTimeout = (int)OpeningTimeout.TotalMilliseconds };
        _frozen.Add(socket);
        try
        {
            socket.Connect(_server);
            Wire wire = _contestant.NewWire(room.Name, receives: false);
            var hello = new ArrayBufferWriter<byte>();
            wire.WriteHello(hello);
            socket.Send(hello.WrittenSpan);
            byte[] heard = new byte[64 << 10];
            for (int count = 0, read = -1; !wire.IsReady && read != 0;)
            {
                read = socket.Receive(heard.AsSpan(count));
                count += read;
                int taken = wire.Parse(heard.AsSpan(0, count), NoDeliveries.Instance);
                heard.AsSpan(taken, count - taken).CopyTo(heard);
                count -= taken;
            }

            if (!wire.IsReady)
            {
                Fail("The server has closed a connection that was to be frozen.");
            }
        }
        catch (Exception e) when (e is SocketException or InvalidDataException)
        {
            Fail($"A connection that is to be frozen cannot be made: {e.Message}");
        }
    }

    /// <summary>Fails if the server has given up one that never reads: what was measured is then not what was meant.</summary>
    internal void DemandFrozen()
    {
        if (_frozen.Exists(static socket => socket.Poll(TimeSpan.Zero, SelectMode.SelectError)))
        {
            Fail("The server has ended a member that never reads: its lag limit was passed. Measure for a shorter time.");
        }
    }

    /// <summary>Waits until all but a few members are in.</summary>
    internal void WaitUntilReady(int allBut = 0)
    {
        long deadline = Clock.Nanoseconds + Clock.Of(OpeningTimeout);
        Step(block: false);
        while (_members.Count - _ready > allBut && !HasFailed)
        {
            Step(block: true);
            if (Clock.Nanoseconds > deadline)
            {
                Fail($"{_members.Count - _ready} of {_members.Count} connections got no answer within {OpeningTimeout.TotalSeconds:F0} seconds.");
            }
        }
    }

    /// <summary>What has arrived so far at some of the receivers.</summary>
    internal (long Bytes, long Segments) Arrived() => _segments.Read();

    public void Dispose()
    {
        _segments.Dispose();
        _frozen.ForEach(static socket => socket.Dispose());
        // Without a thread it is torn down on this one; nothing is awaited.
        _loop.StopAsync().GetAwaiter().GetResult();
    }

    private sealed class NoDeliveries : IDeliveries
    {
        internal static readonly NoDeliveries Instance = new();

        public void Delivered(ReadOnlySpan<byte> payload)
        {
        }
    }
}
