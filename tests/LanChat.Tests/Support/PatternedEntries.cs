using System.Buffers.Binary;
using LanChat.Broadcast;

namespace LanChat.Tests.Support;

/// <summary>
/// Entries that carry their own proof: every byte after the length follows from the sequence and the size, so a reader can tell a torn, stale,
/// poisoned or misplaced entry from a good one. From 16 bytes on the sequence itself is in it.
/// </summary>
internal static class PatternedEntries
{
    public static bool TryAppend(LogCursor cursor, int bytes, bool force = false)
    {
        if (!cursor.TryReserve(bytes, force, out LogReservation reservation))
        {
            return false;
        }

        Fill(reservation);
        cursor.Log.Commit(reservation);
        return true;
    }

    /// <summary>For a caller that holds the Gate.</summary>
    public static bool TryAppend(BroadcastLog log, int bytes, bool force = false)
    {
        if (!log.TryReserve(bytes, force, out LogReservation reservation))
        {
            return false;
        }

        Fill(reservation);
        log.Commit(reservation);
        return true;
    }

    public static void Fill(in LogReservation reservation)
    {
        Span<byte> entry = reservation.Span;
        if (entry.IndexOfAnyExcept((byte)0) is >= 0 and int at)
        {
            throw new InvalidOperationException($"Entry {reservation.Sequence} was handed out with a byte that is not zero, at {at} of {entry.Length}.");
        }

        FillBody(entry[4..], reservation.Sequence);
    }

    /// <summary>Throws unless <paramref name="entry"/> is the whole entry of that sequence.</summary>
    public static void Verify(ReadOnlySpan<byte> entry, long sequence)
    {
        int length = BinaryPrimitives.ReadInt32BigEndian(entry);
        if (length != entry.Length - 4)
        {
            throw new InvalidOperationException($"Entry {sequence}: {entry.Length} bytes were given out, its length word says {length} + 4.");
        }

        Span<byte> expected = entry.Length <= 1024 ? stackalloc byte[entry.Length - 4] : new byte[entry.Length - 4];
        FillBody(expected, sequence);
        if (!entry[4..].SequenceEqual(expected))
        {
            throw new InvalidOperationException($"Entry {sequence} of {entry.Length} bytes is not what was appended: {Convert.ToHexString(entry[..Math.Min(entry.Length, 48)])}.");
        }
    }

    private static void FillBody(Span<byte> body, long sequence)
    {
        byte mark = (byte)(sequence * 167 + body.Length);
        body.Fill(mark == 0 ? (byte)1 : mark);
        if (body.Length >= 12)
        {
            BinaryPrimitives.WriteInt64BigEndian(body, sequence);
        }
    }
}
