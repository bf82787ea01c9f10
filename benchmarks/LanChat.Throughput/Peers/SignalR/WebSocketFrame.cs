using System.Buffers;
using System.Buffers.Binary;

namespace LanChat.Throughput;

/// <summary>The opcodes of RFC 6455, section 5.2. From <see cref="Close"/> on they are control frames.</summary>
internal enum WebSocketOpcode : byte
{
    Continuation = 0x0,
    Text = 0x1,
    Binary = 0x2,
    Close = 0x8,
    Ping = 0x9,
    Pong = 0xA,
}

/// <summary>The head of a WebSocket frame (RFC 6455, section 5.2), and the writing of one from a client.</summary>
/// <remarks>
/// <code>
///  0          1              2
///  +-+---+----+-+------------+------------------+----------------+---------+
///  |F|rsv|op 4|M| length 7   | u16 if it is 126 | mask key u32,  | payload |
///  | |   |    | |            | u64 if it is 127 | if M           |         |
///  +-+---+----+-+------------+------------------+----------------+---------+
/// </code>
/// </remarks>
internal readonly record struct WebSocketFrame(WebSocketOpcode Opcode, int HeadBytes, int PayloadBytes)
{
    private const byte FinalBit = 0x80;
    private const byte ReservedBits = 0x70;
    private const byte MaskBit = 0x80;
    private const byte Length16 = 126;
    private const byte Length64 = 127;
    private const int MaskBytes = 4;

    /// <summary>A server sends what it has gathered while the client was slow; it holds far less than this.</summary>
    private const int MaxPayloadBytes = 16 << 20;

    internal bool IsControl => Opcode >= WebSocketOpcode.Close;

    /// <summary>Reads the head of a server's frame; false: it is not whole.</summary>
    internal static bool TryReadHead(ReadOnlySpan<byte> bytes, out WebSocketFrame frame)
    {
        frame = default;
        if (bytes.Length < 2)
        {
            return false;
        }

        // 5.1: a server masks nothing. No extension was asked for, so the reserved bits are 0.
        if ((bytes[0] & ReservedBits) != 0 || (bytes[1] & MaskBit) != 0)
        {
            throw new InvalidDataException($"A WebSocket frame begins with {bytes[0]:X2} {bytes[1]:X2}.");
        }

        int headBytes = HeadBytesFor(bytes[1]);
        if (bytes.Length < headBytes)
        {
            return false;
        }

        ulong length = bytes[1] switch
        {
            Length16 => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            Length64 => BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]),
            byte small => small,
        };
        frame = length <= MaxPayloadBytes
            ? new WebSocketFrame((WebSocketOpcode)(bytes[0] & ~FinalBit), headBytes, (int)length)
            : throw new InvalidDataException($"A WebSocket frame of {length} bytes.");
        return true;
    }

    /// <summary>Gets how long a server's unfragmented frame is.</summary>
    internal static int Measure(int payloadBytes) => HeadBytesFor(LengthByte(payloadBytes)) + payloadBytes;

    /// <summary>Gets how long a client's unfragmented frame is.</summary>
    internal static int MeasureMasked(int payloadBytes) => Measure(payloadBytes) + MaskBytes;

    /// <summary>Writes the head of a client's frame that is whole in itself.</summary>
    internal static void WriteHead(IBufferWriter<byte> output, WebSocketOpcode opcode, int payloadBytes)
    {
        byte lengthByte = LengthByte(payloadBytes);
        int bytes = HeadBytesFor(lengthByte) + MaskBytes;
        Span<byte> head = output.GetSpan(bytes)[..bytes];
        head[0] = (byte)(FinalBit | (byte)opcode);
        head[1] = (byte)(MaskBit | lengthByte);
        if (lengthByte == Length16)
        {
            BinaryPrimitives.WriteUInt16BigEndian(head[2..], (ushort)payloadBytes);
        }
        else if (lengthByte == Length64)
        {
            BinaryPrimitives.WriteUInt64BigEndian(head[2..], (ulong)payloadBytes);
        }

        // 5.3: a client must mask. With a key of zeros the payload stays as it is, and the server has the same to do.
        head[^MaskBytes..].Clear();
        output.Advance(bytes);
    }

    private static int HeadBytesFor(byte lengthByte) => lengthByte switch
    {
        Length16 => 2 + sizeof(ushort),
        Length64 => 2 + sizeof(ulong),
        _ => 2,
    };

    private static byte LengthByte(int payloadBytes) => payloadBytes switch
    {
        < Length16 => (byte)payloadBytes,
        <= ushort.MaxValue => Length16,
        _ => Length64,
    };
}
