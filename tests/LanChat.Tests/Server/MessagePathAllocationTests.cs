using System.Buffers;
using System.Buffers.Binary;
using System.Net.Security;
using System.Text;
using LanChat.Connections;
using LanChat.Framing;
using LanChat.Tests.Support;
using LanChat.Transport;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>On the message path nothing is allocated in steady state: the whole server from received bytes to sent bytes, stepped on this thread.</summary>
public sealed class MessagePathAllocationTests
{
    private const int Members = 20;
    private const int Batch = 50;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Publishing_to_a_room_allocates_nothing(int loops)
    {
        var room = new Crowd(loops, people: 0);
        Assert.Equal(0, room.AllocatedBy(body: Encoding.UTF8.GetBytes(new string('x', 200))));
        Assert.Equal(Crowd.Entries(200) * Members, room.SentBytes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Text_in_which_something_is_replaced_allocates_nothing(int loops)
    {
        var room = new Crowd(loops, people: 0);
        Assert.Equal(0, room.AllocatedBy(body: "beep \a red \u001b[31m \u202E right to left, and caf\u00E9 \u6F22\u5B57"u8.ToArray()));
        Assert.NotEqual(0, room.SentBytes);
    }

    [Fact]
    public void Opaque_bodies_allocate_nothing()
    {
        var room = new Crowd(loops: 1, people: 0);
        Assert.Equal(0, room.AllocatedBy(body: [0, 0xFF, 7], flags: PublishFrame.OpaqueFlag));
        Assert.NotEqual(0, room.SentBytes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Over_TLS_publishing_allocates_nothing(int loops)
    {
        var room = new Crowd(loops, people: 0, tls: true);
        Assert.Equal(0, room.AllocatedBy(body: Encoding.UTF8.GetBytes(new string('x', 200))));
        Assert.InRange(room.SentBytes, Crowd.Entries(200) * Members, Crowd.Entries(200) * Members * 102 / 100);
    }

    [Theory]
    [InlineData(99, 0)]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    public void Rejections_allocate_nothing(uint number, byte flags)
    {
        var room = new Crowd(loops: 1, people: 0);
        Assert.Equal(0, room.AllocatedBy(body: "not to be said"u8.ToArray(), flags, number));
        Assert.NotEqual(0, room.SentBytes);
    }

    [Fact]
    public void Rejections_of_bad_text_allocate_nothing()
    {
        var room = new Crowd(loops: 1, people: 0);
        Assert.Equal(0, room.AllocatedBy(body: [0xC3, 0x28]));
        Assert.NotEqual(0, room.SentBytes);
    }

    [Fact]
    public void Rejections_for_being_too_fast_allocate_nothing()
    {
        var room = new Crowd(loops: 1, people: 0, rate: 1);
        Assert.Equal(0, room.AllocatedBy(body: "too fast"u8.ToArray()));
        Assert.NotEqual(0, room.SentBytes);
    }

    [Fact]
    public void Drawing_lines_for_people_allocates_nothing()
    {
        var room = new Crowd(loops: 1, people: 10);
        Assert.Equal(0, room.AllocatedBy(body: "hello\nto \u202E all"u8.ToArray()));
        Assert.NotEqual(0, room.SentBytes);
    }

    [Fact]
    public void What_people_say_allocates_nothing()
    {
        var room = new Crowd(loops: 1, people: 10);
        Assert.Equal(0, room.AllocatedByLines("hello, all of you \a\r\n"u8.ToArray()));
        Assert.NotEqual(0, room.SentBytes);
    }

    /// <summary>A lobby of members who all hear, one of whom speaks.</summary>
    private sealed class Crowd
    {
        private readonly ServerHost _host;
        private readonly ReplayLink[] _links = new ReplayLink[Members];
        private readonly byte[] _received = new byte[64 << 10];
        private readonly TlsSpeaker? _speaker;
        private ulong _id;
        private long _sentBefore;

        // A small history, so that segments go round; the first person, if any, is the last of the links.
        internal Crowd(int loops, int people, int rate = 0, bool tls = false)
        {
            var options = new ChatServerOptions
            {
                Loops = loops,
                Identity = TestIdentity.Shared,
                PublishRate = rate,
                PublishBurst = 1,
                MaxHistoryBytes = 32 << 10,
                TimeProvider = new FakeTimeProvider(),
            };
            _host = new ServerHost(options, static () => new ReplayPoller(), listen: null, runHandshake: static turn => turn.Execute());
            for (int i = 0; i < Members; i++)
            {
                byte[] first = i < Members - people ? [.. WireFrame.Hello($"member-{i}"), .. WireFrame.Join("lobby")] : Encoding.UTF8.GetBytes($"/name person-{i}\n");
                _links[i] = new ReplayLink();
                if (tls)
                {
                    var speaker = new TlsSpeaker(_links[i]);
                    _speaker ??= speaker;
                    _host.Accept(_links[i]);
                    speaker.Secure(Step);
                    speaker.Feed(first);
                }
                else
                {
                    _links[i].Feed(first, first.Length);
                    _host.Accept(_links[i]);
                }

                Step();
            }

            Assert.Equal(Members, _host.Context.Sessions.Count);
        }

        internal static long Entries(int bodyBytes) => 100L * Batch * EntryLayout.MeasureBytes("member-0".Length, bodyBytes);

        /// <summary>What the members got in the measured part.</summary>
        internal long SentBytes => Sent() - _sentBefore;

        internal long AllocatedBy(byte[] body, byte flags = 0, uint number = 1)
        {
            byte[] frame = WireFrame.Bytes(new PublishFrame { Room = number, Flags = flags, Body = body });
            return Measure(() => Publish(frame), Batch * frame.Length);
        }

        internal long AllocatedByLines(byte[] line)
        {
            for (int i = 0; i < Batch; i++)
            {
                line.CopyTo(_received, i * line.Length);
            }

            return Measure(() => _links[^1].Feed(_received, Batch * line.Length), Batch * line.Length);
        }

        // Warm until every segment size was used, the window of outcomes is full, and the code is compiled.
        private long Measure(Action say, int bytes)
        {
            for (int said = 0; said < 2 << 20; said += bytes)
            {
                say();
                Step();
            }

            // TLS rents its buffers from the shared pool, which a collection may empty once in a while; what is allocated per message is there each time.
            long allocated = MeasureOnce(say);
            for (int again = 0; _speaker is not null && allocated > 0 && again < 2; again++)
            {
                allocated = MeasureOnce(say);
            }

            return allocated;
        }

        private long MeasureOnce(Action say)
        {
            _sentBefore = Sent();
            long allocated = 0;
            for (int i = 0; i < 100; i++)
            {
                say();
                long before = GC.GetAllocatedBytesForCurrentThread();
                Step();
                allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            }

            return allocated;
        }

        private void Publish(byte[] frame)
        {
            const int IdOffset = 9;
            for (int i = 0; i < Batch; i++)
            {
                BinaryPrimitives.WriteUInt64BigEndian(frame.AsSpan(IdOffset), ++_id);
                frame.CopyTo(_received, i * frame.Length);
            }

            if (_speaker is not null)
            {
                _speaker.Feed(_received.AsSpan(0, Batch * frame.Length));
            }
            else
            {
                _links[0].Feed(_received, Batch * frame.Length);
            }
        }

        private void Step()
        {
            bool worked = true;
            while (worked)
            {
                worked = false;
                for (int i = 0; i < _host.Loops.Count; i++)
                {
                    worked |= _host.Loops[i].Loop.RunOnce(block: false);
                }
            }
        }

        private long Sent()
        {
            long sent = 0;
            foreach (ReplayLink link in _links)
            {
                sent += link.SentBytes;
            }

            return sent;
        }
    }

    /// <summary>The client's end of TLS over a <see cref="ReplayLink"/>. After the handshake it only speaks.</summary>
    private sealed class TlsSpeaker
    {
        private readonly ReplayLink _link;
        private readonly CiphertextStream _stream = new() { Output = new ArrayBufferWriter<byte>() };
        private readonly SslStream _ssl;
        private readonly Task _handshake;

        internal TlsSpeaker(ReplayLink link)
        {
            _link = link;
            _link.Sent = new ArrayBufferWriter<byte>();
            _ssl = new SslStream(_stream);
            _handshake = _ssl.AuthenticateAsClientAsync(TestIdentity.ClientOptions());
            FeedOutput();
        }

        internal void Secure(Action step)
        {
            step();
            _stream.Feed(_link.Sent!.WrittenMemory, isLast: false);
            Assert.True(_handshake.IsCompletedSuccessfully);
            _link.Sent = null;
            FeedOutput();
            step();
        }

        internal void Feed(ReadOnlySpan<byte> plaintext)
        {
            _ssl.WriteAsync(plaintext.ToArray()).AsTask().GetAwaiter().GetResult();
            FeedOutput();
        }

        private void FeedOutput()
        {
            byte[] output = _stream.Output.WrittenSpan.ToArray();
            _stream.Output.ResetWrittenCount();
            _link.Feed(output, output.Length);
        }
    }
}
