using System.Buffers.Binary;
using System.Text;
using LanChat.Connections;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>The whole server from received bytes to sent bytes, stepped on the test's thread, whose allocations are counted: a lobby of members who all hear, one of whom speaks.</summary>
internal sealed class SteppedCrowd
{
    internal const int Members = 20;

    /// <summary>How often something is said before the server has its turn.</summary>
    internal const int Batch = 50;

    /// <summary>How often that is, in the measured part.</summary>
    internal const int Rounds = 100;

    // What little is said counts for so much, or to warm up would take all day: some two thousand rounds do.
    private const int MinWarmBytes = 1 << 10;

    private readonly ServerHost _host;
    private readonly ReplayLink[] _links = new ReplayLink[Members];
    private readonly byte[] _received = new byte[64 << 10];
    private readonly TlsSpeaker? _speaker;
    private ulong _id;

    // A small history, so that segments go round; the first person, if any, is the last of the links.
    internal SteppedCrowd(int loops, int people, int rate = 0, bool tls = false)
    {
        var options = new ChatServerOptions
        {
            Loops = loops,
            Identity = TestIdentity.Shared,
            PublishRate = rate,
            PublishBurst = 1,
            ControlRate = 1_000_000,
            MaxHistoryBytes = 32 << 10,
            TimeProvider = new FakeTimeProvider(),
        };
        _host = new ServerHost(options, static () => new ReplayPoller(), listen: null, runOnPool: static turn => turn.Execute());
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

    internal static long Entries(int bodyBytes) => (long)Rounds * Batch * EntryLayout.MeasureBytes("member-0".Length, bodyBytes);

    /// <summary>What the members got in the measured part.</summary>
    internal long SentBytes { get; private set; }

    /// <summary>Lets everybody join another room as well.</summary>
    internal void JoinAll(string room)
    {
        foreach (ReplayLink link in _links)
        {
            byte[] join = WireFrame.Join(room);
            link.Feed(join, join.Length);
            Step();
        }
    }

    /// <summary>Gets what is allocated while a member publishes, in turn to rooms with the numbers from <paramref name="number"/> on.</summary>
    internal long AllocatedBy(byte[] body, byte flags = 0, uint number = 1, int rooms = 1)
    {
        const int RoomAt = 5;
        const int IdAt = 9;
        byte[] frame = WireFrame.Bytes(new PublishFrame { Room = number, Flags = flags, Body = body });
        return Measure(() => SayBatch(frame, i =>
        {
            BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(RoomAt), number + (uint)(i % rooms));
            BinaryPrimitives.WriteUInt64BigEndian(frame.AsSpan(IdAt), ++_id);
        }), Batch * frame.Length);
    }

    /// <summary>Gets what is allocated while a member says a frame whose first field is a number that rises.</summary>
    internal long AllocatedByNumbered(byte[] frame)
    {
        const int NumberAt = 5;
        return Measure(() => SayBatch(frame, _ => BinaryPrimitives.WriteUInt64BigEndian(frame.AsSpan(NumberAt), ++_id)), Batch * frame.Length);
    }

    /// <summary>Gets what is allocated while a link says the same again and again, as often in one go as it fits.</summary>
    internal long AllocatedByRepeating(byte[] bytes, int link, int times = Batch)
    {
        for (int i = 0; i < times; i++)
        {
            bytes.CopyTo(_received, i * bytes.Length);
        }

        return Measure(() => _links[link].Feed(_received, times * bytes.Length), Math.Max(times * bytes.Length, MinWarmBytes));
    }

    /// <summary>Gets what is allocated while a link says something in two pieces, each with a step of its own.</summary>
    internal long AllocatedByHalves(Func<byte[]> next, int link)
    {
        byte[] rest = [];
        return Measure(() =>
        {
            byte[] bytes = rest.Length > 0 ? rest : next();
            int piece = rest.Length > 0 ? rest.Length : bytes.Length / 2;
            rest = bytes[piece..];
            _links[link].Feed(bytes, piece);
        }, MinWarmBytes);
    }

    internal ulong NextId() => ++_id;

    // Warm until every segment size was used, the window of outcomes is full, and the code is compiled.
    private long Measure(Action say, int bytes)
    {
        for (int said = 0; said < 2 << 20; said += bytes)
        {
            say();
            Step();
        }

        // A collection that other tests cause may empty a shared pool once in a while (TLS rents there, and half frames); what is allocated per message is there each time.
        long allocated = MeasureOnce(say);
        for (int again = 1; allocated > 0 && again < Allocations.Tries; again++)
        {
            allocated = Math.Min(allocated, MeasureOnce(say));
        }

        return allocated;
    }

    // A collection in the middle of a step counts the unused rest of the thread's allocation block, and other tests cause hundreds a second: such a step is not measured.
    private long MeasureOnce(Action say)
    {
        SentBytes = 0;
        long allocated = 0;
        int measured = 0;
        for (int i = 0; measured < Rounds; i++)
        {
            Assert.True(i < 100 * Rounds, "No step passes without a collection.");
            say();
            long sent = Sent();
            int collections = GC.CollectionCount(0);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Step();
            long after = GC.GetAllocatedBytesForCurrentThread();
            if (GC.CollectionCount(0) == collections)
            {
                measured++;
                allocated += after - before;
                SentBytes += Sent() - sent;
            }
        }

        return allocated;
    }

    private void SayBatch(byte[] frame, Action<int> number)
    {
        for (int i = 0; i < Batch; i++)
        {
            number(i);
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
