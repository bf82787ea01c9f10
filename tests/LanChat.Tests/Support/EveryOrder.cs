using Xunit;

namespace LanChat.Tests.Support;

/// <summary>What a test says of a case: it holds in every order of its steps, or the bug put into it is found in one.</summary>
internal static class EveryOrder
{
    /// <summary>Far above what a case of these tests needs: to be stopped there is a failure.</summary>
    private const long MaxSchedules = 10_000_000;

    internal static void Holds(ITestOutputHelper output, int threads, Func<InterleavingScheduler, InterleavingCase> makeCase) =>
        HoldsUnless(isBroken: false, output, threads, makeCase);

    internal static void HoldsUnless(bool isBroken, ITestOutputHelper output, int threads, Func<InterleavingScheduler, InterleavingCase> makeCase)
    {
        Assert.SkipUnless(InterleavingScheduler.IsPossible, "Release builds have no points at which to switch threads.");
        using InterleavingScheduler scheduler = new(threads);
        long started = Environment.TickCount64;
        Exploration result = scheduler.Explore(() => makeCase(scheduler), MaxSchedules);
        output.WriteLine($"{result} in {Environment.TickCount64 - started} ms");
        if (isBroken)
        {
            Assert.NotNull(result.Failure);
            return;
        }

        Assert.Null(result.Failure);
        Assert.True(result.IsComplete);
    }
}
