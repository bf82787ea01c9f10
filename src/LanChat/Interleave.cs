using System.Diagnostics;

namespace LanChat;

/// <summary>One access to shared memory, named so that a test can tell which others it may race with.</summary>
internal enum Access
{
    /// <summary>Reads the tail word.</summary>
    ReadTail,

    /// <summary>Adds to, or exchanges, the tail word.</summary>
    ChangeTail,

    /// <summary>Reads <c>End</c>.</summary>
    ReadEnd,

    /// <summary>Reads <c>End</c> when it has been written: the caller spins until then.</summary>
    AwaitEnd,

    /// <summary>Writes <c>End</c>.</summary>
    WriteEnd,

    /// <summary>Reads <c>Next</c>.</summary>
    ReadNext,

    /// <summary>Exchanges <c>Next</c>.</summary>
    LinkNext,

    /// <summary>Reads the length word at an offset.</summary>
    ReadLength,

    /// <summary>Reads the length word at an offset when it has been written: the caller spins until then.</summary>
    AwaitLength,

    /// <summary>Writes the length word at an offset: the commit.</summary>
    WriteLength,

    /// <summary>Reads the committed hint.</summary>
    ReadHint,

    /// <summary>Writes the committed hint.</summary>
    WriteHint,

    /// <summary>Increments the references.</summary>
    AddReference,

    /// <summary>Decrements the references.</summary>
    DropReference,

    /// <summary>Overwrites all of the segment, which must be nobody's any more.</summary>
    Recycle,

    /// <summary>Changes what the pool keeps and counts.</summary>
    Pool,

    /// <summary>Reads a word of an object; the number says which.</summary>
    Read,

    /// <summary>Writes or exchanges a word of an object; the number says which.</summary>
    Change,

    /// <summary>Enters a lock when it is free: the caller waits until then.</summary>
    Lock,

    /// <summary>Enters a lock if it is free.</summary>
    TryLock,
}

/// <summary>
/// Where a test may switch threads: a call stands before each access to memory that threads share without a lock, and before a lock that such accesses
/// happen under; what follows does exactly one of them until the next call.
/// The exhaustive tests hang a scheduler on it and so drive this very code through every order of its steps.
/// In release builds the calls do not exist.
/// </summary>
internal static class Interleave
{
    /// <summary>Called on each step of this thread; null (no test is driving it) lets it run.</summary>
    [ThreadStatic]
    internal static Action<Access, object, int>? Hook;

    [Conditional("DEBUG")]
    internal static void Point(Access access, object where, int offset = 0) => Hook?.Invoke(access, where, offset);

    /// <summary>Before a lock is entered, which <paramref name="access"/> says how.</summary>
    [Conditional("DEBUG")]
    internal static void Enter(Access access, Lock gate)
    {
#pragma warning disable CS9216 // The hook gets the lock as the object that it is, and makes a Lock of it again before it locks.
        Hook?.Invoke(access, gate, 0);
#pragma warning restore CS9216
    }
}
