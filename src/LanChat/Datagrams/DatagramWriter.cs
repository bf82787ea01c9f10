using System.Buffers;
using LanChat.Framing;

namespace LanChat.Datagrams;

/// <summary>Takes one frame and seals it where it lies. Used by one thread at a time.</summary>
/// <remarks>The frame is written with its length word, as every frame is, so that its type lands where the sealed frame begins; the header is then written over the length.</remarks>
internal sealed class DatagramWriter : IBufferWriter<byte>
{
    private const int StartAt = DatagramLayout.FrameAt - FrameLimits.LengthBytes;

    private readonly byte[] _bytes = new byte[DatagramLayout.MaxBytes];
    private int _end = StartAt;

    internal bool IsEmpty => _end == StartAt;

    /// <summary>Makes room for the next frame.</summary>
    internal void Clear() => _end = StartAt;

    public void Advance(int count) => _end += count;

    public Memory<byte> GetMemory(int sizeHint = 0) => _bytes.AsMemory(_end, RoomFor(sizeHint));

    public Span<byte> GetSpan(int sizeHint = 0) => _bytes.AsSpan(_end, RoomFor(sizeHint));

    /// <summary>Seals the frame. What it returns is valid until the next frame.</summary>
    internal ReadOnlySpan<byte> Seal(DatagramKey key, ulong connection, ulong counter)
    {
        Span<byte> datagram = _bytes.AsSpan(0, _end + DatagramLayout.TagBytes);
        DatagramLayout.WriteHeader(datagram, connection, counter);
        key.Seal(datagram);
        Clear();
        return datagram;
    }

    // Who writes here has looked at the length before.
    private int RoomFor(int bytes)
    {
        int room = DatagramLayout.MaxBytes - DatagramLayout.TagBytes - _end;
        return bytes <= room ? room : throw new InvalidOperationException($"A frame of {bytes} bytes does not fit into a datagram.");
    }
}
