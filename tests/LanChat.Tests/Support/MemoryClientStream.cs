using LanChat.Transport;

namespace LanChat.Tests.Support;

/// <summary>A <see cref="MemoryClient"/> as a stream, as a socket's would be: reads wait for bytes, writes wait for room, a reset is an <see cref="IOException"/>.</summary>
internal sealed class MemoryClientStream : AsyncStream
{
    private readonly MemoryClient _client;
    private readonly SemaphoreSlim _readable = new(0);
    private readonly SemaphoreSlim _writable = new(0);
    private bool _isDisposed;

    internal MemoryClientStream(MemoryClient client)
    {
        _client = client;
        client.FromServer.Changed += OnReadable;
        client.ToServer.Changed += OnWritable;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            switch (_client.FromServer.Read(buffer.Span, out int read))
            {
                case LinkStatus.Ok:
                    return read;
                case LinkStatus.Ended:
                    return 0;
                case LinkStatus.Broken:
                    throw new IOException("The connection was reset.");
            }

            if (buffer.IsEmpty && _client.FromServer.IsReadable)
            {
                return 0;
            }

            await _readable.WaitAsync(cancellationToken);
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!_client.ToServer.TryWrite(buffer.Span, out int taken))
            {
                throw new IOException("The connection was reset.");
            }

            buffer = buffer[taken..];
            if (taken == 0)
            {
                await _writable.WaitAsync(cancellationToken);
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isDisposed)
        {
            _isDisposed = true;
            _client.FromServer.Changed -= OnReadable;
            _client.ToServer.Changed -= OnWritable;
            _client.ToServer.End();
            // A read that waits finds out.
            _readable.Release();
            _writable.Release();
        }

        base.Dispose(disposing);
    }

    private void OnReadable() => ReleaseOnce(_readable);

    private void OnWritable() => ReleaseOnce(_writable);

    /// <summary>One token is enough: who takes it looks again. Two at once from two threads cost one needless look.</summary>
    private static void ReleaseOnce(SemaphoreSlim semaphore)
    {
        if (semaphore.CurrentCount == 0)
        {
            semaphore.Release();
        }
    }
}
