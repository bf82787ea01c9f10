using System.Threading.Tasks.Sources;

namespace LanChat.Tests.Faults;

/// <summary>The one read, or write, that waits; made once and used again and again.</summary>
internal sealed class WaitingMove : IValueTaskSource<int>, IValueTaskSource
{
    private ManualResetValueTaskSourceCore<int> _core;
    private volatile bool _isWaiting;

    internal bool IsWaiting => _isWaiting;

    internal Memory<byte> Buffer { get; private set; }

    internal ValueTask<int> Begin(Memory<byte> buffer)
    {
        _core.Reset();
        Buffer = buffer;
        _isWaiting = true;
        return new ValueTask<int>(this, _core.Version);
    }

    internal ValueTask BeginVoid()
    {
        _core.Reset();
        _isWaiting = true;
        return new ValueTask(this, _core.Version);
    }

    internal void End() => _isWaiting = false;

    internal void Set(int moved, Exception? failure)
    {
        if (failure is null)
        {
            _core.SetResult(moved);
        }
        else
        {
            _core.SetException(failure);
        }
    }

    public int GetResult(short token) => _core.GetResult(token);

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
