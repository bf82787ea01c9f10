using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net.Security;

namespace LanChat.Transport;

/// <summary>One handshake under way: its loop brings ciphertext, turns on the pool compute with it, and what comes out is posted to the loop.</summary>
/// <remarks>
/// The stream and the <see cref="SslStream"/> belong to the turn while there is one, and to the loop from the posted <see cref="TlsLink.Opened"/> on. A turn feeds what has come, which
/// runs the handshake on its own stack to the next wait, or to the end. While no turn is under way a handshake is mere memory: whoever closes it then just drops it.
/// </remarks>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "They pass to the link, or go with Close.")]
internal sealed class TlsHandshake : IThreadPoolWorkItem
{
    /// <summary>How much a caller may send before the handshake is over: a good one sends less than 8 KiB, its first frames included.</summary>
    internal const int MaxBytes = 64 * 1024;

    private readonly TlsLink _link;
    private readonly TlsHandshakes _all;
    private readonly CiphertextStream _stream = new() { Output = new ArrayBufferWriter<byte>() };
    private readonly SslStream _ssl;
    private readonly Lock _gate = new();

    // Under the gate: brought by the loop, taken by the turn, or, when all is over, by the loop.
    private byte[] _arrived = [];
    private int _total;
    private bool _hasEnded;
    private bool _tookEnd;
    private bool _hasTurn;
    private bool _isDone;
    private bool _isClosed;

    // The turn's own.
    private bool _hasStarted;

    internal TlsHandshake(TlsLink link, TlsHandshakes all)
    {
        _link = link;
        _all = all;
        _ssl = new SslStream(_stream, leaveInnerStreamOpen: false);
        Place = new LinkedListNode<TlsHandshake>(this);
    }

    /// <summary>Its place among those that wait for a turn; theirs.</summary>
    internal LinkedListNode<TlsHandshake> Place { get; }

    /// <summary>Loop: what came. False = more than a handshake can have to say.</summary>
    internal bool TryTake(ReadOnlySpan<byte> ciphertext)
    {
        lock (_gate)
        {
            _total += ciphertext.Length;
            if (_total > MaxBytes)
            {
                return false;
            }

            _arrived = [.. _arrived, .. ciphertext];
        }

        AskForTurn();
        return true;
    }

    /// <summary>Loop: nothing more will come.</summary>
    internal void End()
    {
        lock (_gate)
        {
            _hasEnded = true;
        }

        AskForTurn();
    }

    /// <summary>Loop: the link is closed before the handshake was over.</summary>
    internal void Close()
    {
        bool isOurs;
        lock (_gate)
        {
            _isClosed = true;
            isOurs = !_hasTurn;
        }

        if (isOurs || _all.TryWithdraw(this))
        {
            _ssl.Dispose();
        }
    }

    /// <summary>Loop, when it is over: everything that came and was not part of it.</summary>
    internal byte[] TakeRest()
    {
        lock (_gate)
        {
            return [.. _stream.TakeUnread(), .. _arrived];
        }
    }

    /// <summary>A turn.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        while (TryTakeArrived(out byte[] arrived, out bool hasEnded))
        {
            _stream.Feed(arrived, hasEnded);
            if (!_hasStarted)
            {
                _hasStarted = true;
                _ = RunAsync();
            }

            PostOutput(isDone: false);
        }

        _all.Release();
    }

    private void AskForTurn()
    {
        lock (_gate)
        {
            if (_hasTurn || _isDone || _isClosed)
            {
                return;
            }

            _hasTurn = true;
        }

        _all.Request(this);
    }

    private bool TryTakeArrived(out byte[] arrived, out bool hasEnded)
    {
        bool isClosed;
        lock (_gate)
        {
            isClosed = _isClosed;
            arrived = _arrived;
            hasEnded = _hasEnded && !_tookEnd;
            if (!isClosed && !_isDone && (arrived.Length > 0 || hasEnded))
            {
                _arrived = [];
                _tookEnd |= hasEnded;
                return true;
            }

            _hasTurn = false;
        }

        if (isClosed)
        {
            _ssl.Dispose();
        }

        return false;
    }

    private async Task RunAsync()
    {
        string? failure = null;
        try
        {
            await _ssl.AuthenticateAsServerAsync(_all.Options, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Whatever it is, it is the caller's: this link alone ends.
            failure = e.InnerException is { } inner ? $"{e.Message} {inner.Message}" : e.Message;
        }

        // First the last of the output (our Finished, or the alert), then the news: posts keep their order. From then on the loop owns both streams.
        PostOutput(isDone: true);
        _link.Post(static done => done.Link.Opened(done.Ssl, done.Stream, done.Failure), (Link: _link, Ssl: _ssl, Stream: _stream, Failure: failure));
    }

    private void PostOutput(bool isDone)
    {
        byte[] output;
        lock (_gate)
        {
            if (_isDone)
            {
                return;
            }

            _isDone = isDone;
            output = _stream.Output.WrittenSpan.ToArray();
            _stream.Output.ResetWrittenCount();
        }

        if (output.Length > 0)
        {
            _link.Post(static sent => sent.Link.SendHandshake(sent.Output), (Link: _link, Output: output));
        }
    }
}
