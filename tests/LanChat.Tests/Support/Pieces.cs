namespace LanChat.Tests.Support;

/// <summary>Ways to split a stream, for <see cref="MemoryDirection.NextPiece"/>.</summary>
internal static class Pieces
{
    /// <summary>Always this many bytes.</summary>
    internal static Func<int> Of(int bytes) => () => bytes;

    /// <summary>These sizes, then everything.</summary>
    internal static Func<int> Sizes(params int[] sizes)
    {
        int next = 0;
        return () => next < sizes.Length ? sizes[next++] : int.MaxValue;
    }

    /// <summary>From 1 to <paramref name="max"/> bytes, the same for the same seed.</summary>
    internal static Func<int> Random(int seed, int max)
    {
        var random = new Random(seed);
        return () => random.Next(1, max + 1);
    }
}
