using System.Buffers;
using System.Diagnostics;

namespace LanChat.Connections;

/// <summary>What waits to be sent to one connection besides its cursors: answers, rejections, lines. Holds memory only while something waits.
/// Touched only on the connection's loop.</summary>
internal sealed class OutputBuffer : IBufferWriter<byte>
{
    private const int FirstBytes = 1024;

    private byte[]? _array;
    private int _start;
    private int _end;

    /// <summary>Gets how many bytes wait.</summary>
    internal int Count => _end - _start;

    /// <summary>Gets the bytes that wait; valid until the next change.</summary>
    internal ArraySegment<byte> Pending => new(_array ?? [], _start, Count);

    public void Advance(int count)
    {
        Debug.Assert(_array is not null && count >= 0 && _end + count <= _array.Length, "Advanced past the memory that was given.");
        _end += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _array.AsMemory(_end);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _array.AsSpan(_end);
    }

    /// <summary>Puts bytes before those that wait: the rest of a frame that was cut by a partial send.</summary>
    internal void Prepend(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        _array.AsSpan(_start, Count).CopyTo(_array.AsSpan(_start + bytes.Length));
        bytes.CopyTo(_array.AsSpan(_start));
        _end += bytes.Length;
    }

    /// <summary>Takes off bytes that were sent.</summary>
    internal void Consume(int count)
    {
        _start += count;
        if (_start == _end)
        {
            Clear();
        }
    }

    /// <summary>Drops what waits and gives the memory back.</summary>
    internal void Clear()
    {
        if (_array is { } array)
        {
            _array = null;
            ArrayPool<byte>.Shared.Return(array);
        }

        _start = _end = 0;
    }

    private void Reserve(int bytes)
    {
        if (_array is not null && _array.Length - _end >= bytes)
        {
            return;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstBytes, (Count + bytes) * 2));
        if (_array is { } array)
        {
            array.AsSpan(_start, Count).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(array);
        }

        _end = Count;
        _start = 0;
        _array = larger;
    }
}
