using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace LanChat.Broadcast;

/// <content>Entries: the length word is the commit mark. A segment starts zeroed, so a word is zero until its entry is committed.</content>
internal sealed partial class LogSegment
{
    /// <summary>An entry boundary up to which every entry is committed. Written by cursors in the segment, in any order: it may step back, never too far ahead.</summary>
    private int _committedHint;

    /// <summary>Makes an entry visible. Release: pairs with <see cref="EntryBytesAt"/>; without it a reader could see the length before the bytes.</summary>
    public void Commit(int offset, int bytes)
    {
        Interleave.Point(Access.WriteLength, this, offset);
        AssertAlive();
        int length = bytes - LengthBytes;
        Volatile.Write(ref LengthAt(offset), BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(length) : length);
    }

    /// <summary>Size of the whole entry at a boundary, or 0 while none is committed there. Acquire: pairs with <see cref="Commit"/>.</summary>
    public int EntryBytesAt(int offset)
    {
        if (offset >= Capacity)
        {
            return 0;
        }

        Interleave.Point(Access.ReadLength, this, offset);
        AssertAlive();
        int word = Volatile.Read(ref LengthAt(offset));
        if (word == 0)
        {
            return 0;
        }

        int bytes = LengthBytes + (BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(word) : word);
        AssertEntry(offset, bytes);
        return bytes;
    }

    /// <summary>Size of an entry that is claimed and will be committed by another thread, which has only stores to do until then.</summary>
    public int AwaitEntryBytesAt(int offset)
    {
        SpinWait spin = default;
        for (; ; )
        {
            Interleave.Point(Access.AwaitLength, this, offset);
            int bytes = EntryBytesAt(offset);
            if (bytes != 0)
            {
                return bytes;
            }

            spin.SpinOnce();
        }
    }

    /// <summary>
    /// The boundary up to which entries are committed, from <paramref name="verifiedFrom"/> on; <paramref name="known"/> is where the caller left off.
    /// It is shared as a hint, so that of many cursors only the first walks the new entries.
    /// </summary>
    /// <remarks>
    /// A cursor that was born at the tail knows nothing of the entries before it: they may be claimed and not committed. It may raise the hint only where
    /// the hint has already reached its own beginning; else others would send bytes that are still being written.
    /// </remarks>
    public int CommittedFrontier(int known, int verifiedFrom)
    {
        Interleave.Point(Access.ReadHint, this);
        AssertAlive();
        // Acquire: pairs with the write below; carries over the commits that the writer has seen.
        int hint = Volatile.Read(ref _committedHint);
        int frontier = Math.Max(known, hint);
        int bytes;
        while ((bytes = EntryBytesAt(frontier)) != 0)
        {
            frontier += bytes;
        }

        if (frontier > hint && hint >= verifiedFrom)
        {
            Interleave.Point(Access.WriteHint, this);
            // Release: pairs with the read above.
            Volatile.Write(ref _committedHint, frontier);
        }

        return frontier;
    }

    /// <summary>Whether <see cref="AwaitEntryBytesAt"/> would return at once; for who schedules the waiting.</summary>
    public bool HasEntryAt(int offset) => Volatile.Read(ref LengthAt(offset)) != 0;

    [Conditional("DEBUG")]
    private void AssertEntry(int offset, int bytes)
    {
        if (bytes <= LengthBytes || (bytes & 3) != 0 || bytes > Capacity - offset)
        {
            throw new InvalidOperationException($"No entry of {bytes} bytes can be at {offset} of {Capacity}: not a boundary, or memory given back.");
        }
    }

    // Offsets are multiples of 4 and an array's first byte is aligned, so the word never tears.
    private ref int LengthAt(int offset) => ref Unsafe.As<byte, int>(ref Bytes[offset]);
}
