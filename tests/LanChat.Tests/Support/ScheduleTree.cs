using System.Numerics;
using System.Text;

namespace LanChat.Tests.Support;

/// <summary>
/// The tree of orders in which threads can make their steps, walked depth first, one root-to-leaf path per run.
/// Orders that differ only in steps that do not depend on each other lead to the same result; of each such class at least one is run and
/// the others are mostly not (source sets and sleep sets: Abdulla, Aronis, Jonsson, Sagonas, "Optimal dynamic partial order reduction", 2014).
/// </summary>
internal sealed class ScheduleTree(int threads)
{
    private readonly List<Node> _path = [];
    private readonly ScheduleStep[] _next = new ScheduleStep[threads];

    /// <summary>For each thread, for each other one: how far along the path what it has done is known to come before this thread's next step.</summary>
    private readonly int[][] _clocks = NewClocks(threads);

    private readonly Dictionary<int, int[]> _unlocked = [];

    /// <summary>Steps made in this run.</summary>
    public int Depth { get; private set; }

    /// <summary>Steps made in all runs together.</summary>
    public long Steps { get; private set; }

    public void BeginRun()
    {
        Depth = 0;
        _unlocked.Clear();
        foreach (int[] clock in _clocks)
        {
            Array.Clear(clock);
        }
    }

    /// <summary>Before each decision: the step before which a thread stands.</summary>
    public void SetNext(int thread, ScheduleStep step) => _next[thread] = step;

    /// <summary>Giving a lock back is part of the step before it; it orders that step before the next one to take the lock.</summary>
    public void Unlocked(int thread, int place) => _unlocked[place] = (int[])_clocks[thread].Clone();

    /// <summary>The thread that makes the next step, on the path or beyond it; -1 when every way on equals one already run.</summary>
    public int Choose(int enabled, int preferred)
    {
        if (Depth == _path.Count)
        {
            int asleep = Depth == 0 ? 0 : SleepingAfter(_path[Depth - 1]);
            int free = enabled & ~asleep;
            if (free == 0)
            {
                return -1;
            }

            int first = (free & (1 << preferred)) != 0 ? preferred : BitOperations.TrailingZeroCount(free);
            _path.Add(new Node(threads) { Asleep = asleep, Wanted = 1 << first, Chosen = first });
        }

        Node node = _path[Depth];
        if ((enabled & (1 << node.Chosen)) == 0)
        {
            throw new InvalidOperationException("The case does not do the same when run in the same order.");
        }

        _next.CopyTo(node.Next, 0);
        Make(node);
        Steps++;
        Depth++;
        return node.Chosen;
    }

    /// <summary>After a run: goes back to the deepest place where another thread must be tried first; false when there is none.</summary>
    public bool MoveToNextSchedule()
    {
        while (_path.Count > 0)
        {
            Node node = _path[^1];
            node.Asleep |= 1 << node.Chosen;
            int left = node.Wanted & ~node.Asleep;
            if (left != 0)
            {
                node.Chosen = BitOperations.TrailingZeroCount(left);
                return true;
            }

            _path.RemoveAt(_path.Count - 1);
        }

        return false;
    }

    /// <summary>The path of this run, to be read.</summary>
    public string Describe()
    {
        StringBuilder text = new();
        for (int i = 0; i < Depth; i++)
        {
            text.Append("  ").Append((char)('A' + _path[i].Chosen)).Append(' ').AppendLine(_path[i].Made.ToString());
        }

        return text.ToString();
    }

    private static int[][] NewClocks(int threads)
    {
        int[][] clocks = new int[threads][];
        for (int i = 0; i < threads; i++)
        {
            clocks[i] = new int[threads];
        }

        return clocks;
    }

    /// <summary>Threads whose step was tried first at this node, or before, stay asleep until a step is made that theirs depends on.</summary>
    private static int SleepingAfter(Node node)
    {
        int asleep = 0;
        for (int rest = node.Asleep & ~(1 << node.Chosen); rest != 0; rest &= rest - 1)
        {
            int thread = BitOperations.TrailingZeroCount(rest);
            if (!node.Next[thread].DependsOn(node.Made))
            {
                asleep |= 1 << thread;
            }
        }

        return asleep;
    }

