using System.Buffers;
using System.Threading.Tasks.Sources;

namespace LanChat.Transport;

/// <summary>What an <see cref="System.Net.Security.SslStream"/> has for a wire: ciphertext that somebody feeds in, and an output that somebody takes from.</summary>
/// <remarks>
/// One read at a time; while it waits, <see cref="Feed"/> completes it on the caller's stack, so that whoever feeds has the plaintext when the call returns. Writes always
/// complete at once. Nothing is allocated per read or write. One thread at a time; no buffer of its own.
/// </remarks>
internal sealed class CiphertextStream : Stream, IValueTaskSource<int>
{
    private ManualResetValueTaskSourceCore<int> _read;
    private Memory<byte> _wanted;
    private bool _isWaiting;

    // What was fed and not read yet. While a read waits there is none.
    private ReadOnlyMemory<byte> _unread;
    private bool _hasEnded;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Gets or sets where writes go. Whoever takes from it also empties it.</summary>
    internal required ArrayBufferWriter<byte> Output { get; set; }

    /// <summary>Gives bytes to read; they stay the caller's and may change as soon as they are read. After the last of them reads give 0.
    /// Nothing is touched after the read has completed: whoever waited for it may have passed the stream on.</summary>
    internal void Feed(ReadOnlyMemory<byte> bytes, bool isLast)
    {
        if (!_unread.IsEmpty)
        {
            throw new InvalidOperationException("What was fed before is not read yet.");
        }

        _unread = bytes;
        _hasEnded |= isLast;
        CompleteRead();
    }

    /// <summary>Takes back what was not read.</summary>
    internal byte[] TakeUnread()
    {
        byte[] unread = _unread.ToArray();
        _unread = default;
        return unread;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_unread.IsEmpty || _hasEnded)
        {
            return ValueTask.FromResult(Take(buffer.Span));
        }

        _read.Reset();
        _wanted = buffer;
        _isWaiting = true;
        return new ValueTask<int>(this, _read.Version);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Output.Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("No synchronous I/O.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("No synchronous I/O.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    int IValueTaskSource<int>.GetResult(short token) => _read.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _read.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token, flags);

    private void CompleteRead()
    {
        if (_isWaiting && (!_unread.IsEmpty || _hasEnded))
        {
            _isWaiting = false;
            int taken = Take(_wanted.Span);
            _wanted = default;
            _read.SetResult(taken);
        }
    }

    private int Take(Span<byte> into)
    {
        int count = Math.Min(into.Length, _unread.Length);
        _unread.Span[..count].CopyTo(into);
        _unread = _unread[count..];
        return count;
    }
}
