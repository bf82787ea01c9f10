using System.Buffers;
using System.Buffers.Binary;

namespace LanChat.Framing;

/// <summary>Says what the front of a buffer holds.</summary>
internal enum FrameReadStatus
{
    /// <summary>Less than one frame, of a length that is allowed. More bytes are needed.</summary>
    Incomplete,

    /// <summary>A whole frame.</summary>
    Frame,

    /// <summary>A length of 0: not even a type. A protocol violation.</summary>
    ZeroLength,

    /// <summary>A length above max frame. Said as soon as the length word is there, whatever follows.</summary>
    TooLarge,
}

/// <summary>Slices frames off the bytes of a connection, in place: no copy, no allocation, no exception for what a stranger sent.</summary>
/// <remarks>
/// A caller reads until it gets something other than <see cref="FrameReadStatus.Frame"/>. After <see cref="FrameReadStatus.Incomplete"/> it keeps
/// what is left and comes back with more; when no more will come, <see cref="EndsInsideFrame"/> says whether the stream was cut off. The two errors
/// are final: what follows a wrong length cannot be made sense of.
/// </remarks>
internal static class FrameReader
{
    /// <summary>Reads one frame and, only on <see cref="FrameReadStatus.Frame"/>, advances <paramref name="buffer"/> past it.</summary>
    /// <param name="buffer">The bytes received and not yet read.</param>
    /// <param name="maxFrameBytes">The largest length allowed: what the length word says, type and body.</param>
    /// <param name="type">The frame's type, known or not.</param>
    /// <param name="body">What follows the type. It points into <paramref name="buffer"/>.</param>
    public static FrameReadStatus TryRead(ref ReadOnlySpan<byte> buffer, int maxFrameBytes, out FrameType type, out ReadOnlySpan<byte> body)
    {
        type = default;
        body = default;
        FrameReadStatus status = Look(buffer, buffer.Length, maxFrameBytes, out int length);
        if (status == FrameReadStatus.Frame)
        {
            type = (FrameType)buffer[FrameLimits.LengthBytes];
            body = buffer.Slice(FrameLimits.LengthBytes + FrameLimits.TypeBytes, length - FrameLimits.TypeBytes);
            buffer = buffer[(FrameLimits.LengthBytes + length)..];
        }

        return status;
    }

    /// <summary>The same for bytes that may lie in several segments; so may <paramref name="body"/> then: see <see cref="Contiguous"/>.</summary>
    /// <inheritdoc cref="TryRead(ref ReadOnlySpan{byte}, int, out FrameType, out ReadOnlySpan{byte})"/>
    public static FrameReadStatus TryRead(ref ReadOnlySequence<byte> buffer, int maxFrameBytes, out FrameType type, out ReadOnlySequence<byte> body)
    {
        type = default;
        body = default;
        scoped ReadOnlySpan<byte> front = buffer.FirstSpan;
        if (front.Length < FrameLimits.LengthBytes && buffer.Length >= FrameLimits.LengthBytes)
        {
            Span<byte> word = stackalloc byte[FrameLimits.LengthBytes];
            buffer.Slice(0, FrameLimits.LengthBytes).CopyTo(word);
            front = word;
        }

        FrameReadStatus status = Look(front, buffer.Length, maxFrameBytes, out int length);
        if (status == FrameReadStatus.Frame)
        {
            ReadOnlySequence<byte> frame = buffer.Slice(FrameLimits.LengthBytes, length);
            type = (FrameType)frame.FirstSpan[0];
            body = frame.Slice(FrameLimits.TypeBytes);
            buffer = buffer.Slice(frame.End);
        }

        return status;
    }

    /// <summary>Says, when no more bytes will come, whether the stream was cut off inside a frame: an error, never a clean close.</summary>
    /// <param name="rest">What was left when the answer was <see cref="FrameReadStatus.Incomplete"/>.</param>
    public static bool EndsInsideFrame(in ReadOnlySequence<byte> rest) => !rest.IsEmpty;

    /// <summary>Gives a body as one span, as the decoders want it: in place when it lies in one segment, else copied to <paramref name="scratch"/>.</summary>
    /// <param name="body">The body of a frame.</param>
    /// <param name="scratch">Memory for the rare copy, at least as long as the body; max frame always is.</param>
    public static ReadOnlySpan<byte> Contiguous(in ReadOnlySequence<byte> body, Span<byte> scratch)
    {
        if (body.IsSingleSegment)
        {
            return body.FirstSpan;
        }

        body.CopyTo(scratch);
        return scratch[..(int)body.Length];
    }

    private static FrameReadStatus Look(ReadOnlySpan<byte> front, long available, int maxFrameBytes, out int length)
    {
        length = 0;
        if (available < FrameLimits.LengthBytes)
        {
            return FrameReadStatus.Incomplete;
        }

        // Unsigned, and before anything is sliced: 0x80000000 is two gibibytes, not a negative number that passes the check.
        uint word = BinaryPrimitives.ReadUInt32BigEndian(front);
        if (word == 0)
        {
            return FrameReadStatus.ZeroLength;
        }

        if (word > (uint)maxFrameBytes)
        {
            return FrameReadStatus.TooLarge;
        }

        length = (int)word;
        return available - FrameLimits.LengthBytes < word ? FrameReadStatus.Incomplete : FrameReadStatus.Frame;
    }
}
