using System.Buffers;

namespace LanChat.Transport;

/// <summary>What a connection did not consume yet, in a pooled array that it holds only while there is something. Loop thread only.</summary>
internal struct HeldBytes
{
    private byte[]? _array;

    internal int Count { get; private set; }

    internal readonly void CopyTo(Span<byte> destination) => _array.AsSpan(0, Count).CopyTo(destination);

    /// <summary>Forgets what was held and keeps <paramref name="rest"/>, which does not lie in this array.</summary>
    internal void Replace(in ReadOnlySequence<byte> rest)
    {
        Count = (int)rest.Length;
        if (_array is not null && (Count == 0 || _array.Length < Count))
        {
            ArrayPool<byte>.Shared.Return(_array);
            _array = null;
        }

        if (Count > 0)
        {
            _array ??= ArrayPool<byte>.Shared.Rent(Count);
            rest.CopyTo(_array);
        }
    }

    internal void Release() => Replace(ReadOnlySequence<byte>.Empty);
}
