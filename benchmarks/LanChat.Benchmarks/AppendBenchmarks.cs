using System.Threading.Channels;
using BenchmarkDotNet.Attributes;
using LanChat.Broadcast;

namespace LanChat.Benchmarks;

/// <summary>
/// What one append of a 68-byte entry costs while some threads publish, with what keeps it going: each publisher is a cursor that also reads,
/// and the log is trimmed. Beside it the same log appended to under its Lock, a Channel to one writer, and the floor: a Lock around a copy into one array that nobody reads.
/// </summary>
/// <remarks>Run: dotnet run -c Release --project benchmarks/LanChat.Benchmarks -- --filter *Append*</remarks>
[MemoryDiagnoser]
public class AppendBenchmarks
{
    private const int EntryBytes = 68;
    private const int Appends = 2_000_000;

    /// <summary>Appends between two looks at what has come, about what one batch of events brings.</summary>
    private const int Batch = 256;

    private readonly byte[] _payload = new byte[EntryBytes - 4];
    private readonly byte[] _array = GC.AllocateArray<byte>(SegmentPool.DefaultMaxSegmentBytes, pinned: true);
    private readonly Lock _gate = new();
    private readonly Channel<byte[]> _channel = Channel.CreateUnbounded<byte[]>();
    private int _arrayOffset;
    private long _written;
    private long _queued;
    private BroadcastLog _log = null!;
    private LogCursor[] _cursors = null!;
    private long _appended;

    [Params(1, 2, 8)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        Random.Shared.NextBytes(_payload);

        // A publisher that loses its core for a while keeps all that the other appends meanwhile: enough is retained for that.
        _log = new BroadcastLog(new SegmentPool(1L << 32, retainedBytesPerSize: 1 << 30));
        _cursors = new LogCursor[Threads];
        lock (_log.Gate)
        {
            for (int i = 0; i < Threads; i++)
            {
                _cursors[i] = _log.Subscribe(1);
            }
        }
    }

    /// <summary>Numbers of a log that has lost entries are worth nothing.</summary>
    [GlobalCleanup]
    public void Check()
    {
        lock (_log.Gate)
        {
            if (_log.LastSequence != _appended)
            {
                throw new InvalidOperationException($"{_appended} entries were appended, the log has {_log.LastSequence}.");
            }
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Appends)]
    public void LockedArray() => RunOnThreads(_ =>
    {
        for (int i = 0; i < Appends / Threads; i++)
        {
            lock (_gate)
            {
                CopyToArray(_payload);
            }
        }
    });

    /// <summary>Publishers queue their payloads; one of them at a time takes them out, and copies them as the only writer.</summary>
    [Benchmark(OperationsPerInvoke = Appends)]
    public void ChannelToOneWriter()
    {
        RunOnThreads(_ =>
        {
            for (int i = 0; i < Appends / Threads; i++)
            {
                _channel.Writer.TryWrite(_payload);
                if (i % Batch == Batch - 1 && _gate.TryEnter())
                {
                    PassOn();
                    _gate.Exit();
                }
            }
        });
        PassOn();
        _queued += Appends;
        if (_written != _queued)
        {
            throw new InvalidOperationException($"{_queued} payloads were queued, {_written} came out.");
        }
    }

    [Benchmark(OperationsPerInvoke = Appends)]
    public void LockedLog() => Publish(static (log, cursor, payload) =>
    {
        lock (log.Gate)
        {
            if (log.TryReserve(EntryBytes, force: false, out LogReservation reservation))
            {
                payload.CopyTo(reservation.Span[4..]);
                log.Commit(reservation);
            }
        }
    });

    [Benchmark(OperationsPerInvoke = Appends)]
    public void Log() => Publish(static (log, cursor, payload) =>
    {
        if (cursor.TryReserve(EntryBytes, force: false, out LogReservation reservation))
        {
            payload.CopyTo(reservation.Span[4..]);
            log.Commit(reservation);
        }
    });

    private void Publish(Action<BroadcastLog, LogCursor, byte[]> append) => RunOnThreads(thread =>
    {
        LogCursor cursor = _cursors[thread];
        ArraySegment<byte>[] pieces = new ArraySegment<byte>[64];
        for (int i = 0; i < Appends / Threads; i++)
        {
            append(_log, cursor, _payload);
            if (i % Batch == Batch - 1)
            {
                CatchUp(cursor, pieces);
            }
        }

        while (!cursor.IsCaughtUp)
        {
            CatchUp(cursor, pieces);
        }

        Interlocked.Add(ref _appended, Appends / Threads);
    });

    // Under the gate, or when all publishers are done.
    private void PassOn()
    {
        while (_channel.Reader.TryRead(out byte[]? payload))
        {
            CopyToArray(payload);
            _written++;
        }
    }

    private void CopyToArray(byte[] payload)
    {
        if (_arrayOffset + EntryBytes > _array.Length)
        {
            _arrayOffset = 0;
        }

        payload.CopyTo(_array.AsSpan(_arrayOffset + 4));
        _array[_arrayOffset + 3] = EntryBytes - 4;
        _arrayOffset += EntryBytes;
    }

    private void CatchUp(LogCursor cursor, ArraySegment<byte>[] pieces)
    {
        cursor.Gather(pieces, long.MaxValue, int.MaxValue, out int bytes);
        cursor.Advance(bytes);
        if (_log.NeedsTrim)
        {
            lock (_log.Gate)
            {
                _log.Trim<object?>(keepEntries: 10_000, keepBytes: 1 << 20, null, null);
            }
        }
    }

    private void RunOnThreads(Action<int> work)
    {
        Thread[] others = new Thread[Threads - 1];
        for (int i = 0; i < others.Length; i++)
        {
            int thread = i + 1;
            others[i] = new Thread(() => work(thread));
            others[i].Start();
        }

        work(0);
        foreach (Thread other in others)
        {
            other.Join();
        }
    }
}
