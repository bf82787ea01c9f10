using LanChat.Tests.Support;
using LanChat.Transport;

namespace LanChat.Tests.Faults;

/// <summary>A client's end of a wire, as a stream that moves only when the harness pumps it: so it is known when the client waits for nothing but the harness.</summary>
/// <remarks>A read that has to wait is completed inside <see cref="Pump"/>, on the harness's thread, and the client acts on the bytes before that returns. Everything that is
/// there can be had without waiting. A wait ends with its token, or with the stream.</remarks>
internal sealed partial class FaultStream : AsyncStream
{
    private readonly Lock _gate = new();
    private readonly MemoryDirection _toServer;
    private readonly MemoryDirection _fromServer;
    private readonly WireTap _tap;
    private readonly MemoryTls? _tls;
    private readonly byte[] _ciphertext = [];
    private readonly WaitingMove _read = new();
    private readonly WaitingMove _write = new();
    private readonly List<CancellationTokenRegistration> _registrations = [];
    private CancellationToken _token;
    private bool _isCancelled;
    private bool _isDisposed;

    /// <param name="client">The client's end of the wire.</param>
    /// <param name="tap">Sees what passes, decrypted.</param>
    /// <param name="isTls">Whether it goes over TLS: the harness's own below the client's frames, the real one at the server.</param>
    internal FaultStream(MemoryClient client, WireTap tap, bool isTls)
    {
        _toServer = client.ToServer;
        _fromServer = client.FromServer;
        _tap = tap;
        if (isTls)
        {
            _ciphertext = new byte[4096];
            _tls = new MemoryTls(client.ToServer, TestIdentity.ClientOptions());
        }
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

    internal void ShutdownSend()
    {
        lock (_gate)
        {
            IsSendShutDown = true;
            if (!_isDisposed)
            {
                _tls?.End();
            }
        }

        _toServer.End();
    }

    /// <summary>Moves what can be moved now; the client goes on inside. False when there was nothing to move.</summary>
    internal bool Pump() => FlushHandshake() | Complete(_write, TryWriteRest) | (!HoldsReads && Complete(_read, TryRead));

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

        // Nobody reads or writes any more.
        lock (_gate)
        {
            _tls?.Ssl.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool TryRead(Memory<byte> into, out int read)
    {
        while (!_tap.TryTakeReceived(into.Span, out read))
        {
            switch (_tls is null ? Receive(into.Span, out read) : ReceiveTls(_tls))
            {
                case LinkStatus.Ok:
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

    private LinkStatus Receive(Span<byte> into, out int read)
    {
        LinkStatus status = _fromServer.Read(into, out read);
        _tap.Receive(into[..read]);
        return status;
    }

    private bool TryWriteRest(Memory<byte> unused, out int written)
    {
        written = 0;
        if (_tls is not null)
        {
            return TryWriteRestTls(_tls);
        }

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
