using System.Buffers;

namespace LanChat.Framing;

/// <summary>One frame of the protocol: a view of bytes received, or of values about to be written. It owns nothing.</summary>
/// <remarks>Texts and names are raw UTF-8 and are not validated here. A fixed-size field (token, nonce, ...) that is left empty is written as zeros.</remarks>
/// <typeparam name="TSelf">The frame itself.</typeparam>
internal interface IFrame<TSelf>
    where TSelf : struct, IFrame<TSelf>, allows ref struct
{
    /// <summary>Gets the byte that stands for this frame on the wire.</summary>
    static abstract FrameType Type { get; }

    /// <summary>Decodes what followed the type byte. False means malformed: shorter than its fields; then nothing in <paramref name="frame"/> counts.
    /// Bytes after the known fields are ignored, for a newer sender may have added some.</summary>
    /// <param name="body">The bytes after the type; the frame's spans point into them.</param>
    /// <param name="frame">The frame.</param>
    static abstract bool TryDecode(ReadOnlySpan<byte> body, out TSelf frame);

    /// <summary>Writes the whole frame, length and type included. A field that does not fit its length prefix is a defect of the caller and throws
    /// before anything is advanced.</summary>
    /// <param name="output">Where the frame goes.</param>
    void WriteTo(IBufferWriter<byte> output);
}
