using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace LanChat.Transport.Epoll;

/// <summary>Writes pieces of several arrays by one call. The handles that hold the arrays in place are made once and used again and again. One thread at a time.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class GatherWriter : IDisposable
{
    /// <summary>As many as a loop gathers for one send.</summary>
    internal const int MaxPieces = 64;

    private readonly PinnedGCHandle<byte[]>[] _handles = new PinnedGCHandle<byte[]>[MaxPieces];

    internal GatherWriter()
    {
        for (int i = 0; i < _handles.Length; i++)
        {
            _handles[i] = new PinnedGCHandle<byte[]>([]);
        }
    }

    /// <summary>One call for the first <see cref="MaxPieces"/>. The result is that of the call; <paramref name="offered"/> counts the bytes of those pieces.</summary>
    [SkipLocalsInit]
    internal nint Write(int descriptor, ReadOnlySpan<ArraySegment<byte>> pieces, out int offered)
    {
        int count = Math.Min(pieces.Length, MaxPieces);
        Libc.Piece* natives = stackalloc Libc.Piece[MaxPieces];
        offered = 0;
        for (int i = 0; i < count; i++)
        {
            ArraySegment<byte> piece = pieces[i];
            _handles[i].Target = piece.Array!;
            natives[i].Start = (byte*)_handles[i].GetAddressOfArrayData() + piece.Offset;
            natives[i].Count = piece.Count;
            offered += piece.Count;
        }

        nint written = Libc.WriteGathered(descriptor, natives, count);
        for (int i = 0; i < count; i++)
        {
            // Not kept: the arrays belong to whoever sent them.
            _handles[i].Target = [];
        }

        return written;
    }

    public void Dispose()
    {
        foreach (PinnedGCHandle<byte[]> handle in _handles)
        {
            handle.Dispose();
        }
    }
}
