using System.Numerics;
using LanChat.Broadcast;

namespace LanChat.Tests.Support;

/// <summary>What the threads of one case do, made afresh for each schedule, and what must hold when all have ended.</summary>
internal sealed record InterleavingCase(Action[] Threads, Action AfterEach);

/// <summary>What an exploration found.</summary>
internal sealed record Exploration(long Schedules, long CutShort, long Steps, bool IsComplete, string? Failure)
{
    public override string ToString() => $"{Schedules} schedules ({CutShort} more cut short as equal to one of them), {Steps} steps, "
        + (Failure is not null ? "violation: " + Failure : IsComplete ? "all orders covered" : "stopped at the limit");
}

/// <summary>
/// Runs real code through every order of its steps on shared memory. The code's threads are real ones, but only one goes at a time: each stops
/// before its next step (<see cref="Interleave.Point"/>) and <see cref="ScheduleTree"/> says who goes on. A schedule is run from the start each
/// time; the case must therefore do the same whenever it is given the same order.
/// </summary>
/// <remarks>
/// Only sequentially consistent orders are explored: whether an acquire or release is missing is for the arguments beside the code (BroadcastLog, SleepFlag), not for this.
/// Not thread-safe: one exploration at a time.
/// </remarks>
internal sealed partial class InterleavingScheduler : IDisposable
{
    /// <summary>Far above what a case needs: an order that is longer repeats itself.</summary>
    private const int MaxSteps = 1000;

    private readonly Worker[] _workers;
    private readonly SemaphoreSlim _runEnded = new(0);
    private readonly List<object> _places = [];
    private readonly HashSet<object> _rung = new(ReferenceEqualityComparer.Instance);
    private ScheduleTree _tree = new(0);
    private Random? _random;
    private int _started;
    private bool _isAbandoned;
    private string? _failure;

    public InterleavingScheduler(int threads)
    {
        _workers = new Worker[threads];
        for (int i = 0; i < threads; i++)
        {
            _workers[i] = new Worker(this, i);
        }
    }

    /// <summary>Whether the code under test was built with its points: in release builds there is nothing to schedule.</summary>
    public static bool IsPossible { get; } = HasPoints();

    /// <summary>Whether this is a thread of a case, not the one that makes it and looks at its end.</summary>
    public static bool IsOnCaseThread => Worker.Current is not null;

    /// <summary>Tries every order, or up to <paramref name="maxSchedules"/> of them, and stops at the first violation.</summary>
    public Exploration Explore(Func<InterleavingCase> makeCase, long maxSchedules = long.MaxValue)
    {
        _tree = new ScheduleTree(_workers.Length);
        long schedules = 0;
        long cutShort = 0;
        while (schedules + cutShort < maxSchedules)
        {
            if (RunOnce(makeCase()))
            {
                schedules++;
            }
            else
            {
                cutShort++;
            }

            if (_failure is not null)
            {
                return new Exploration(schedules, cutShort, _tree.Steps, IsComplete: false, _failure);
            }

            if (!_tree.MoveToNextSchedule())
            {
                return new Exploration(schedules, cutShort, _tree.Steps, IsComplete: true, null);
            }
        }

        return new Exploration(schedules, cutShort, _tree.Steps, IsComplete: false, null);
    }

    /// <summary>Runs one random order, the same for the same seed; throws on a violation. For cases too large to try all orders of.</summary>
    public void RunRandom(InterleavingCase one, int seed)
    {
        _random = new Random(seed);
        _tree = new ScheduleTree(_workers.Length);
        RunOnce(one);
        _random = null;
        if (_failure is not null)
        {
            throw new InvalidOperationException($"Order of seed {seed}: {_failure}");
        }
    }

    /// <summary>Ends the wait of whoever waits at this bell, or else the next one there.</summary>
    public void Ring(object bell)
    {
        Worker.Current?.Stop(new ScheduleStep(StepKind.Ring, PlaceOf(bell), 0), bell);
        _rung.Add(bell);
    }

    /// <summary>Called by the one thread of a case that waits at this bell: waits until it was rung since the last wait. False = it never will be, for all others have ended
    /// or wait themselves.</summary>
    public bool AwaitRing(object bell)
    {
        Worker.Current!.Stop(new ScheduleStep(StepKind.AwaitRing, PlaceOf(bell), 0), bell);
        return _rung.Remove(bell);
    }

