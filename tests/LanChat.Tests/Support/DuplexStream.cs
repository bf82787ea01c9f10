using System.IO.Pipelines;

namespace LanChat.Tests.Support;

/// <summary>One end of an in-memory connection: reads from one pipe, writes to another. Nothing but what the code under test uses.</summary>
internal sealed class DuplexStream(PipeReader input, PipeWriter output) : AsyncStream
{
    private readonly Stream _input = input.AsStream();
    private readonly Stream _output = output.AsStream();
    private readonly Lock _gate = new();
    private readonly List<(long Bytes, TaskCompletionSource Reached)> _waiting = [];
    private long _bytesRead;
    private bool _isAskingForMore;
    private int _isDisposed;

    /// <summary>Gets or sets what every write from now on fails with; null for none.</summary>
    public IOException? WriteError { get; set; }

    public bool IsDisposed => Volatile.Read(ref _isDisposed) != 0;

    /// <summary>Gets how many bytes the code under test has read.</summary>
    public long BytesRead
    {
        get
        {
            lock (_gate)
            {
                return _bytesRead;
            }
        }
    }

    /// <summary>Completes when the code under test has read that many bytes in all and asks for more, or has gone: it has acted on them.</summary>
    public Task WhenActedAsync(long bytes)
    {
        lock (_gate)
        {
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((bytes, reached));
            CompleteReached();
            return reached.Task;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ValueTask<int> reading = _input.ReadAsync(buffer, cancellationToken);
        if (!reading.IsCompleted)
        {
            lock (_gate)
            {
                _isAskingForMore = true;
                CompleteReached();
            }
        }

        int read = await reading.ConfigureAwait(false);
        lock (_gate)
        {
            _bytesRead += read;
            _isAskingForMore = false;
        }

        return read;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        WriteError is { } error ? ValueTask.FromException(error) : _output.WriteAsync(buffer, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => _output.FlushAsync(cancellationToken);

    public override void Flush() => throw new NotSupportedException("No synchronous I/O.");

    public override ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            // A write that waits for the reader waits no longer, as on a socket.
            output.CancelPendingFlush();
            input.Complete();
            output.Complete();
            lock (_gate)
            {
                CompleteReached();
            }
        }

        return base.DisposeAsync();
    }

    private void CompleteReached()
    {
        foreach ((_, TaskCompletionSource reached) in _waiting.Where(w => IsDisposed || (_isAskingForMore && w.Bytes <= _bytesRead)))
        {
            reached.TrySetResult();
        }
    }
}
