using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net.Security;

namespace LanChat.Transport;

/// <summary>Reads plaintext from an open <see cref="SslStream"/> without ever waiting for it. Loop thread only.</summary>
/// <remarks>Between two calls a read is under way: one of no bytes ("peek"), so that the stream keeps no buffer, except for half a record. Feeding its ciphertext completes it on this stack.</remarks>
[SuppressMessage("Reliability", "CA2012:Use ValueTasks correctly", Justification = "Each is consumed once, by the loop, as soon as it has completed.")]
internal sealed class TlsReader(SslStream ssl, CiphertextStream stream)
{
    private ValueTask<int> _read;
    private bool _isPeek = true;

    /// <summary>Decrypts all of it, by way of the scratch. Ok = more may come; Ended = the other side said its goodbye, or nothing more comes at all. Throws what <see cref="SslStream"/> does.</summary>
    internal LinkStatus Read(ReadOnlyMemory<byte> ciphertext, bool isLast, Memory<byte> scratch, Span<byte> into, ref int received)
    {
        stream.Feed(ciphertext, isLast);
        while (_read.IsCompleted)
        {
            int count = TakeResult();
            if (_isPeek)
            {
                _isPeek = false;
                _read = ssl.ReadAsync(scratch);
            }
            else if (count == 0)
            {
                _isPeek = true;
                return LinkStatus.Ended;
            }
            else
            {
                scratch.Span[..count].CopyTo(into[received..]);
                received += count;
                _isPeek = true;
                _read = ssl.ReadAsync(Memory<byte>.Empty);
            }
        }

        return LinkStatus.Ok;
    }

    /// <summary>Writes go there from now on. Between two calls, when no scratch is in use.</summary>
    internal void MoveTo(ArrayBufferWriter<byte> output)
    {
        Debug.Assert(_isPeek, "A read into the scratch of another loop would be under way.");
        stream.Output = output;
    }

    /// <summary>Ends the read that is under way, so that it gives back what it holds.</summary>
    internal void Release()
    {
        try
        {
            stream.TakeUnread();
            stream.Feed(default, isLast: true);
            if (_read.IsCompleted)
            {
                TakeResult();
            }
        }
        catch (Exception)
        {
            // It ended inside a record. There is nobody left to tell.
        }
    }

    // Forgotten first: a result is taken once, also when it is an exception.
    private int TakeResult()
    {
        ValueTask<int> read = _read;
        _read = default;
        return read.GetAwaiter().GetResult();
    }
}
