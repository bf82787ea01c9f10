using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Faults;

/// <summary>Thousands of runs in which real clients talk over a real server while wires are cut, delayed, split and silent, readers stop, servers restart and names are fought for; after each
/// run the laws (<see cref="Law"/>) hold.</summary>
/// <remarks>
/// <para>In every eighth run the server's links are TLS, handshakes and all; the faults are those of the wire below. The client's own TLS is left out: it would wait where the harness cannot see
/// it.</para>
/// <para>A few hundred runs by default; <c>LANCHAT_TEST_LONG=1</c>: 10,000, about 7 minutes on two processors; <c>LANCHAT_FAULT_RUNS=N</c>: that many. The seeds are 1 to N, or from
/// <c>LANCHAT_FAULT_FROM=S</c> on. One seed is repeated by</para>
/// <code>LANCHAT_FAULT_SEED=n dotnet test tests/LanChat.Tests --filter-class "*FaultTests"</code>
/// <para>which also prints its history. A failure prints its seed, the law that did not hold and what had happened.</para>
/// </remarks>
[Collection(FaultRuns.Name)]
public sealed class FaultTests(ITestOutputHelper output)
{
    [Fact]
    public void Whatever_goes_wrong_the_laws_hold()
    {
        if (Number("LANCHAT_FAULT_SEED") is { } seed)
        {
            var run = new FaultRun(seed);
            run.Execute();
            output.WriteLine(string.Join('\n', run.History));
            output.WriteLine(run.Tally.ToString());
            return;
        }

        long start = Stopwatch.GetTimestamp();
        using var unobserved = new UnobservedExceptions();
        RunTally tally = RunAll(Number("LANCHAT_FAULT_FROM") ?? 1, Number("LANCHAT_FAULT_RUNS") ?? (TestLength.IsLong ? 10_000 : 300));
        output.WriteLine($"{tally}, {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
        Assert.Empty(unobserved.Found);
    }

    [Fact]
    public void A_seed_replays()
    {
        foreach (int seed in Enumerable.Range(1, 22).Where(static seed => !FaultRun.IsTls(seed)))
        {
            var first = new FaultRun(seed);
            first.Execute();
            var second = new FaultRun(seed);
            second.Execute();
            Assert.Equal(first.History, second.History);
            Assert.Equal(first.Tally, second.Tally);
        }
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int number) ? number : null;

    /// <summary>On threads of its own, one per processor: what a client does meanwhile has the pool to itself.</summary>
    private static RunTally RunAll(int from, int count)
    {
        var tally = new RunTally();
        var failures = new ConcurrentQueue<Exception>();
        var gate = new Lock();
        int next = from - 1;
        Thread[] threads = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(Work))];
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());
        return failures.IsEmpty ? tally : throw new AggregateException($"{failures.Count} runs failed", failures);

        void Work()
        {
            int seed;
            while (failures.Count < 3 && (seed = Interlocked.Increment(ref next)) < from + count)
            {
                var run = new FaultRun(seed);
                try
                {
                    run.Execute();
                }
                catch (FaultRunException exception)
                {
                    failures.Enqueue(exception);
                }

                lock (gate)
                {
                    tally += run.Tally;
                }
            }
        }
    }
}
