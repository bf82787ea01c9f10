namespace LanChat.Tests.Support;

/// <summary>Measures what a piece of work allocates on its thread. The caller has run it until it is compiled and its pools are filled.</summary>
internal static class Allocations
{
    /// <summary>How often something is measured until nothing was allocated.</summary>
    internal const int Tries = 20;

    /// <summary>Gets the least of some measurements, the first nothing if there is one: a collection that other tests cause meanwhile may count the unused rest of the thread's allocation block (up to 8 KiB), or empty
    /// a shared pool. What the work itself allocates, it allocates each time.</summary>
    internal static long LeastOf(Action work)
    {
        long least = long.MaxValue;
        for (int i = 0; i < Tries && least > 0; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
