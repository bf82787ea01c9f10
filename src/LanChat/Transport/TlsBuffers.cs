using System.Buffers;

namespace LanChat.Transport;

/// <summary>Memory that the TLS links of one loop take turns with; made when the first of them needs it. Empty between two calls, so an idle link holds nothing of it.</summary>
internal sealed class TlsBuffers
{
    /// <summary>The most plaintext of one record (RFC 8446, 5.1).</summary>
    internal const int RecordBytes = 16 * 1024;

    /// <summary>Bytes of a block: a few full records, so that their headers and tags cost next to nothing, and not more than a link may keep when its wire is full.</summary>
    internal const int BlockBytes = 4 * RecordBytes;

    // TLS 1.2: header 5, nonce 8, tag 16. Room for a few more records than the block has, such as alerts; it would grow.
    private const int OutputBytes = BlockBytes + 1024;

    /// <summary>Where ciphertext is received.</summary>
    internal byte[] Ciphertext => field ??= GC.AllocateUninitializedArray<byte>(BlockBytes);

    /// <summary>What was decrypted, or is about to be encrypted.</summary>
    internal byte[] Plaintext => field ??= GC.AllocateUninitializedArray<byte>(BlockBytes);

    /// <summary>Ciphertext for the wire.</summary>
    internal ArrayBufferWriter<byte> Output => field ??= new ArrayBufferWriter<byte>(OutputBytes);

    /// <summary>Copies from the pieces as much as makes one block, and moves past it: small pieces share full records.</summary>
    internal int FillPlaintext(ref ReadOnlySpan<ArraySegment<byte>> pieces, ref int offset)
    {
        Span<byte> block = Plaintext;
        int count = 0;
        while (!pieces.IsEmpty && count < block.Length)
        {
            ReadOnlySpan<byte> piece = pieces[0].AsSpan(offset);
            int part = Math.Min(piece.Length, block.Length - count);
            piece[..part].CopyTo(block[count..]);
            count += part;
            offset += part;
            if (part == piece.Length)
            {
                pieces = pieces[1..];
                offset = 0;
            }
        }

        return count;
    }
}
