using System.Diagnostics.CodeAnalysis;

namespace LanChat.Broadcast;

/// <content>The append path: claim, seal, help. Lock-free; every step starts from a segment that the caller keeps alive.</content>
internal sealed partial class BroadcastLog
{
    /// <summary>Claims an entry for a caller that holds no cursor. Under the Gate, from here to the commit.</summary>
    /// <param name="bytes">The whole entry: a multiple of 4, from 8 to 64 MiB.</param>
    /// <param name="force">Passes the memory budget; for entries that must not fail.</param>
    /// <param name="reservation">The place, to be filled and committed.</param>
    /// <returns>False when the memory budget is used up; nothing was appended then.</returns>
    public bool TryReserve(int bytes, bool force, out LogReservation reservation)
    {
        ObjectDisposedException.ThrowIf(_oldest is null, this);
        return TryReserveFrom(ref _tailHint, bytes, force, out reservation);
    }

    /// <summary>Makes a reserved entry visible to all cursors. Its bytes but the first four are written.</summary>
    [SuppressMessage("Performance", "CA1822", Justification = "An operation of this log, though the reservation knows the place.")]
    public void Commit(in LogReservation reservation) => reservation.Segment.Commit(reservation.Offset, reservation.Bytes);

    /// <summary>Claims an entry at the tail, looked for from <paramref name="hint"/> on, which the caller keeps alive and which is moved up to where the entry is.</summary>
    internal bool TryReserveFrom(ref LogSegment hint, int bytes, bool force, out LogReservation reservation)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes & 3, 0, nameof(bytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 2 * LogSegment.LengthBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, SegmentPool.MaxEntryBytes);

        for (; ; )
        {
            LogSegment segment = hint;
            TailWord tail = segment.ReadTail();
            if (tail.Bytes > segment.Capacity)
            {
                // Sealed. Nothing is added any more, so claims that are refused below cannot pile up in the tail word.
                if (!TryFollow(segment, bytes, force, out LogSegment? next))
                {
                    reservation = default;
                    return false;
                }

                hint = next;
                continue;
            }

            if (tail.Bytes + bytes > segment.Capacity && !force && !_pool.HasRoom(bytes))
            {
                // It would seal the segment and then fail: leave the rest to entries that fit.
                reservation = default;
                return false;
            }

            tail = segment.Claim(bytes);
            if (tail.Bytes + bytes <= segment.Capacity)
            {
                reservation = new LogReservation(segment, (int)tail.Bytes, bytes, segment.First + tail.Count);
                return true;
            }

            if (tail.Bytes <= segment.Capacity)
            {
                segment.Seal(tail);
            }
        }
    }

    /// <summary>The segment after a sealed one, made and linked if need be; false when the budget has no room for it.</summary>
    private bool TryFollow(LogSegment segment, int bytes, bool force, [NotNullWhen(true)] out LogSegment? next)
    {
        next = segment.Next;
        if (next is not null)
        {
            return true;
        }

        int end = segment.AwaitEnd();
        int wanted = Math.Clamp(segment.Capacity * 2, _pool.InitialSegmentBytes, _pool.MaxSegmentBytes);
        if (!_pool.TryRent(Math.Max(wanted, bytes), force: false, out LogSegment? fresh) && !_pool.TryRent(bytes, force, out fresh))
        {
            // Another appender may have taken the last of the budget for this very place.
            next = segment.Next;
            return next is not null;
        }

        Interlocked.Add(ref _memoryBytes, fresh.Capacity);
        fresh.Begin(segment.NextFirst, segment.Base + end);
        next = segment.Link(fresh);
        if (!ReferenceEquals(next, fresh))
        {
            // Nobody else has seen it.
            Release(fresh);
            return true;
        }

        // After the link: pairs with the exchange in Trim, which clears before it looks.
        Volatile.Write(ref _needsTrim, 1);
        return true;
    }

    /// <summary>The last segment of the chain, from <paramref name="hint"/> on, which is moved there.</summary>
    internal static LogSegment FindTail(ref LogSegment hint)
    {
        while (hint.Next is { } next)
        {
            hint = next;
        }

        return hint;
    }
}
