using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Runtime.InteropServices;

namespace LanChat.Transport;

/// <summary>TLS over another link: plaintext for the connection, ciphertext for the wire.</summary>
/// <remarks>
/// <para>The poller goes on watching the link below (<see cref="Watched"/>). While the handshake is under way (<see cref="TlsHandshake"/>) the loop only carries ciphertext, and the connection neither
/// sends nor gets anything; then <see cref="LoopConnection.OnSecured"/> is called, and what had arrived by then is received at once, for no report of the poller will tell of it.</para>
/// <para>Once open, everything runs on the loop, at once and in the loop's buffers (<see cref="TlsBuffers"/>): an idle link holds what its <see cref="SslStream"/> does, and no buffer.</para>
/// <para>Whatever the <see cref="SslStream"/> throws breaks the link; <see cref="Failure"/> says what it was. A caller that ends its direction without TLS' own goodbye is not broken: many do,
/// and whether it was a goodbye, or inside a frame, is seen one level up.</para>
/// </remarks>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Close releases them; a link has one way to end.")]
internal sealed class TlsLink : Link
{
    private readonly Link _inner;
    private readonly LoopConnection _connection;
    private TlsBuffers _buffers;
    private readonly TlsOutput _output;

    /// <summary>Null when the handshake is over; from then on there are <see cref="_ssl"/> and <see cref="_reader"/>.</summary>
    private TlsHandshake? _handshake;

    private SslStream? _ssl;
    private TlsReader? _reader;

    /// <summary>Ciphertext that came behind the handshake. Until the first receive has decrypted it, empty or not: the <see cref="SslStream"/> may have read more of it already.</summary>
    private byte[]? _early;

    /// <summary>Nothing more comes from the link below.</summary>
    private bool _hasInnerEnded;

    /// <summary>Ok while there may be more to receive.</summary>
    private LinkStatus _status = LinkStatus.Ok;

    private bool _saidGoodbye;
    private bool _isClosed;

    /// <param name="inner">The link below.</param>
    /// <param name="connection">Whose link it is.</param>
    /// <param name="handshakes">The handshakes of the server.</param>
    /// <param name="buffers">The loop's.</param>
    internal TlsLink(Link inner, LoopConnection connection, TlsHandshakes handshakes, TlsBuffers buffers)
        : base(inner.Caller)
    {
        _inner = inner;
        _connection = connection;
        _buffers = buffers;
        _output = new TlsOutput(inner);
        _handshake = new TlsHandshake(this, handshakes);
    }

    internal override Link Watched => _inner;

    internal override bool IsSending => !_output.IsEmpty || _inner.IsSending;

    /// <summary>What broke the link, in the words of the TLS library; empty while nothing did.</summary>
    internal string Failure { get; private set; } = "";

    private bool IsBroken => _status == LinkStatus.Broken;

    /// <summary>Begins with what was received on the link below. Broken = that is too much already.</summary>
    internal LinkStatus Start(in ReadOnlySequence<byte> first) => TakeForHandshake(first.ToArray());

    internal override LinkStatus Receive(Span<byte> into, out int received)
    {
        received = 0;
        if (_status != LinkStatus.Ok)
        {
            return _status;
        }

        ReadOnlyMemory<byte> ciphertext = _early;
        if (_early is not null)
        {
            _early = null;
        }
        else if (!_hasInnerEnded)
        {
            // All that it decrypts to must fit in, with a record that was half here before.
            int most = Math.Min(TlsBuffers.BlockBytes, into.Length - (2 * TlsBuffers.RecordBytes));
            LinkStatus status = _inner.Receive(_buffers.Ciphertext.AsSpan(0, most), out int count);
            if (status == LinkStatus.Broken)
            {
                return Break("the connection was reset");
            }

            if (status == LinkStatus.WouldBlock)
            {
                return status;
            }

            _hasInnerEnded = status == LinkStatus.Ended;
            ciphertext = _buffers.Ciphertext.AsMemory(0, count);
        }

        return _handshake is null ? Decrypt(ciphertext, into, out received) : TakeForHandshake(ciphertext.Span);
    }

    internal override LinkStatus Send(ReadOnlySpan<ArraySegment<byte>> pieces, out int sent)
    {
        sent = 0;
        int offset = 0;
        LinkStatus status = IsBroken ? LinkStatus.Broken : _output.IsEmpty ? LinkStatus.Ok : LinkStatus.WouldBlock;
        while (status == LinkStatus.Ok && !pieces.IsEmpty)
        {
            int count = _buffers.FillPlaintext(ref pieces, ref offset);
            status = Encrypt(count);
            sent += status == LinkStatus.Broken ? 0 : count;
        }

        return status;
    }

    internal override bool TrySendKept()
    {
        LinkStatus status = _output.SendKept();
        if (status == LinkStatus.Broken)
        {
            Break("the connection was reset");
        }

        return status != LinkStatus.WouldBlock;
    }

