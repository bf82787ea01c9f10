using System.Buffers;

namespace LanChat.Transport;

/// <summary>A memory pool of one block, for a pipe that is emptied before it is filled again: it gets the same block each time and nothing is allocated.</summary>
internal sealed class SingleBlockPool : MemoryPool<byte>
{
    private readonly Block _block;

    internal SingleBlockPool(int bytes)
    {
        MaxBufferSize = bytes;
        // Pinned: the kernel writes into it all the time, and a collection need not move 256 KiB.
        _block = new Block(GC.AllocateUninitializedArray<byte>(bytes, pinned: true));
    }

    public override int MaxBufferSize { get; }

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        if (minBufferSize > MaxBufferSize || _block.IsRented)
        {
            throw new InvalidOperationException("The pool has one block, and it is taken or too small.");
        }

        _block.IsRented = true;
        return _block;
    }

    protected override void Dispose(bool disposing)
    {
    }

    private sealed class Block(byte[] array) : IMemoryOwner<byte>
    {
        internal bool IsRented { get; set; }

        public Memory<byte> Memory => array;

        public void Dispose() => IsRented = false;
    }
}
