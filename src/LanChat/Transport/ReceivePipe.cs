using System.IO.Pipelines;

namespace LanChat.Transport;

/// <summary>The loop's pipe: bytes go in from a link and come out as a sequence for its connection. Empty between two connections. Loop thread only.</summary>
/// <remarks>A connection has no pipe and no buffer of its own; it holds an array only while it has half a frame (<see cref="HeldBytes"/>), which is copied in front of its
/// next bytes, so that frames are contiguous. One block is used again and again; a receive allocates nothing.</remarks>
internal sealed class ReceivePipe
{
    /// <summary>How much one receive may take. Measured with a thousand messages under way: 64 KiB blocks cost a third of the throughput.</summary>
    internal const int BlockBytes = 256 * 1024;

    /// <summary>How much a connection may leave unconsumed and still receive: at least the other half of the block is room for new bytes.</summary>
    internal const int MaxHeldBytes = BlockBytes / 2;

    // Never pauses (threshold 0): a flush always completes at once, because the reader below it empties the pipe.
    private readonly Pipe _pipe = new(new PipeOptions(new SingleBlockPool(BlockBytes), PipeScheduler.Inline, PipeScheduler.Inline,
        pauseWriterThreshold: 0, resumeWriterThreshold: 0, minimumSegmentSize: BlockBytes, useSynchronizationContext: false));

    /// <summary>One receive, and, if it gave bytes, one <see cref="LoopConnection.OnReceived"/>.</summary>
    internal LinkStatus ReceiveOnce(LoopConnection connection)
    {
        int held = connection.Held.Count;
        if (held > MaxHeldBytes)
        {
            throw new InvalidOperationException($"The connection left {held} bytes unconsumed; frames longer than {MaxHeldBytes} bytes must be refused by their length.");
        }

        Span<byte> block = _pipe.Writer.GetSpan(BlockBytes);
        connection.Held.CopyTo(block);
        LinkStatus status = connection.Link.Receive(block[held..], out int received);
        if (status == LinkStatus.Ok)
        {
            Deliver(connection, held + received);
        }

        return status;
    }

    /// <summary>One <see cref="LoopConnection.OnReceived"/> with what the connection left unconsumed on the loop that it came from.</summary>
    internal void Redeliver(LoopConnection connection)
    {
        int held = connection.Held.Count;
        if (held > 0)
        {
            connection.Held.CopyTo(_pipe.Writer.GetSpan(BlockBytes));
            Deliver(connection, held);
        }
    }

    private void Deliver(LoopConnection connection, int bytes)
    {
        _pipe.Writer.Advance(bytes);
        ValueTask<FlushResult> flush = _pipe.Writer.FlushAsync();
        if (!flush.IsCompletedSuccessfully || !_pipe.Reader.TryRead(out ReadResult read))
        {
            throw new InvalidOperationException("The loop's pipe is empty between two receives and never pauses.");
        }

        try
        {
            SequencePosition consumed = connection.OnReceived(read.Buffer);
            connection.Held.Replace(read.Buffer.Slice(consumed));
        }
        finally
        {
            // Also when the connection failed: the next one must not find its bytes.
            _pipe.Reader.AdvanceTo(read.Buffer.End);
        }
    }
}
