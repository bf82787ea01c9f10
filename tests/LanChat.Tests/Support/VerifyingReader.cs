using LanChat.Broadcast;

namespace LanChat.Tests.Support;

/// <summary>
/// A cursor's owner in tests: reads like a connection does (gather, take some of it, advance), puts the bytes together again and
/// checks that they are the log's entries, each whole, in order, none missing.
/// </summary>
internal sealed class VerifyingReader(LogCursor cursor, long firstSequence) : IDisposable
{
    private readonly ArraySegment<byte>[] _pieces = new ArraySegment<byte>[8];
    private byte[] _partial = new byte[64];
    private int _partialBytes;

    public LogCursor Cursor => cursor;

    /// <summary>The sequence of the next entry to be seen.</summary>
    public long NextSequence { get; private set; } = firstSequence;

    /// <summary>Gathers once and takes at most <paramref name="takeBytes"/> of it. Returns what was taken.</summary>
    public int Read(int maxBytes = int.MaxValue, int takeBytes = int.MaxValue, long limitPosition = long.MaxValue)
    {
        int used = cursor.Gather(_pieces, limitPosition, maxBytes, out int gathered);
        int taken = 0;
        for (int i = 0; i < used; i++)
        {
            ArraySegment<byte> piece = _pieces[i];
            int take = Math.Min(piece.Count, takeBytes - taken);
            Accept(piece.AsSpan(0, take));
            taken += take;
        }

        if (taken > gathered)
        {
            throw new InvalidOperationException($"{gathered} bytes were announced, the pieces hold more.");
        }

        cursor.Advance(taken);
        return taken;
    }

    /// <summary>Reads the short way where it is open: all that it gives, or at most <paramref name="takeBytes"/> of it. Returns what was taken; -1 if it is not open.</summary>
    public int ReadWhole(int maxBytes = int.MaxValue, int takeBytes = int.MaxValue)
    {
        if (!cursor.TryGatherWhole(maxBytes, out ArraySegment<byte> piece))
        {
            return -1;
        }

        int taken = Math.Min(piece.Count, takeBytes);
        Accept(piece.AsSpan(0, taken));
        if (taken == piece.Count)
        {
            cursor.AdvanceWhole();
        }
        else
        {
            cursor.Advance(taken);
        }

        return taken;
    }

    public void ReadAll()
    {
        while (Read() != 0)
        {
        }
    }

    /// <summary>Takes what GatherRestOfEntry gives; returns its size.</summary>
    public int ReadRestOfEntry()
    {
        int bytes = cursor.GatherRestOfEntry(out ArraySegment<byte> rest);
        Accept(rest);
        cursor.Advance(bytes);
        if (_partialBytes != 0)
        {
            throw new InvalidOperationException("After the rest of an entry the bytes do not end at a boundary.");
        }

        return bytes;
    }

    /// <summary>Reads one entry as an observer does.</summary>
    public bool ReadEntry()
    {
        if (!cursor.TryReadEntry(out ReadOnlySpan<byte> entry))
        {
            return false;
        }

        PatternedEntries.Verify(entry, NextSequence++);
        cursor.Advance(entry.Length);
        return true;
    }

    /// <summary>Moves on to what is within <paramref name="keepBytes"/> of the tail; returns how many entries were passed over. At a boundary only.</summary>
    public long Skip(long keepBytes)
    {
        LogSegment before = cursor.Segment;
        (long start, long position) = (before.Base, cursor.Position);
        if (!cursor.TrySkip(keepBytes))
        {
            return 0;
        }

        // A segment that was left may be in use again farther on.
        LogSegment segment = cursor.Segment;
        bool isSame = ReferenceEquals(segment, before) && segment.Base == start;
        long sequence = isSame ? NextSequence : segment.First;
        int offset = isSame ? (int)(position - start) : 0;
        for (; segment.Base + offset < cursor.Position; sequence++)
        {
            offset += segment.EntryBytesAt(offset);
        }

        if (segment.Base + offset != cursor.Position || !cursor.TryReadEntry(out _))
        {
            throw new InvalidOperationException("The cursor was not moved on to an entry that is there.");
        }

        long skipped = sequence - NextSequence;
        NextSequence = sequence;
        return skipped;
    }

    public void Dispose() => cursor.Dispose();

    private void Accept(ReadOnlySpan<byte> bytes)
    {
        if (_partialBytes + bytes.Length > _partial.Length)
        {
            Array.Resize(ref _partial, Math.Max(_partial.Length * 2, _partialBytes + bytes.Length));
        }

        // Whole entries are checked in place; only the ends of partial sends are copied.
        if (_partialBytes == 0)
        {
            bytes = bytes[VerifyWhole(bytes)..];
            bytes.CopyTo(_partial);
            _partialBytes = bytes.Length;
            return;
        }

        bytes.CopyTo(_partial.AsSpan(_partialBytes));
        _partialBytes += bytes.Length;
        int used = VerifyWhole(_partial.AsSpan(0, _partialBytes));
        _partial.AsSpan(used, _partialBytes - used).CopyTo(_partial);
        _partialBytes -= used;
    }

    private int VerifyWhole(ReadOnlySpan<byte> bytes)
    {
        int used = 0;
        while (bytes.Length - used >= 4)
        {
            int size = 4 + System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes[used..]);
            if (size <= 4)
            {
                throw new InvalidOperationException($"Entry {NextSequence} was given out before it was committed.");
            }

            if (bytes.Length - used < size)
            {
                break;
            }

            PatternedEntries.Verify(bytes.Slice(used, size), NextSequence);
            NextSequence++;
            used += size;
        }

        return used;
    }
}
