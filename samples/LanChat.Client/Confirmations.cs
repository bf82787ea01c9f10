namespace LanChat.Samples;

/// <summary>Sees to it that each own message is confirmed on the output once: by its event in its place among the others, or, when that fell into a gap, by the sender.</summary>
/// <remarks>Two tasks meet here, in either order: the one that prints what happens, and the one that sends, a message at a time. Whoever comes first prints.</remarks>
internal sealed class Confirmations
{
    private readonly Lock _gate = new();

    // How far the room's events are printed, or known to be missing.
    private long _passed;

    // The own message that was printed and that the sender has not asked for yet; and the one that the sender printed and whose event has not come.
    private (long Id, long Sequence)? _printed;
    private (long Id, long Sequence)? _confirmed;

    // Completes when _passed reaches _awaited, or nothing more will come.
    private long _awaited = long.MaxValue;
    private TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _hasEnded;

    /// <summary>Takes up an own message's event. True: it is to be printed.</summary>
    internal bool TryPrint(long id, long sequence)
    {
        lock (_gate)
        {
            if (_confirmed == (id, sequence))
            {
                _confirmed = null;
                return false;
            }

            _printed = (id, sequence);
            return true;
        }
    }

    /// <summary>The events are printed, or known to be missing, up to here.</summary>
    internal void Pass(long sequence)
    {
        lock (_gate)
        {
            _passed = Math.Max(_passed, sequence);
            if (_passed >= _awaited)
            {
                _reached.TrySetResult();
            }
        }
    }

    /// <summary>Another log begins: what is awaited was in the one that is gone, and its event does not come any more.</summary>
    internal void StartOver()
    {
        lock (_gate)
        {
            _passed = 0;
            _confirmed = null;
            _reached.TrySetResult();
        }
    }

    /// <summary>No more events come.</summary>
    internal void End()
    {
        lock (_gate)
        {
            _hasEnded = true;
            _reached.TrySetResult();
        }
    }

    /// <summary>Waits for the event of an own message, which the room has, to be printed. True: it will not be, and the caller is to confirm the message.</summary>
    internal async Task<bool> IsMissingAsync(long id, long sequence)
    {
        Task reached;
        lock (_gate)
        {
            _awaited = sequence;
            if (_passed >= sequence || _hasEnded)
            {
                _reached.TrySetResult();
            }

            reached = _reached.Task;
        }

        await reached;
        lock (_gate)
        {
            _awaited = long.MaxValue;
            _reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            bool isMissing = _printed != (id, sequence);
            _printed = null;
            _confirmed = isMissing ? (id, sequence) : null;
            return isMissing;
        }
    }
}
