namespace LanChat.Transport;

/// <summary>Why a link is ready.</summary>
[Flags]
internal enum LinkEvents
{
    None = 0,

    /// <summary>A receive will give bytes, the end, or the failure.</summary>
    Readable = 1,

    /// <summary>A send that would have blocked may be tried again.</summary>
    Writable = 2,
}

/// <summary>One answer of <see cref="Poller.Wait"/>.</summary>
internal readonly record struct ReadyLink(Link Link, LinkEvents Events);

/// <summary>Tells one loop which of its links are ready: the seam between the loop and the platform.</summary>
/// <remarks>
/// Everything but <see cref="Wake"/> is called by the loop's thread only. A readable link is reported at least once after each receive that may have
/// left something behind; one report is good for one receive. Reports may be stale: a receive or send that then would block is no error.
/// A removed link is not reported by any later <see cref="Wait"/>.
/// </remarks>
internal abstract class Poller : IDisposable
{
    /// <summary>Starts to watch a link.</summary>
    internal abstract void Add(Link link);

    /// <summary>Forgets a link. Called before the link is closed.</summary>
    internal abstract void Remove(Link link);

    /// <summary>Fills <paramref name="ready"/> and returns how many. With <paramref name="block"/> it returns only when there is a ready link or somebody called
    /// <see cref="Wake"/> since the last blocking wait began; without, at once.</summary>
    internal abstract int Wait(Span<ReadyLink> ready, bool block);

    /// <summary>Ends the current blocking <see cref="Wait"/>, or else the next one. Any thread, also after <see cref="Dispose()"/>.</summary>
    internal abstract void Wake();

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
