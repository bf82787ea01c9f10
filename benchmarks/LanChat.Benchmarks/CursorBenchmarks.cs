using BenchmarkDotNet.Attributes;
using LanChat.Broadcast;

namespace LanChat.Benchmarks;

/// <summary>
/// What it costs that every cursor comes from one end of W new entries to the other: the part of a round that is not the kernel's. Beside it the same through a read of each entry,
/// as lines for people are drawn.
/// </summary>
/// <remarks>Figures are per cursor and entry. <c>dotnet run -c Release --project benchmarks/LanChat.Benchmarks -- --filter '*Cursor*'</c></remarks>
[MemoryDiagnoser]
public class CursorBenchmarks
{
    private const int EntryBytes = 68;

    // In each run; a multiple of all combinations.
    private const int Deliveries = 1_024_000;

    private readonly ArraySegment<byte>[] _pieces = new ArraySegment<byte>[64];
    private BroadcastLog _log = null!;
    private LogCursor[] _cursors = null!;
    private long _rounds;

    [Params(100, 1000)]
    public int Cursors { get; set; }

    [Params(1, 64, 1024)]
    public int Entries { get; set; }

    /// <summary>Gets or sets whether segments are so small that the entries of most rounds lie across several (64 and 1,024 entries), else they seldom do.</summary>
    [Params(false, true)]
    public bool Straddling { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        int segmentBytes = Straddling ? 2048 : SegmentPool.DefaultMaxSegmentBytes;
        _log = new BroadcastLog(new SegmentPool(1L << 32, segmentBytes, segmentBytes));
        _cursors = new LogCursor[Cursors];
        lock (_log.Gate)
        {
            for (int i = 0; i < Cursors; i++)
            {
                _cursors[i] = _log.Subscribe(1);
            }
        }

        long bytes = CatchUp();
        if (bytes != (long)RoundsPerRun() * Cursors * Entries * EntryBytes || CatchUpEntryByEntry() != bytes)
        {
            throw new InvalidOperationException("Not every cursor came by every entry.");
        }
    }

    [GlobalCleanup]
    public void Check()
    {
        lock (_log.Gate)
        {
            if (_log.LastSequence != _rounds * Entries || !Array.TrueForAll(_cursors, cursor => cursor.IsCaughtUp))
            {
                throw new InvalidOperationException("Entries are missing.");
            }
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Deliveries)]
    public long CatchUp()
    {
        long total = 0;
        for (int round = RoundsPerRun(); round > 0; round--)
        {
            Append();
            foreach (LogCursor cursor in _cursors)
            {
                // More than the pieces hold is sent in the next go, as by a connection.
                int bytes;
                do
                {
                    cursor.Gather(_pieces, long.MaxValue, 1 << 20, out bytes);
                    cursor.Advance(bytes);
                    total += bytes;
                }
                while (bytes > 0 && !cursor.IsCaughtUp);
            }

            Trim();
        }

        return total;
    }

    [Benchmark(OperationsPerInvoke = Deliveries)]
    public long CatchUpEntryByEntry()
    {
        long total = 0;
        for (int round = RoundsPerRun(); round > 0; round--)
        {
            Append();
            foreach (LogCursor cursor in _cursors)
            {
                while (cursor.TryReadEntry(out ReadOnlySpan<byte> entry))
                {
                    cursor.Advance(entry.Length);
                    total += entry.Length;
                }
            }

            Trim();
        }

        return total;
    }

    private int RoundsPerRun() => Deliveries / (Cursors * Entries);

    private void Append()
    {
        _rounds++;
        for (int i = 0; i < Entries; i++)
        {
            if (!_cursors[0].TryReserve(EntryBytes, force: false, out LogReservation reservation))
            {
                throw new InvalidOperationException("The memory budget is used up.");
            }

            _log.Commit(in reservation);
        }
    }

    private void Trim()
    {
        if (_log.NeedsTrim)
        {
            lock (_log.Gate)
            {
                _log.Trim<object?>(keepEntries: 1000, keepBytes: 1 << 20, null, null);
            }
        }
    }
}
