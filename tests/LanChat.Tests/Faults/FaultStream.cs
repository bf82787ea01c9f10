using LanChat.Tests.Support;
using LanChat.Transport;

namespace LanChat.Tests.Faults;

/// <summary>A client's end of a wire, as a stream that moves only when the harness pumps it: so it is known when the client waits for nothing but the harness.</summary>
/// <remarks>A read that has to wait is completed inside <see cref="Pump"/>, on the harness's thread, and the client acts on the bytes before that returns. Everything that is
/// there can be had without waiting. A wait ends with its token, or with the stream.</remarks>
internal sealed class FaultStream : Stream
{
    private readonly Lock _gate = new();
    private readonly MemoryDirection _toServer;
    private readonly MemoryDirection _fromServer;
    private readonly WireTap _tap;
    private readonly WaitingMove _read = new();
    private readonly WaitingMove _write = new();
    private readonly List<CancellationTokenRegistration> _registrations = [];
    private CancellationToken _token;
    private bool _isCancelled;
    private bool _isDisposed;

    internal FaultStream(MemoryClient client, WireTap tap)
    {
        _toServer = client.ToServer;
        _fromServer = client.FromServer;
        _tap = tap;
    }

    /// <summary>Gets or sets whether the client gets nothing, as if its process stood still.</summary>
    internal bool HoldsReads { get; set; }

    internal bool IsReadWaiting => _read.IsWaiting;

    internal bool IsWriteWaiting => _write.IsWaiting;

    /// <summary>Gets whether a write failed: the client knows that the wire is broken.</summary>
    internal bool HasWriteFailed { get; private set; }

    internal bool IsDisposed
    {
        get
        {
            lock (_gate)
            {
                return _isDisposed;
            }
        }
    }

    /// <summary>Gets whether the client has ended its own direction.</summary>
    internal bool IsSendShutDown { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    internal void ShutdownSend()
    {
        lock (_gate)
        {
            IsSendShutDown = true;
        }

        _toServer.End();
    }

    /// <summary>Moves what can be moved now; the client goes on inside. False when there was nothing to move.</summary>
    internal bool Pump() => Complete(_write, TryWriteRest) | (!HoldsReads && Complete(_read, TryRead));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Watch(cancellationToken);
        lock (_gate)
        {
            ThrowIfOver(cancellationToken);
            return !HoldsReads && TryRead(buffer, out int read) ? new(read) : _read.Begin(buffer);
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Watch(cancellationToken);
        lock (_gate)
        {
            ThrowIfOver(cancellationToken);
            _tap.Send(buffer.Span);
            return TryWriteRest(default, out _) ? default : _write.BeginVoid();
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Client code is asynchronous.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Client code is asynchronous.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
        }

        _toServer.End();
        _registrations.ForEach(static registration => registration.Unregister());
        Fail(new ObjectDisposedException(nameof(FaultStream)));
        base.Dispose(disposing);
    }

    private bool TryRead(Memory<byte> into, out int read)
    {
        while (!_tap.TryTakeReceived(into.Span, out read))
        {
            switch (_fromServer.Read(into.Span, out read))
            {
                case LinkStatus.Ok:
                    _tap.Receive(into.Span[..read]);
                    break;
                case LinkStatus.Ended:
                    return true;
                case LinkStatus.Broken:
                    throw new IOException("The connection was reset.");
                default:
                    return false;
            }
        }

        return true;
    }

    private bool TryWriteRest(Memory<byte> unused, out int written)
    {
        written = 0;
        while (_tap.Unsent is { IsEmpty: false } rest)
        {
            if (!_toServer.TryWrite(rest, out int taken))
            {
                HasWriteFailed = true;
                throw new IOException("The connection was reset.");
            }

            _tap.Sent(taken);
            if (taken == 0)
            {
                return false;
            }
        }

        return true;
    }

    private bool Complete(WaitingMove waiting, Move move)
    {
        int moved = 0;
        Exception? failure = null;
        lock (_gate)
        {
            if (!waiting.IsWaiting)
            {
                return false;
            }

            try
            {
                if (!move(waiting.Buffer, out moved))
                {
                    return false;
                }
            }
            catch (IOException exception)
            {
                failure = exception;
            }

            waiting.End();
        }

        // Outside the lock: the client goes on in here.
        waiting.Set(moved, failure);
        return true;
    }

    private delegate bool Move(Memory<byte> buffer, out int moved);

    // A connection has one token for all it does, so that it is watched once and not at each read.
    private void Watch(CancellationToken token)
    {
        lock (_gate)
        {
            if (token == _token || _isDisposed)
            {
                return;
            }

            _token = token;
        }

        _registrations.Add(token.UnsafeRegister(static state => ((FaultStream)state!).Cancel(), this));
    }

    private void Cancel()
    {
        lock (_gate)
        {
            _isCancelled = true;
        }

        Fail(new OperationCanceledException());
    }

    private void Fail(Exception failure)
    {
        foreach (WaitingMove waiting in new[] { _read, _write })
        {
            bool isMine;
            lock (_gate)
            {
                isMine = waiting.IsWaiting;
                waiting.End();
            }

            if (isMine)
            {
                waiting.Set(0, failure);
            }
        }
    }

    private void ThrowIfOver(CancellationToken token)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_isCancelled)
        {
            throw new OperationCanceledException(token);
        }
    }
}
