namespace LanChat.Framing;

/// <summary>The layout that all frames share, and the sizes that more than one frame uses.</summary>
/// <remarks>
/// <code>
///  0               4      5
///  +---------------+------+-----------------------+
///  | length  u32   | type | body (length-1 bytes) |      1 &lt;= length &lt;= max frame
///  +---------------+------+-----------------------+
/// </code>
/// Integers are big-endian. A <c>str8</c> is a length u8 and that many bytes, a <c>str16</c> a length u16 and that many bytes.
/// "Max frame" always bounds the length word, so a frame takes up to four bytes more than it on the wire.
/// </remarks>
internal static class FrameLimits
{
    /// <summary>The length word.</summary>
    public const int LengthBytes = 4;

    /// <summary>The type byte, which the length counts.</summary>
    public const int TypeBytes = 1;

    /// <summary>What stands before the body.</summary>
    public const int HeaderBytes = LengthBytes + TypeBytes;

    /// <summary>Max frame until WELCOME has said another, WELCOME included. Small, so that a stranger can make nobody hold much,
    /// and so that the first byte of a plain connection is 0, by which the port tells frames from text and TLS.</summary>
    public const int HandshakeMaxFrameBytes = 4096;

    /// <summary>The first field of HELLO: "LANC".</summary>
    public const uint Magic = 0x4C414E43;

    /// <summary>The version of the protocol that HELLO and WELCOME state.</summary>
    public const byte Version = 1;

    public const int MaxStr8Bytes = byte.MaxValue;
    public const int MaxStr16Bytes = ushort.MaxValue;

    /// <summary>What a client sends at most to an app as proof of who it is. HELLO has room for it with the longest name.</summary>
    public const int MaxCredentialBytes = 2048;

    public const int TokenBytes = 16;
    public const int NonceBytes = 32;
    public const int ProofBytes = 32;
    public const int ServerIdBytes = 32;
    public const int UdpSecretBytes = 32;
}
