using LanChat.Broadcast;

namespace LanChat.Tests.Support;

/// <content>The threads it drives.</content>
internal sealed partial class InterleavingScheduler
{
    /// <summary>Thrown through a case's thread to end a schedule that is given up.</summary>
    private sealed class AbandonedException : Exception;

    private sealed class Worker
    {
        [ThreadStatic]
        public static Worker? Current;

        private readonly InterleavingScheduler _scheduler;
        private readonly SemaphoreSlim _turn = new(0);
        private readonly Thread _thread;

        /// <summary>Locks it has entered and was not yet seen to have left.</summary>
        private readonly List<object> _entered = [];
        private Action? _action;
        private object? _where;

        public Worker(InterleavingScheduler scheduler, int index)
        {
            _scheduler = scheduler;
            Index = index;
            _thread = new Thread(Run) { IsBackground = true, Name = "interleaved " + index };
            _thread.Start();
        }

        public int Index { get; }

        public bool HasEnded { get; private set; } = true;

        /// <summary>The step before which it stands.</summary>
        public ScheduleStep Next { get; private set; }

        public void Prepare(Action action)
        {
            _action = action;
            HasEnded = false;
            Next = default;
            _entered.Clear();
        }

        public void Resume() => _turn.Release();

        public void Pause() => _turn.Wait();

        public void End()
        {
            _action = null;
            Resume();
            _thread.Join();
            _turn.Dispose();
        }

        public void Stop(ScheduleStep step, object where)
        {
            if (_scheduler._isAbandoned)
            {
                throw new AbandonedException();
            }

            NoteLocksLeft();
            Next = step;
            _where = where;
            _scheduler.Yield(this);
            if (_scheduler._isAbandoned)
            {
                throw new AbandonedException();
            }

            if (step.Kind is StepKind.Lock or StepKind.TryLock)
            {
                _entered.Add(where);
            }
        }

        /// <summary>A wait is a step that cannot be made before its condition holds.</summary>
        public bool CanGoOn() => Next.Kind switch
        {
            StepKind.Lock => IsFree((Lock)_where!),
            StepKind.AwaitRing => _scheduler._rung.Contains(_where!),
            StepKind.AwaitEnd => ((LogSegment)_where!).HasEnd,
            StepKind.AwaitLength => ((LogSegment)_where!).HasEntryAt(Next.Offset),
            _ => true,
        };

        /// <summary>Asked by whichever thread decides. It may hold the lock itself, and would then get it once more.</summary>
        private static bool IsFree(Lock gate)
        {
            if (gate.IsHeldByCurrentThread || !gate.TryEnter())
            {
                return false;
            }

            gate.Exit();
            return true;
        }

        /// <summary>Leaving a lock is no step of its own but the end of the one before; here it is seen to have happened.</summary>
        private void NoteLocksLeft()
        {
            for (int i = _entered.Count - 1; i >= 0; i--)
            {
                if (!((Lock)_entered[i]).IsHeldByCurrentThread)
                {
                    _scheduler._tree.Unlocked(Index, _scheduler.PlaceOf(_entered[i]));
                    _entered.RemoveAt(i);
                }
            }
        }

        private void Run()
        {
            Current = this;
            Interleave.Hook = (access, where, offset) => Stop(new ScheduleStep((StepKind)access, _scheduler.PlaceOf(where), offset), where);
            for (; ; )
            {
                Pause();
                if (_action is null)
                {
                    return;
                }

                try
                {
                    _action();
                }
                catch (AbandonedException)
                {
                }
                catch (Exception e) when (e is not OutOfMemoryException)
                {
                    // What a broken case throws while it is unwound says nothing.
                    if (!_scheduler._isAbandoned)
                    {
                        _scheduler.Fail(e.ToString());
                    }
                }

                NoteLocksLeft();
                HasEnded = true;
                _scheduler.Yield(this);
            }
        }
    }
}
