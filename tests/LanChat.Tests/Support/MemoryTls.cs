using System.Buffers;
using System.Net.Security;
using LanChat.Transport;

namespace LanChat.Tests.Support;

/// <summary>The client's TLS over a connection in memory, on the test's own thread: what is said goes to the wire at once, what has arrived is read when the test reads.</summary>
internal sealed class MemoryTls
{
    private readonly MemoryDirection _toServer;
    private readonly CiphertextStream _stream = new() { Output = new ArrayBufferWriter<byte>() };
    private readonly SslStream _ssl;
    private readonly Task _handshake;
    private readonly byte[] _scratch = new byte[TlsBuffers.BlockBytes];
    private readonly ArrayBufferWriter<byte> _unsaid = new();
    private TlsReader? _reader;

    // How much of the stream's output the wire has taken.
    private int _flushed;

    internal MemoryTls(MemoryDirection toServer, SslClientAuthenticationOptions options)
    {
        _toServer = toServer;
        _ssl = new SslStream(_stream);
        _handshake = _ssl.AuthenticateAsClientAsync(options);
        Flush();
    }

    internal SslStream Ssl => _ssl;

    internal bool IsOpen => _handshake.IsCompletedSuccessfully;

    /// <summary>Whether the server ended its side as TLS does, before the wire ended.</summary>
    internal bool HeardGoodbye { get; private set; }

    /// <summary>Why the handshake failed.</summary>
    internal Exception? Failure => _handshake.Exception?.InnerException;

    /// <summary>Whether the wire has taken everything so far.</summary>
    internal bool IsFlushed => _stream.Output.WrittenCount == 0;

    /// <summary>Says it, or, before the handshake is over, remembers it.</summary>
    internal void Write(ReadOnlySpan<byte> plaintext)
    {
        _unsaid.Write(plaintext);
        if (IsOpen && _unsaid.WrittenCount > 0)
        {
            Complete(_ssl.WriteAsync(_unsaid.WrittenMemory));
            _unsaid.ResetWrittenCount();
            Flush();
        }
    }

    /// <summary>What would go to the wire for this, for tests that have their own plans with it.</summary>
    internal byte[] Encrypt(ReadOnlySpan<byte> plaintext)
    {
        Complete(_ssl.WriteAsync(plaintext.ToArray()));
        byte[] ciphertext = _stream.Output.WrittenSpan.ToArray();
        _stream.Output.ResetWrittenCount();
        return ciphertext;
    }

    /// <summary>Decrypts what has arrived; the status is the wire's, and becomes that of TLS.</summary>
    internal byte[] Read(byte[] ciphertext, ref LinkStatus status)
    {
        byte[] plaintext = new byte[ciphertext.Length + (2 * TlsBuffers.BlockBytes)];
        int count = 0;
        bool isLast = status != LinkStatus.WouldBlock;
        try
        {
            if (_reader is null)
            {
                _stream.Feed(ciphertext, isLast);
                Flush();
                if (_handshake.IsFaulted)
                {
                    status = LinkStatus.Broken;
                }

                if (!IsOpen)
                {
                    return [];
                }

                ciphertext = _stream.TakeUnread();
                _reader = new TlsReader(_ssl, _stream);
                Write([]);
            }

            LinkStatus read = _reader.Read(ciphertext, isLast: false, _scratch, plaintext, ref count);
            HeardGoodbye |= read == LinkStatus.Ended;
            status = status == LinkStatus.WouldBlock && HeardGoodbye ? LinkStatus.Ended : status;
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
        {
            status = LinkStatus.Broken;
        }

        return plaintext[..count];
    }

    /// <summary>Says goodbye as TLS does.</summary>
    internal void End()
    {
        if (IsOpen)
        {
            Complete(new ValueTask(_ssl.ShutdownAsync()));
            Flush();
        }
    }

    /// <summary>Gives the wire what it takes now; the rest waits for the next time. False: the wire is broken.</summary>
    internal bool Flush()
    {
        bool isWhole = _toServer.TryWrite(_stream.Output.WrittenSpan[_flushed..], out int taken);
        _flushed += taken;
        if (_flushed == _stream.Output.WrittenCount || !isWhole)
        {
            _stream.Output.ResetWrittenCount();
            _flushed = 0;
        }

        return isWhole;
    }

    private static void Complete(ValueTask write)
    {
        if (!write.IsCompleted)
        {
            throw new InvalidOperationException("TLS waited where nothing waits.");
        }

        write.GetAwaiter().GetResult();
    }
}
