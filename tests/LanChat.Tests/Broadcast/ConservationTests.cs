using System.Globalization;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Broadcast;

/// <summary>
/// Appended = seen by each cursor, in one order, none missing, byte for byte: under publishers, seals, joins, evictions and trims at random.
/// LANCHAT_TEST_SEED repeats a seed that a failure printed.
/// </summary>
public sealed class ConservationTests(ITestOutputHelper output)
{
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("LANCHAT_TEST_LONG") == "1";

    [Fact]
    public void What_is_appended_is_seen_by_all_in_random_orders_that_can_be_repeated()
    {
        Assert.SkipUnless(InterleavingScheduler.IsPossible, "Release builds have no points at which to switch threads.");
        const int members = 4;
        using InterleavingScheduler scheduler = new(members);
        foreach (int seed in Seeds(IsLong ? 10_000 : 400))
        {
            LogWorkload workload = new(seed, members);
            Action[] threads = new Action[members];
            for (int i = 0; i < members; i++)
            {
                int member = i;
                threads[i] = () => workload.Run(member, seed * 31 + member, operations: 40);
            }

            scheduler.RunRandom(new InterleavingCase(threads, workload.Check), seed);
        }
    }

    [Fact]
    public void What_is_appended_is_seen_by_all_under_free_threads()
    {
        const int members = 6;
        foreach (int seed in Seeds(IsLong ? 2000 : 24))
        {
            LogWorkload workload = new(seed, members);
            Exception? failure = null;
            Thread[] threads = new Thread[members];
            for (int i = 0; i < members; i++)
            {
                int member = i;
                threads[i] = new Thread(() =>
                {
                    try
                    {
                        workload.Run(member, seed * 31 + member, operations: 4000);
                    }
                    catch (Exception e) when (e is not OutOfMemoryException)
                    {
                        failure ??= e;
                    }
                });
            }

            foreach (Thread thread in threads)
            {
                thread.Start();
            }

            foreach (Thread thread in threads)
            {
                thread.Join();
            }

            if (failure is not null)
            {
                throw new InvalidOperationException($"seed {seed}", failure);
            }

            workload.Check();
            output.WriteLine($"seed {seed}: {workload}");
        }
    }

    private static int[] Seeds(int count)
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("LANCHAT_TEST_SEED"), CultureInfo.InvariantCulture, out int seed))
        {
            return [seed];
        }

        // New ones each time: a seed says all that is needed to do it again.
        return [.. Enumerable.Range(0, count).Select(_ => Random.Shared.Next())];
    }
}
