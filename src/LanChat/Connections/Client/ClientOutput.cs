using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;

namespace LanChat.Connections.Client;

/// <summary>Where frames wait for the socket: written whole and in order under the Gate, sent by the write loop, all that is there in one
/// go.</summary>
/// <remarks>The pipe itself has no limit, because nobody may wait under the Gate; those who write here have one: <see cref="ClientSends"/> by
/// <see cref="QueuedBytes"/>, joins and leaves by the app that awaits them. Everything is guarded by the Gate but the write loop's own reads.</remarks>
internal sealed class ClientOutput
{
    // A gather of small frames in one segment is one system call.
    private const int SegmentBytes = 16 * 1024;

    private readonly ClientFlow _flow;
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0, resumeWriterThreshold: 0, minimumSegmentSize: SegmentBytes, useSynchronizationContext: false));
    private long _flushedBytes;

    internal ClientOutput(ClientFlow flow)
    {
        _flow = flow;
        LastSent = flow.Time.GetTimestamp();
    }

    /// <summary>Gets where whole frames are written.</summary>
    internal IBufferWriter<byte> Writer => _pipe.Writer;

    /// <summary>Gets the bytes written and not yet taken by the socket.</summary>
    internal long QueuedBytes => _flushedBytes + _pipe.Writer.UnflushedBytes;

    /// <summary>Gets whether frames may still be written; not after BYE.</summary>
    internal bool IsOpen { get; private set; } = true;

    /// <summary>Gets when something was last handed to the write loop.</summary>
    internal long LastSent { get; private set; }

    /// <summary>Hands what was written to the write loop.</summary>
    internal void Flush()
    {
        long bytes = _pipe.Writer.UnflushedBytes;
        if (!IsOpen || bytes == 0)
        {
            return;
        }

        _flushedBytes += bytes;
        LastSent = _flow.Time.GetTimestamp();

        // Complete at once, always: a pipe without a pause threshold never makes its writer wait.
        ValueTask<FlushResult> flushed = _pipe.Writer.FlushAsync();
        Debug.Assert(flushed.IsCompletedSuccessfully, "A flush that waits would overlap the next one.");
    }

    /// <summary>Nothing more will be written: the write loop ends when it has sent what is here.</summary>
    internal void Complete()
    {
        Flush();
        IsOpen = false;
        _pipe.Writer.Complete();
    }

    /// <summary>Sends until <see cref="Complete"/>, or throws what the stream threw.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="onTaken">Called under the Gate each time the stream has taken something.</param>
    /// <param name="cancellationToken">Gives up at once.</param>
    internal async Task WriteAllAsync(Stream stream, Action onTaken, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                ReadResult result = await _pipe.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                foreach (ReadOnlyMemory<byte> piece in result.Buffer)
                {
                    await stream.WriteAsync(piece, cancellationToken).ConfigureAwait(false);
                }

                await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
                long bytes = result.Buffer.Length;
                _pipe.Reader.AdvanceTo(result.Buffer.End);
                lock (_flow.Gate)
                {
                    _flushedBytes -= bytes;
                    onTaken();
                    Flush();
                }

                if (result.IsCompleted)
                {
                    return;
                }
            }
        }
        finally
        {
            await _pipe.Reader.CompleteAsync().ConfigureAwait(false);
        }
    }
}
