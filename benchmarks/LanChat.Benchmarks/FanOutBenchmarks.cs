using System.Buffers;
using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using LanChat.Connections;
using LanChat.Framing;
using LanChat.Tests.Server;

namespace LanChat.Benchmarks;

/// <summary>
/// The whole server from received bytes to sent bytes, over links that cost nothing: frames decoded and checked, appended, and in one round sent to all members.
/// What a delivery costs beyond this is the kernel's. The floor hands the same bytes to the same links.
/// </summary>
/// <remarks>Figures are per delivery. <c>dotnet run -c Release --project benchmarks/LanChat.Benchmarks -- --filter '*FanOut*'</c></remarks>
[MemoryDiagnoser]
public class FanOutBenchmarks
{
    // In each run; a multiple of all combinations.
    private const int Deliveries = 1_024_000;

    private readonly ArraySegment<byte>[] _pieces = new ArraySegment<byte>[1];
    private ServerIdentity _identity = null!;
    private ServerHost _host = null!;
    private ReplayLink[] _links = [];
    private byte[] _batch = [];
    private int _frameBytes;
    private long _entryBytes;
    private ulong _id;

    [Params(100, 1000)]
    public int Members { get; set; }

    [Params(1, 64, 1024)]
    public int Messages { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _identity = ServerIdentity.Create();
        var options = new ChatServerOptions
        {
            Loops = 1,
            Identity = _identity,
            MaxMembers = 10_000,
            MaxConnections = 10_000,
            MaxRoomMembers = 10_000,

            // Or the count of members, once a second, would be an entry more.
            PresenceLimit = 10_000,
            PublishRate = 0,
            HeartbeatInterval = TimeSpan.FromHours(1),
        };
        _host = new ServerHost(options, static () => new ReplayPoller(), listen: null);
        _links = new ReplayLink[Members];
        for (int i = 0; i < Members; i++)
        {
            var first = new ArrayBufferWriter<byte>();
            new HelloFrame { Version = FrameLimits.Version, Name = System.Text.Encoding.ASCII.GetBytes($"member-{i}") }.WriteTo(first);
            new JoinFrame { Room = "lobby"u8 }.WriteTo(first);
            _links[i] = new ReplayLink();
            _links[i].Feed(first.WrittenSpan.ToArray(), first.WrittenCount);
            _host.Accept(_links[i]);
            Step();
        }

        byte[] payload = new byte[64];
        payload.AsSpan().Fill((byte)'x');
        var frames = new ArrayBufferWriter<byte>();
        for (int i = 0; i < Messages; i++)
        {
            new PublishFrame { Room = 1, Body = payload }.WriteTo(frames);
        }

        _batch = frames.WrittenSpan.ToArray();
        _frameBytes = _batch.Length / Messages;
        _entryBytes = EntryLayout.MeasureBytes("member-0".Length, payload.Length);
        if (Server() != Deliveries * _entryBytes)
        {
            throw new InvalidOperationException("Not every member got every message.");
        }
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        if (_host.Context.Sessions.Count != Members)
        {
            throw new InvalidOperationException("The server has lost members.");
        }

        _identity.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Deliveries)]
    public long LinksOnly()
    {
        long before = SentBytes();
        _pieces[0] = new ArraySegment<byte>(_batch);
        for (int round = Deliveries / (Members * Messages); round > 0; round--)
        {
            foreach (ReplayLink link in _links)
            {
                link.Send(_pieces, out _);
            }
        }

        return SentBytes() - before;
    }

    [Benchmark(OperationsPerInvoke = Deliveries)]
    public long Server()
    {
        const int IdAt = 9;
        long before = SentBytes();
        for (int round = Deliveries / (Members * Messages); round > 0; round--)
        {
            for (int i = 0; i < Messages; i++)
            {
                BinaryPrimitives.WriteUInt64BigEndian(_batch.AsSpan((i * _frameBytes) + IdAt), ++_id);
            }

            _links[0].Feed(_batch, _batch.Length);
            Step();
        }

        return SentBytes() - before;
    }

    private void Step()
    {
        while (_host.Loops[0].Loop.RunOnce(block: false))
        {
        }
    }

    private long SentBytes()
    {
        long sent = 0;
        foreach (ReplayLink link in _links)
        {
            sent += link.SentBytes;
        }

        return sent;
    }
}
