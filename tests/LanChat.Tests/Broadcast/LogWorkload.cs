using LanChat.Broadcast;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Broadcast;

/// <summary>
/// Members of a log who do everything at random: publish, read any part, leave and join anywhere, trim. Each reader checks all it sees.
/// At the end everything that was appended must be there for all, in one order, and all memory must come back.
/// </summary>
internal sealed class LogWorkload
{
    private readonly SegmentPool _pool;
    private readonly BroadcastLog _log;
    private readonly int _largestEntry;
    private readonly VerifyingReader[] _readers;
    private long _appended;
    private long _refused;

    /// <param name="seed">Decides sizes, limits and what each member does.</param>
    /// <param name="members">Threads.</param>
    public LogWorkload(int seed, int members)
    {
        Random random = new(seed);
        (int initial, int max, _largestEntry) = random.Next(3) switch
        {
            0 => (16, 64, 160),
            1 => (64, 1024, 3000),
            _ => (SegmentPool.DefaultInitialSegmentBytes, SegmentPool.DefaultMaxSegmentBytes, 4000),
        };
        long budget = random.Next(2) == 0 ? max * random.Next(2, 20) : 1 << 30;
        _pool = new SegmentPool(budget, initial, max, random.Next(3) == 0 ? 0 : 1 << 16);
        _log = new BroadcastLog(_pool);
        _readers = new VerifyingReader[members];
        lock (_log.Gate)
        {
            for (int i = 0; i < members; i++)
            {
                _readers[i] = new VerifyingReader(_log.Subscribe(1), 1);
            }
        }
    }

    /// <summary>What one member does on its thread.</summary>
    public void Run(int member, int seed, int operations)
    {
        Random random = new(seed);
        for (int i = 0; i < operations; i++)
        {
            VerifyingReader reader = _readers[member];
            switch (random.Next(19))
            {
                case < 6:
                    Count(PatternedEntries.TryAppend(reader.Cursor, NextSize(random), force: random.Next(10) == 0));
                    break;
                case < 10:
                    reader.Read(random.Next(1, 2000), random.Next(4) == 0 ? random.Next(1, 100) : int.MaxValue);
                    break;
                case 10:
                    reader.ReadAll();
                    break;
                case 11:
                    reader.ReadRestOfEntry();
                    reader.ReadEntry();
                    break;
                case 12:
                    long farther = reader.Cursor.Lag(reader.Cursor.Position + 100);
                    Assert.True(reader.Cursor.Lag(0) >= farther);
                    reader.Cursor.ReleaseFinished();
                    break;
                case 13:
                    reader.Dispose();
                    lock (_log.Gate)
                    {
                        _readers[member] = Join(random);
                    }

                    break;
                case 14 or 15:
                    reader.ReadWhole(random.Next(1, 2000), random.Next(4) == 0 ? random.Next(1, 100) : int.MaxValue);
                    break;
                case 16:
                    reader.ReadRestOfEntry();
                    reader.Skip(random.Next(3000));
                    break;
                default:
                    lock (_log.Gate)
                    {
                        Trim(random);
                    }

                    break;
            }
        }
    }

    /// <summary>When all members have ended.</summary>
    public void Check()
    {
        Assert.NotEqual(0, _appended);
        foreach (VerifyingReader reader in _readers)
        {
            reader.ReadAll();
            Assert.Equal(_appended + 1, reader.NextSequence);
            Assert.True(reader.Cursor.IsCaughtUp);
            Assert.Equal(0, reader.Cursor.Lag(0));
            reader.Dispose();
        }

        lock (_log.Gate)
        {
            Assert.Equal(_appended, _log.LastSequence);
            _log.Close();
        }

        Assert.Equal(0, _pool.RentedSegments);
        Assert.Equal(0, _pool.RentedBytes);
        Assert.Equal(0, _log.MemoryBytes);
    }

    public override string ToString() => $"{_appended} appended, {_refused} refused, segments from {_pool.InitialSegmentBytes} to {_pool.MaxSegmentBytes}, budget {_pool.BudgetBytes}";

    private VerifyingReader Join(Random random)
    {
        switch (random.Next(3))
        {
            case 0:
                long next = _log.LastSequence + 1;
                return new VerifyingReader(_log.Subscribe(next), next);
            case 1:
                // Others publish meanwhile: what is read of the last sequence is only a lower bound.
                long first = random.NextInt64(_log.OldestSequence, _log.LastSequence + 2);
                return new VerifyingReader(_log.Subscribe(first), first);
            default:
                Assert.True(_log.TryReserve(NextSize(random), force: true, out LogReservation joined));
                PatternedEntries.Fill(joined);
                bool subscribesFirst = random.Next(2) == 0;
                LogCursor? cursor = subscribesFirst ? _log.SubscribeAfter(joined) : null;
                _log.Commit(joined);
                Count(true);
                return new VerifyingReader(cursor ?? _log.SubscribeAfter(joined), joined.Sequence + 1);
        }
    }

    private void Trim(Random random)
    {
        long keepEntries = random.Next(3) == 0 ? 0 : random.Next(50);
        long keepBytes = random.Next(3) == 0 ? long.MaxValue : random.Next(5000);
        bool isExpired = random.Next(4) == 0;
        long last = _log.LastSequence;
        _log.Trim(keepEntries, keepBytes, isExpired, static (_, all) => all);
        Assert.True(_log.OldestSequence <= _log.LastSequence + 1);
        Assert.True(_log.LastSequence >= last);
    }

    private int NextSize(Random random) => random.Next(2000) == 0 && _pool.MaxSegmentBytes == SegmentPool.DefaultMaxSegmentBytes
        ? SegmentPool.DefaultMaxSegmentBytes + 4
        : 8 + random.Next(random.Next(5) == 0 ? _largestEntry / 4 : 20) * 4;

    private void Count(bool isAppended) => Interlocked.Increment(ref isAppended ? ref _appended : ref _refused);
}
