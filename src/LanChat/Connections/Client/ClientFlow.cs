using System.Diagnostics;

namespace LanChat.Connections.Client;

/// <summary>Decides whether a client reads from its connection, and owns the lock of everything that the decision rests on.</summary>
/// <remarks>
/// <para>A reader that is full stops the reading: the bytes stay in the kernel, the server sees a slow consumer, and nothing is lost or
/// piled up here. But while an answer is awaited (an id is open, a join or a leave is under way) reading goes on, because the app may be awaiting that
/// very answer inside its reading loop. What a full reader misses meanwhile becomes a <see cref="Gap"/> (<see cref="ClientEventReader"/>).</para>
/// <para>Everything here is guarded by <see cref="Gate"/>. Under it there are only short, synchronous steps of this library: tasks are completed so that
/// their continuations run elsewhere, and nothing is logged.</para>
/// </remarks>
internal sealed class ClientFlow
{
    // Readers that were filled and have not been emptied to the half since.
    private int _fullReaders;

    // Answers that the app may be waiting for: open ids, joins and leaves under way.
    private int _awaited;

    // Set once the present connection is ending: from then on reading never pauses, so that the server's end is seen.
    private bool _drains;

    // What the paused read loop waits for; null while it reads.
    private TaskCompletionSource? _paused;

    private string? _loser;

    internal ClientFlow(TimeProvider time) => Time = time;

    /// <summary>Gets the one lock of a client: session, sends, rooms, readers.</summary>
    internal Lock Gate { get; } = new();

    internal TimeProvider Time { get; }

    /// <summary>Gets whether the read loop stands still, up to the moment at which it takes up its work again.</summary>
    internal bool IsPaused { get; private set; }

    private bool MayRead => _fullReaders == 0 || _awaited > 0 || _drains;

    internal void ReaderFilled() => _fullReaders++;

    internal void ReaderEased()
    {
        _fullReaders--;
        Debug.Assert(_fullReaders >= 0, "A reader was eased twice.");
        ResumeIfAllowed();
    }

    internal void Await()
    {
        _awaited++;
        ResumeIfAllowed();
    }

    internal void Answered()
    {
        _awaited--;
        Debug.Assert(_awaited >= 0, "An answer was counted twice.");
    }

    /// <summary>The connection is ending: it is read to its end.</summary>
    internal void Drain()
    {
        _drains = true;
        ResumeIfAllowed();
    }

    /// <summary>The next connection begins; nobody reads from the one before any more.</summary>
    internal void BeginConnection()
    {
        _drains = false;
        IsPaused = false;
    }

    /// <summary>Returns what the read loop has to wait for before the next frame, or null when it may go on.</summary>
    internal Task? PauseIfNeeded()
    {
        IsPaused = !MayRead;
        if (!IsPaused)
        {
            return null;
        }

        _paused ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _paused.Task;
    }

    /// <summary>Notes that a reader lost its first event of an episode; the read loop logs it once it has left the lock.</summary>
    internal void ReaderLoses(string room) => _loser = room;

    internal string? TakeLoser()
    {
        string? loser = _loser;
        _loser = null;
        return loser;
    }

    private void ResumeIfAllowed()
    {
        if (_paused is { } paused && MayRead)
        {
            _paused = null;
            paused.SetResult();
        }
    }
}