    /// <summary>Makes the step, orders it after those it depends on, and for each race found asks for the reverse order to be tried.</summary>
    private void Make(Node node)
    {
        int thread = node.Chosen;
        ScheduleStep step = node.Next[thread];
        int[] clock = _clocks[thread];
        node.Made = step;
        List<int>? races = null;
        for (int i = Depth - 1; i >= 0; i--)
        {
            Node earlier = _path[i];
            if (earlier.Chosen == thread || clock[earlier.Chosen] > i || !step.DependsOn(earlier.Made))
            {
                continue;
            }

            if (!step.WaitsFor(earlier.Made) && !IsOnlyRing(i, step))
            {
                (races ??= []).Add(i);
            }

            Join(clock, earlier.Clock);
        }

        if (step.Kind is StepKind.Lock or StepKind.TryLock && _unlocked.TryGetValue(step.Place, out int[]? unlocked))
        {
            Join(clock, unlocked);
        }

        clock[thread] = Depth + 1;
        clock.CopyTo(node.Clock, 0);
        if (races is not null)
        {
            foreach (int i in races)
            {
                WantReverse(i);
            }
        }
    }

    /// <summary>Whether the step, a wait for a ring, could not be made without the ring at <paramref name="at"/>: since the last wait there was no other but such as follow from it.</summary>
    private bool IsOnlyRing(int at, in ScheduleStep step)
    {
        if (step.Kind != StepKind.AwaitRing)
        {
            return false;
        }

        Node ring = _path[at];
        for (int i = Depth - 1; i >= 0 && !(_path[i].Made.Kind == StepKind.AwaitRing && _path[i].Made.Place == step.Place); i--)
        {
            Node other = _path[i];
            if (i != at && other.Made.Kind == StepKind.Ring && other.Made.Place == step.Place && other.Clock[ring.Chosen] <= at)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// The step made last could have come before the one at <paramref name="at"/>: some thread that can begin such an order must be tried there.
    /// Those are the threads whose first step since, not counting what follows from the step at <paramref name="at"/>, follows from no other.
    /// </summary>
    private void WantReverse(int at)
    {
        Node raced = _path[at];
        int initials = 0;
        int seen = 0;
        for (int j = at + 1; j <= Depth; j++)
        {
            Node node = _path[j];
            bool followsRaced = node.Clock[raced.Chosen] > at;
            if (followsRaced && j != Depth)
            {
                continue;
            }

            int bit = 1 << node.Chosen;
            if ((seen & bit) == 0 && !FollowsAny(at, j))
            {
                initials |= bit;
            }

            seen |= bit;
        }

        if ((raced.Wanted & initials) == 0)
        {
            int last = 1 << _path[Depth].Chosen;
            raced.Wanted |= (initials & last) != 0 ? last : initials & -initials;
        }
    }

    /// <summary>Whether the step at <paramref name="j"/> follows from an earlier one since <paramref name="at"/> that does not itself follow from it.</summary>
    private bool FollowsAny(int at, int j)
    {
        Node raced = _path[at];
        Node node = _path[j];
        for (int k = at + 1; k < j; k++)
        {
            Node other = _path[k];
            if (other.Clock[raced.Chosen] <= at && node.Clock[other.Chosen] > k)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>One decision: who was tried here, who must still be.</summary>
    private sealed class Node(int threads)
    {
        /// <summary>Who made the step in this run.</summary>
        public int Chosen;

        /// <summary>Threads to be tried first here, as bits.</summary>
        public int Wanted;

        /// <summary>Threads that need not be tried here: they were, or it would equal an order that was.</summary>
        public int Asleep;

        /// <summary>The step made.</summary>
        public ScheduleStep Made;

        /// <summary>Where each thread stood.</summary>
        public readonly ScheduleStep[] Next = new ScheduleStep[threads];

        /// <summary>The thread's clock just after the step.</summary>
        public readonly int[] Clock = new int[threads];
    }

    private static void Join(int[] clock, int[] other)
    {
        for (int i = 0; i < clock.Length; i++)
        {
            clock[i] = Math.Max(clock[i], other[i]);
        }
    }
}
