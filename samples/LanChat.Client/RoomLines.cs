namespace LanChat.Samples;

/// <summary>Prints what is received, one line per event, with <c>ok N</c> in the place of each own message.</summary>
/// <remarks>Of the history, only what was said is of interest, and one's own coming, which ends it; comings and goings from before are not. What is caught up after contact was lost is no
/// history.</remarks>
internal sealed class RoomLines(ChatClient client, ChatRoom room, TextWriter output)
{
    private readonly Lock _gate = new();

    // How far the room's events are printed, or known to be missing; and the last own message among those printed. Written by the printing task,
    // read by the sender; both under the gate.
    private long _passed;
    private long _lastConfirmed;

    // Completes when _passed reaches _awaited, or nothing more will come.
    private long _awaited = long.MaxValue;
    private TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _hasEnded;

    /// <summary>Prints the room's events until it is over.</summary>
    internal async Task PrintRoomAsync()
    {
        try
        {
            await foreach (RoomEvent roomEvent in room.ReadAllAsync())
            {
                bool isOwn = roomEvent is MessageReceived { IsOwn: true };
                if (isOwn)
                {
                    await output.WriteLineAsync($"ok {roomEvent.Sequence}");
                }
                else if (!roomEvent.IsReplay || roomEvent is MessageReceived or Notice || roomEvent.Sequence >= room.JoinedSequence)
                {
                    await output.WriteLineAsync(roomEvent.ToText());
                }

                if (roomEvent is Reset)
                {
                    StartOver();
                }
                else
                {
                    Pass(roomEvent is Gap gap ? gap.To : roomEvent.Sequence, isOwn, hasEnded: false);
                }
            }
        }
        finally
        {
            // Also when the output fails: the sender must not wait for what nobody will print.
            Pass(sequence: 0, isOwn: false, hasEnded: true);
        }
    }

    /// <summary>Prints what is said to this client alone.</summary>
    internal async Task PrintDirectAsync()
    {
        await foreach (RoomEvent roomEvent in client.ReadDirectAsync())
        {
            // The room says it already.
            if (roomEvent is Resumed or Reset)
            {
                continue;
            }

            await output.WriteLineAsync(roomEvent.ToText());
        }
    }

    /// <summary>Waits until an own message, which the room has, is confirmed on the output.</summary>
    internal async Task ConfirmAsync(long sequence)
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
        bool isMissing;
        lock (_gate)
        {
            isMissing = _lastConfirmed != sequence;
            _awaited = long.MaxValue;
            _reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        // It fell into a gap: output that is read too slowly. It is in the room all the same.
        if (isMissing)
        {
            await output.WriteLineAsync($"ok {sequence}");
        }
    }

    private void StartOver()
    {
        lock (_gate)
        {
            _passed = 0;
            _lastConfirmed = 0;

            // What is awaited was in the log that is gone: its event does not come any more.
            _reached.TrySetResult();
        }
    }

    private void Pass(long sequence, bool isOwn, bool hasEnded)
    {
        lock (_gate)
        {
            _passed = Math.Max(_passed, sequence);
            _lastConfirmed = isOwn ? sequence : _lastConfirmed;
            _hasEnded |= hasEnded;
            if (_passed >= _awaited || _hasEnded)
            {
                _reached.TrySetResult();
            }
        }
    }
}
