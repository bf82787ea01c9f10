namespace LanChat.Transport;

/// <summary>Whether a loop sleeps, and who wakes it: the flag between the loop and those who bring it something from other threads.</summary>
/// <remarks>
/// No wake is lost: who brings something writes it (a push, a full fence), then reads the flag; the loop raises the flag (an exchange, a full fence), then looks whether
/// something was brought. At least one of the two sees the other. Without either fence both reads could run ahead of the writes, both find nothing, and the thing would
/// lie there until the next event. One bringer per sleep takes the flag, so a loop is woken once, not once per thing.
/// </remarks>
internal sealed class SleepFlag
{
    /// <summary>1 from before the loop's last look until it is awake. Set by the loop; cleared by the loop, or by the one bringer who thereby takes on to wake it.</summary>
    private int _isAsleep;

    /// <summary>Loop thread, before its last look at what may have been brought. Full fence, partner: that of the bringer before <see cref="TryTake"/>.</summary>
    internal void Raise()
    {
        Interleave.Point(Access.Change, this);
        Interlocked.Exchange(ref _isAsleep, 1);
    }

    /// <summary>Loop thread, awake again. No fence is needed: it looks at everything that was brought anyway.</summary>
    internal void Lower()
    {
        Interleave.Point(Access.Change, this);
        Volatile.Write(ref _isAsleep, 0);
    }

    /// <summary>Any thread, after it brought something with a full fence: true = the caller wakes the loop, and nobody else does. The plain read spares the exchange while
    /// the loop is awake.</summary>
    internal bool TryTake()
    {
        Interleave.Point(Access.Read, this);
        if (Volatile.Read(ref _isAsleep) == 0)
        {
            return false;
        }

        Interleave.Point(Access.Change, this);
        return Interlocked.Exchange(ref _isAsleep, 0) == 1;
    }
}
