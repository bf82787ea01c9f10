using System.Runtime.CompilerServices;

namespace LanChat.Datagrams;

/// <summary>Which counters have come, so that none is taken twice: the highest one, and which of the 1,024 up to it (RFC 6479).</summary>
/// <remarks>The bits lie in a ring of words that is one word longer than the window: when the highest counter moves on, whole words are cleared, and no bit is ever shifted. Used by one thread at a
/// time. Asked before a datagram is opened, told only after: a forged one moves nothing.</remarks>
internal struct ReplayWindow
{
    internal const ulong Size = 1024;

    private const int BitsPerWord = 64;
    private const int Words = ((int)Size / BitsPerWord) + 1;

    private Bits _bits;
    private ulong _highest;

    /// <summary>Says whether a counter has not come yet, as far as that is known: one that the window has left behind counts as come. 0 never comes.</summary>
    internal readonly bool IsNew(ulong counter)
    {
        if (counter > _highest)
        {
            return true;
        }

        return counter != 0 && _highest - counter < Size && (_bits[WordOf(counter)] & BitOf(counter)) == 0;
    }

    /// <summary>Notes that a new counter has come.</summary>
    internal void Take(ulong counter)
    {
        if (counter > _highest)
        {
            ulong from = _highest / BitsPerWord;
            ulong cleared = Math.Min((counter / BitsPerWord) - from, Words);
            for (ulong i = 1; i <= cleared; i++)
            {
                _bits[(int)((from + i) % Words)] = 0;
            }

            _highest = counter;
        }

        _bits[WordOf(counter)] |= BitOf(counter);
    }

    private static int WordOf(ulong counter) => (int)(counter / BitsPerWord % Words);

    private static ulong BitOf(ulong counter) => 1UL << (int)(counter % BitsPerWord);

    [InlineArray(Words)]
    private struct Bits
    {
        private ulong _first;
    }
}
