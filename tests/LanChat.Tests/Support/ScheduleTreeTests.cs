using Xunit;

namespace LanChat.Tests.Support;

/// <summary>The reduction is only worth something if it is sound: held against the plain enumeration of all orders, for random small programs.</summary>
public sealed class ScheduleTreeTests(ITestOutputHelper output)
{
    private static readonly StepKind[] Kinds =
    [
        StepKind.ReadTail, StepKind.ChangeTail, StepKind.ReadNext, StepKind.LinkNext, StepKind.WriteEnd, StepKind.AwaitEnd, StepKind.AddReference, StepKind.DropReference, StepKind.Recycle,
        StepKind.Ring, StepKind.Ring, StepKind.AwaitRing,
    ];

    [Theory]
    [InlineData(2, 5, 300)]
    [InlineData(3, 3, 300)]
    [InlineData(4, 2, 100)]
    public void Each_class_of_equal_orders_is_run(int threads, int steps, int programs)
    {
        long reduced = 0;
        long all = 0;
        for (int seed = 0; seed < programs; seed++)
        {
            Random random = new(seed);
            ScheduleStep[][] program = new ScheduleStep[threads][];
            HashSet<int> ended = [];
            Dictionary<int, int> waiters = [];
            for (int i = 0; i < threads; i++)
            {
                program[i] = new ScheduleStep[random.Next(1, steps + 1)];
                for (int j = 0; j < program[i].Length; j++)
                {
                    ScheduleStep step = new(Kinds[random.Next(Kinds.Length)], random.Next(2), 0);

                    // As in the log, an end is written once; as with loops, one thread waits at a bell.
                    program[i][j] = step.Kind == StepKind.WriteEnd && !ended.Add(step.Place) ? step with { Kind = StepKind.ReadEnd }
                        : step.Kind == StepKind.AwaitRing && !waiters.TryAdd(step.Place, i) && waiters[step.Place] != i ? step with { Kind = StepKind.Ring }
                        : step;
                }
            }

            HashSet<string> expected = [];
            all += Enumerate(program, new int[threads], [], expected);
            HashSet<string> found = [];
            int runs = 0;
            ScheduleTree tree = new(threads);
            do
            {
                if (Run(program, tree) is { } order)
                {
                    runs++;
                    found.Add(ClassOf(program, order));
                }
            }
            while (tree.MoveToNextSchedule());

            Assert.True(expected.SetEquals(found), $"seed {seed}: {expected.Count} classes, {found.Count} were run");
            Assert.Equal(expected.Count, runs);
            reduced += runs;
        }

        output.WriteLine($"{all} orders, {reduced} run");
    }

    [Fact]
    public void A_lock_that_is_held_is_waited_for_and_both_ways_are_tried()
    {
        // Two threads that do nothing but take the same lock around a step of their own.
        ScheduleTree tree = new(2);
        List<string> orders = [];
        do
        {
            tree.BeginRun();
            int[] at = [0, 0];
            int holder = -1;
            string order = "";
            while (at[0] < 2 || at[1] < 2)
            {
                int enabled = 0;
                for (int i = 0; i < 2; i++)
                {
                    tree.SetNext(i, at[i] == 0 ? new ScheduleStep(StepKind.Lock, 0, 0) : new ScheduleStep(StepKind.ChangeTail, 1, 0));
                    enabled |= at[i] == 1 || (at[i] == 0 && holder < 0) ? 1 << i : 0;
                }

                int chosen = tree.Choose(enabled, 0);
                Assert.True(chosen >= 0);
                order += chosen;
                holder = ++at[chosen] == 1 ? chosen : -1;
                if (holder < 0)
                {
                    tree.Unlocked(chosen, 0);
                }
            }

            orders.Add(order);
        }
        while (tree.MoveToNextSchedule());

        Assert.Equal(["0011", "1100"], orders);
    }

    /// <summary>One run by the tree; null when it is cut short.</summary>
    private static List<int>? Run(ScheduleStep[][] program, ScheduleTree tree)
    {
        tree.BeginRun();
        int[] at = new int[program.Length];
        List<int> order = [];
        for (; ; )
        {
            int enabled = Enabled(program, at, order);
            if (enabled == 0)
            {
                return order;
            }

            for (int i = 0; i < program.Length; i++)
            {
                tree.SetNext(i, at[i] < program[i].Length ? program[i][at[i]] : default);
            }

            int chosen = tree.Choose(enabled, order.Count == 0 ? 0 : order[^1]);
            if (chosen < 0)
            {
                return null;
            }

            at[chosen]++;
            order.Add(chosen);
        }
    }

    private static long Enumerate(ScheduleStep[][] program, int[] at, List<int> order, HashSet<string> classes)
    {
        int enabled = Enabled(program, at, order);
        if (enabled == 0)
        {
            classes.Add(ClassOf(program, order));
            return 1;
        }

        long count = 0;
        for (int i = 0; i < program.Length; i++)
        {
            if ((enabled & (1 << i)) != 0)
            {
                at[i]++;
                order.Add(i);
                count += Enumerate(program, at, order, classes);
                order.RemoveAt(order.Count - 1);
                at[i]--;
            }
        }

        return count;
    }

    /// <summary>A wait can go on once a write of the same end was made, or a ring since the last wait.</summary>
    private static int Enabled(ScheduleStep[][] program, int[] at, List<int> order)
    {
        int enabled = 0;
        for (int i = 0; i < program.Length; i++)
        {
            if (at[i] == program[i].Length)
            {
                continue;
            }

            ScheduleStep step = program[i][at[i]];
            bool canGoOn = step.Kind switch
            {
                StepKind.AwaitEnd => Made(program, order).Contains(step with { Kind = StepKind.WriteEnd }),
                StepKind.AwaitRing => Made(program, order).LastOrDefault(made => made == step || made == step with { Kind = StepKind.Ring }).Kind == StepKind.Ring,
                _ => true,
            };
            enabled |= canGoOn ? 1 << i : 0;
        }

        return enabled;
    }

    private static IEnumerable<ScheduleStep> Made(ScheduleStep[][] program, List<int> order)
    {
        int[] at = new int[program.Length];
        foreach (int thread in order)
        {
            yield return program[thread][at[thread]++];
        }
    }

    /// <summary>Orders are equal when all pairs of steps that depend on each other are in the same order.</summary>
    private static string ClassOf(ScheduleStep[][] program, List<int> order)
    {
        int[] at = new int[program.Length];
        List<(int Thread, int Index)> made = [];
        List<string> pairs = [];
        foreach (int thread in order)
        {
            (int Thread, int Index) now = (thread, at[thread]++);
            foreach ((int Thread, int Index) earlier in made)
            {
                if (earlier.Thread != now.Thread && program[now.Thread][now.Index].DependsOn(program[earlier.Thread][earlier.Index]))
                {
                    pairs.Add($"{earlier.Thread}.{earlier.Index}<{now.Thread}.{now.Index}");
                }
            }

            made.Add(now);
        }

        pairs.Sort(StringComparer.Ordinal);
        return string.Join(' ', pairs) + "|" + string.Join(',', at);
    }
}
