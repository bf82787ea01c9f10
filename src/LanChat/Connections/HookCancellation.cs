using System.Diagnostics.CodeAnalysis;
using LanChat.Diagnostics;
using Microsoft.Extensions.Logging;

namespace LanChat.Connections;

/// <summary>Tells an app's hook that its answer is not wanted any more. What the app does when it hears that is its own code, so it runs on the pool, and what it throws is logged.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "A hook may look at its token for as long as it likes. There is no timer and no handle to release.")]
internal sealed class HookCancellation(Action<IThreadPoolWorkItem> run, ILogger logger) : IThreadPoolWorkItem
{
    private readonly CancellationTokenSource _source = new();
    private bool _isCancelled;

    internal CancellationToken Token => _source.Token;

    /// <summary>Cancels, soon; once.</summary>
    internal void Cancel()
    {
        if (!_isCancelled)
        {
            _isCancelled = true;
            run(this);
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        try
        {
            _source.Cancel();
        }
        catch (AggregateException exception)
        {
            Log.HookCancellationFailed(logger, exception);
        }
    }
}
