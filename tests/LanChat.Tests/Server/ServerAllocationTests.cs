using System.Buffers.Binary;
using System.Net;
using LanChat.Tests.Support;
using LanChat.Transport;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>In steady state the server allocates nothing: not per message, not per delivery, not per rejection. The loops are stepped on the
/// test's own thread, whose allocations are counted exactly.</summary>
public sealed class ServerAllocationTests
{
    private const int Members = 50;
    // Long enough for the log to have taken all the segments that it will use in turn.
    private const int WarmUp = 20_000;
    private const int Measured = 5_000;

    [Theory]
    [InlineData(1, "hello, everybody")]
    [InlineData(2, "hello, everybody")]
    [InlineData(1, "a bell \u0007 is replaced")]
    [InlineData(1, "\uFFFE and what is longer than a segment's first piece ................................................................")]
    public void Messages_and_deliveries_allocate_nothing(int loops, string text)
    {
        Bench bench = new(loops, WireFrame.Publish(room: 1, id: 1, text));
        Assert.Equal(0, bench.AllocatedBy(WarmUp, Measured));
        Assert.True(bench.DeliveredBytes > (long)Measured * Members * text.Length);
    }

    [Fact]
    public void Rejections_allocate_nothing_but_their_sentence()
    {
        // Not UTF-8. The answer's sentence is encoded anew each time; an attacker's rate is limited, so that is all it costs.
        byte[] frame = WireFrame.Bytes(new LanChat.Framing.PublishFrame { Room = 1, Id = 1, Body = [0xFF] });
        Assert.InRange(new Bench(loops: 1, frame).AllocatedBy(WarmUp, Measured), 0, Measured * 100);
    }

    /// <summary>A server with <see cref="Members"/> members that take everything, the first of which says the same again and again.</summary>
    private sealed class Bench
    {
        private readonly MemoryServer _server;
        private readonly SinkLink _publisher;
        private readonly List<SinkLink> _links = [];

        internal Bench(int loops, byte[] frame)
        {
            _server = new MemoryServer(
                new ChatServerOptions { Loops = loops, PublishRate = 0, MaxHistoryEntries = 1_000 }, static () => new SinkPoller());
            for (int i = 0; i < Members; i++)
            {
                var link = new SinkLink([.. WireFrame.Hello($"member-{i}"), .. WireFrame.Join("lobby")]);
                _links.Add(link);
                _server.Host.Accept(link);
                _server.Run();
            }

            _publisher = _links[0];
            _publisher.SetFrame(frame);
        }

        internal long DeliveredBytes
        {
            get
            {
                long bytes = 0;
                foreach (SinkLink link in _links)
                {
                    bytes += link.Sent;
                }

                return bytes;
            }
        }

        internal long AllocatedBy(int warmUp, int measured)
        {
            Say(warmUp);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Say(measured);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        private void Say(int messages)
        {
            for (int i = 0; i < messages; i++)
            {
                _publisher.SayAgain();
                _server.Run();
            }
        }
    }

    /// <summary>A link that has one frame to say, over and over with the next id, and takes whatever is sent to it.</summary>
    private sealed class SinkLink(byte[] first) : Link(new IPEndPoint(IPAddress.Loopback, 1))
    {
        private const int IdOffset = 9;

        private byte[] _frame = first;
        private ulong _id;

        internal bool IsReady { get; private set; } = true;

        internal long Sent { get; private set; }

        internal override bool IsSending => false;

        internal void SetFrame(byte[] frame) => _frame = frame;

        internal void SayAgain()
        {
            BinaryPrimitives.WriteUInt64BigEndian(_frame.AsSpan(IdOffset), ++_id);
            IsReady = true;
        }

        internal override LinkStatus Receive(Span<byte> into, out int received)
        {
            received = IsReady ? _frame.Length : 0;
            _frame.AsSpan(0, received).CopyTo(into);
            IsReady = false;
            return received > 0 ? LinkStatus.Ok : LinkStatus.WouldBlock;
        }

        internal override LinkStatus Send(ReadOnlySpan<ArraySegment<byte>> pieces, out int sent)
        {
            sent = 0;
            foreach (ArraySegment<byte> piece in pieces)
            {
                sent += piece.Count;
            }

            Sent += sent;
            return LinkStatus.Ok;
        }

        internal override void ShutdownSend()
        {
        }

        internal override void Close(bool reset) => IsReady = false;
    }

    private sealed class SinkPoller : Poller
    {
        private readonly List<SinkLink> _links = [];

        internal override void Add(Link link) => _links.Add((SinkLink)link);

        internal override void Remove(Link link) => _links.Remove((SinkLink)link);

        internal override int Wait(Span<ReadyLink> ready, bool block)
        {
            int count = 0;
            foreach (SinkLink link in _links)
            {
                if (link.IsReady)
                {
                    ready[count++] = new ReadyLink(link, LinkEvents.Readable);
                }
            }

            return count;
        }

        internal override void Wake()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