    public void Dispose()
    {
        foreach (Worker worker in _workers)
        {
            worker.End();
        }

        _runEnded.Dispose();
    }

    private static bool HasPoints()
    {
        bool called = false;
        Action<Access, object, int>? outer = Interleave.Hook;
        Interleave.Hook = (_, _, _) => called = true;
        LogSegment.Stub(first: 1, position: 0).ReadTail();
        Interleave.Hook = outer;
        return called;
    }

    /// <summary>False when the schedule was given up because its rest equals one that was run already.</summary>
    private bool RunOnce(InterleavingCase one)
    {
        _places.Clear();
        _rung.Clear();
        _failure = null;
        _isAbandoned = false;
        _started = 0;
        _tree.BeginRun();
        for (int i = 0; i < _workers.Length; i++)
        {
            _workers[i].Prepare(one.Threads[i]);
        }

        // Each runs up to its first step before the first decision.
        _workers[0].Resume();
        _runEnded.Wait();
        if (_isAbandoned)
        {
            foreach (Worker worker in _workers)
            {
                if (!worker.HasEnded)
                {
                    worker.Resume();
                    _runEnded.Wait();
                }
            }

            return false;
        }

        try
        {
            one.AfterEach();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Fail(e.ToString());
        }

        return true;
    }

    /// <summary>On the thread that has just stopped or ended: decides who goes on, and wakes it. Returns when <paramref name="self"/> may go on.</summary>
    private void Yield(Worker self)
    {
        Worker? next;
        if (_isAbandoned)
        {
            next = null;
        }
        else if (++_started < _workers.Length)
        {
            next = _workers[_started];
        }
        else
        {
            next = Decide(self);
        }

        if (ReferenceEquals(next, self))
        {
            return;
        }

        // Looked at before another is woken: from then on the run may end and the next begin.
        bool hasEnded = self.HasEnded;

        if (next is null)
        {
            _runEnded.Release();
        }
        else
        {
            next.Resume();
        }

        if (!hasEnded)
        {
            self.Pause();
        }
    }

    /// <summary>Who makes the next step; null when all have ended or the run is given up.</summary>
    private Worker? Decide(Worker self)
    {
        int enabled = 0;
        int alive = 0;
        int waiting = 0;
        foreach (Worker worker in _workers)
        {
            int bit = 1 << worker.Index;
            alive |= worker.HasEnded ? 0 : bit;
            enabled |= !worker.HasEnded && worker.CanGoOn() ? bit : 0;
            waiting |= !worker.HasEnded && worker.Next.Kind == StepKind.AwaitRing ? bit : 0;
            _tree.SetNext(worker.Index, worker.Next);
        }

        if (_failure is null && alive == 0)
        {
            return null;
        }

        if (_failure is null && enabled == 0)
        {
            // Who only waits to be rung for is told that nobody is left to do so.
            enabled = waiting;
            if (waiting != alive)
            {
                Fail("all threads wait");
            }
        }

        if (_failure is null && _tree.Depth == MaxSteps)
        {
            Fail("the threads keep each other from ending");
        }

        int chosen = _failure is not null ? -1 : _random is null ? _tree.Choose(enabled, self.Index) : ChooseRandom(enabled, self.Index);
        if (chosen < 0)
        {
            _isAbandoned = true;
            return null;
        }

        return _workers[chosen];
    }

    /// <summary>Mostly lets a thread go on, so that others meet it at every depth.</summary>
    private int ChooseRandom(int enabled, int current)
    {
        if ((enabled & (1 << current)) != 0 && _random!.Next(4) != 0)
        {
            return current;
        }

        int skip = _random!.Next(BitOperations.PopCount((uint)enabled));
        for (; skip > 0; skip--)
        {
            enabled &= enabled - 1;
        }

        return BitOperations.TrailingZeroCount(enabled);
    }

    private void Fail(string what) => _failure ??= what + Environment.NewLine + _tree.Describe();

    /// <summary>Objects are numbered as they appear, which is the same in each run of the same order.</summary>
    private int PlaceOf(object where)
    {
        for (int i = 0; i < _places.Count; i++)
        {
            if (ReferenceEquals(_places[i], where))
            {
                return i;
            }
        }

        _places.Add(where);
        return _places.Count - 1;
    }
}