    internal override void ShutdownSend()
    {
        SayGoodbye();
        _output.EndWhenSent();
    }

    internal override void Close(bool reset)
    {
        _isClosed = true;
        if (!reset && !IsSending)
        {
            SayGoodbye();
        }

        _inner.Close(reset || !_output.IsEmpty);
        _output.Release();
        _handshake?.Close();
        _reader?.Release();
        _ssl?.Dispose();
    }

    /// <summary>Loop: its connection has come to another loop, and takes turns with that one's memory from now on.</summary>
    internal void MoveTo(TlsBuffers buffers)
    {
        _buffers = buffers;
        _reader?.MoveTo(buffers.Output);
    }

    /// <summary>Any thread: does this on the link's loop. Not at all when that has stopped, which has closed the link.</summary>
    internal void Post<T>(Action<T> work, T state) => _connection.Loop.Post(work, state);

    /// <summary>Loop: the handshake has something to say.</summary>
    internal void SendHandshake(byte[] output)
    {
        if (!_isClosed && _output.Send(output) == LinkStatus.Broken)
        {
            Break("the connection was reset");
        }
    }

    /// <summary>Loop: the handshake is over, well or not.</summary>
    internal void Opened(SslStream ssl, CiphertextStream stream, string? failure)
    {
        if (_isClosed)
        {
            // The handshake was closed with the link and disposes its streams itself.
            return;
        }

        _early = _handshake!.TakeRest();
        _handshake = null;
        stream.Output = _buffers.Output;
        _ssl = ssl;
        _reader = new TlsReader(ssl, stream);
        if (failure is not null)
        {
            Break(failure);
        }

        _connection.Loop.Arrivals.Opened(_connection, isSecured: failure is null);
    }

    private LinkStatus TakeForHandshake(ReadOnlySpan<byte> ciphertext)
    {
        if (_hasInnerEnded)
        {
            _handshake!.End();
            return LinkStatus.WouldBlock;
        }

        return _handshake!.TryTake(ciphertext) ? LinkStatus.WouldBlock : Break("too many bytes before the end of the handshake");
    }

    private LinkStatus Decrypt(ReadOnlyMemory<byte> ciphertext, Span<byte> into, out int received)
    {
        received = 0;
        try
        {
            _status = _reader!.Read(ciphertext, _hasInnerEnded, _buffers.Plaintext, into, ref received);
        }
        catch (Exception e)
        {
            Break(e.Message);
        }

        // Reading may have made TLS say something too, such as an alert.
        SendOutput();
        if (received == 0)
        {
            return _status == LinkStatus.Ok ? LinkStatus.WouldBlock : _status;
        }

        if (_status != LinkStatus.Ok)
        {
            // The end came in the same bytes; no report will tell of it.
            Post(static end => end.Link.ReceiveEnd(end.Loop), (Link: this, _connection.Loop));
        }

        return LinkStatus.Ok;
    }

    // A connection that has moved on meanwhile is received from over there.
    private void ReceiveEnd(EventLoop loop) =>
        (_connection.Loop == loop ? loop.Arrivals : null)?.Dispatch(new ReadyLink(Watched, LinkEvents.Readable));

    private LinkStatus Encrypt(int count)
    {
        try
        {
            Completed(_ssl!.WriteAsync(_buffers.Plaintext.AsMemory(0, count)));
        }
        catch (Exception e)
        {
            return Break(e.Message);
        }

        return SendOutput();
    }

    private void SayGoodbye()
    {
        if (_ssl is null || IsBroken || _saidGoodbye)
        {
            return;
        }

        _saidGoodbye = true;
        try
        {
            Completed(new ValueTask(_ssl.ShutdownAsync()));
            SendOutput();
        }
        catch (Exception e)
        {
            Break(e.Message);
        }
    }

    private LinkStatus SendOutput()
    {
        ArrayBufferWriter<byte> output = _buffers.Output;
        if (output.WrittenCount == 0)
        {
            return LinkStatus.Ok;
        }

        LinkStatus status = MemoryMarshal.TryGetArray(output.WrittenMemory, out ArraySegment<byte> bytes) ? _output.Send(bytes) : LinkStatus.Broken;
        output.ResetWrittenCount();
        return status == LinkStatus.Broken ? Break("the connection was reset") : status;
    }

    private LinkStatus Break(string why)
    {
        Failure = Failure.Length > 0 ? Failure : why;
        return _status = LinkStatus.Broken;
    }

    /// <summary>A write completes at once, because the stream below it does.</summary>
    private static void Completed(ValueTask write)
    {
        if (!write.IsCompleted)
        {
            throw new InvalidOperationException("TLS waited where nothing waits.");
        }

        write.GetAwaiter().GetResult();
    }
}
