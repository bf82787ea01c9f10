using System.Buffers;
using System.Net.Sockets;

namespace LanChat.Transport;

/// <summary>The bytes of a send that the kernel did not take at once, in a pooled buffer, sent asynchronously. One at a time per link.</summary>
/// <remarks>The loop's thread fills, starts and finishes it; a pool thread completes it. The buffer must outlive the operation, also when the link is closed meanwhile:
/// whoever comes second, the completion or <see cref="Abandon"/>, returns it to the pool.</remarks>
internal sealed class DeferredSend(Action completed) : SocketAsyncEventArgs(unsafeSuppressExecutionContextFlow: true)
{
    /// <summary>A stalled connection holds this much and no more; a reader that goes on gets this much per event.</summary>
    internal const int MaxBytes = 64 * 1024;

    private const int Idle = 0;
    private const int InFlight = 1;
    private const int Done = 2;
    private const int Abandoned = 3;

    private byte[]? _bytes;

    /// <summary>Exchanged by the completion (to Done) and by Abandon; the exchanges are each other's partners: without them both, or neither, would return the buffer.
    /// Idle and InFlight are written by the loop while no operation is under way.</summary>
    private int _state;

    /// <summary>Between <see cref="Fill"/> and the <see cref="TryFinish"/> that ends it. Loop thread only.</summary>
    internal bool IsPending { get; private set; }

    /// <summary>Copies the pieces from byte <paramref name="skip"/> on, as far as they fit, and returns how many bytes that were.</summary>
    internal int Fill(ReadOnlySpan<ArraySegment<byte>> pieces, int skip)
    {
        _bytes = ArrayPool<byte>.Shared.Rent(MaxBytes);
        int count = 0;
        foreach (ArraySegment<byte> piece in pieces)
        {
            if (skip >= piece.Count)
            {
                skip -= piece.Count;
                continue;
            }

            ReadOnlySpan<byte> rest = piece.AsSpan(skip);
            skip = 0;
            rest = rest[..Math.Min(rest.Length, MaxBytes - count)];
            rest.CopyTo(_bytes.AsSpan(count));
            count += rest.Length;
            if (count == MaxBytes)
            {
                break;
            }
        }

        IsPending = true;
        SetBuffer(_bytes, 0, count);
        return count;
    }

    /// <summary>False = it completed at once and the completion is not reported; <see cref="TryFinish"/> has the result.</summary>
    internal bool TryStart(Socket socket)
    {
        Volatile.Write(ref _state, InFlight);
        if (socket.SendAsync(this))
        {
            return true;
        }

        Volatile.Write(ref _state, Done);
        return false;
    }

    /// <summary>After the completion: WouldBlock = under way again with the rest; else it is over, with this result, and holds nothing.</summary>
    internal SocketError TryFinish(Socket socket)
    {
        while (SocketError == SocketError.Success && BytesTransferred < Count)
        {
            SetBuffer(Offset + BytesTransferred, Count - BytesTransferred);
            if (TryStart(socket))
            {
                return SocketError.WouldBlock;
            }
        }

        _state = Idle;
        IsPending = false;
        ReturnBytes();
        return SocketError;
    }

    /// <summary>The link is closed: nothing is reported any more.</summary>
    internal void Abandon()
    {
        if (Interlocked.Exchange(ref _state, Abandoned) != InFlight)
        {
            ReturnBytes();
        }

        // Takes effect after the operation, if one is under way.
        Dispose();
    }

    protected override void OnCompleted(SocketAsyncEventArgs e)
    {
        if (Interlocked.Exchange(ref _state, Done) == Abandoned)
        {
            ReturnBytes();
        }
        else
        {
            completed();
        }
    }

    private void ReturnBytes()
    {
        if (_bytes is not null)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = null;
        }
    }
}
