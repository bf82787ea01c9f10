using System.Buffers;

namespace LanChat.Transport;

/// <summary>Ciphertext on its way to the wire: what the wire does not take is kept in a pooled array and goes out first. Loop thread only.</summary>
/// <remarks>Bounded, because nobody encrypts the next block (<see cref="TlsBuffers.BlockBytes"/>) while something is kept; only what TLS itself says in between, such as the goodbye, comes on top.</remarks>
internal sealed class TlsOutput(Link wire)
{
    private ArraySegment<byte> _kept = ArraySegment<byte>.Empty;
    private bool _endsWhenSent;

    internal bool IsEmpty => _kept.Count == 0;

    /// <summary>Sends after what was kept. Everything is accepted; WouldBlock = the wire is full, and <see cref="SendKept"/> goes on.</summary>
    internal LinkStatus Send(ArraySegment<byte> ciphertext)
    {
        LinkStatus status = LinkStatus.WouldBlock;
        int sent = 0;
        if (IsEmpty)
        {
            status = wire.Send([ciphertext], out sent);
        }

        if (status != LinkStatus.Broken && sent < ciphertext.Count)
        {
            Keep(ciphertext[sent..]);
        }

        return status;
    }

    /// <summary>Ok = nothing is kept any more.</summary>
    internal LinkStatus SendKept()
    {
        LinkStatus status = LinkStatus.Ok;
        if (!IsEmpty)
        {
            status = wire.Send([_kept], out int sent);
            byte[] array = _kept.Array!;
            _kept = _kept[sent..];
            if (IsEmpty)
            {
                ArrayPool<byte>.Shared.Return(array);
                status = status == LinkStatus.Broken ? status : LinkStatus.Ok;
            }
        }

        EndIfSent();
        return status;
    }

    /// <summary>Ends the direction of the wire once everything is with it.</summary>
    internal void EndWhenSent()
    {
        _endsWhenSent = true;
        EndIfSent();
    }

    internal void Release()
    {
        if (!IsEmpty)
        {
            ArrayPool<byte>.Shared.Return(_kept.Array!);
            _kept = ArraySegment<byte>.Empty;
        }
    }

    private void Keep(ReadOnlySpan<byte> rest)
    {
        byte[] array = ArrayPool<byte>.Shared.Rent(_kept.Count + rest.Length);
        _kept.AsSpan().CopyTo(array);
        rest.CopyTo(array.AsSpan(_kept.Count));
        int count = _kept.Count + rest.Length;
        Release();
        _kept = new ArraySegment<byte>(array, 0, count);
    }

    private void EndIfSent()
    {
        if (_endsWhenSent && IsEmpty)
        {
            wire.ShutdownSend();
        }
    }
}
