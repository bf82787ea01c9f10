using System.Collections.Concurrent;

namespace LanChat.Tests.Support;

/// <summary>Exceptions of tasks that nobody looked at, since this was made. Only for tests that run alone: the runtime does not say whose they are.</summary>
internal sealed class UnobservedExceptions : IDisposable
{
    private readonly ConcurrentQueue<Exception> _found = new();

    internal UnobservedExceptions()
    {
        // What others left behind is found now, and not later in our name.
        ProcessResources.Collect();
        TaskScheduler.UnobservedTaskException += Note;
    }

    /// <summary>Gets them, those of tasks that are garbage by now included.</summary>
    internal IReadOnlyCollection<Exception> Found
    {
        get
        {
            ProcessResources.Collect();
            return _found;
        }
    }

    public void Dispose() => TaskScheduler.UnobservedTaskException -= Note;

    private void Note(object? sender, UnobservedTaskExceptionEventArgs e) => _found.Enqueue(e.Exception);
}
