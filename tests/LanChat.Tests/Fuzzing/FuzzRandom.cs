namespace LanChat.Tests.Fuzzing;

/// <summary>Random numbers from one seed (SplitMix64): cheap enough that every input has a generator of its own, and so can be made again without those before it.</summary>
internal struct FuzzRandom(ulong seed)
{
    private ulong _state = seed;

    internal ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        ulong mixed = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>Returns 0 to <paramref name="limit"/> - 1; 0 when there is no such number.</summary>
    internal int Below(int limit) => limit <= 1 ? 0 : (int)(((Next() >> 32) * (ulong)limit) >> 32);

    internal T Of<T>(ReadOnlySpan<T> items) => items[Below(items.Length)];

    internal void Fill(Span<byte> bytes)
    {
        foreach (ref byte b in bytes)
        {
            b = (byte)Next();
        }
    }
}
