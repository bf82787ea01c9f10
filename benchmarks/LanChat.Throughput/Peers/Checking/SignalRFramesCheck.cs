using System.Buffers.Binary;
using System.Text;

namespace LanChat.Throughput;

/// <summary>What a server may do with WebSocket frames and this one rarely or never does: all lengths, fragments, control frames in between, records across frames.</summary>
internal static class SignalRFramesCheck
{
    private const string Answer = "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    private const byte Final = 0x80;

    /// <summary>Gives what went wrong, or null.</summary>
    internal static string? Run()
    {
        string[] sent = ["short", new('m', 300), "in-two-frames", "in-three-fragments", new('l', 70_000), "with", "others", "last"];
        byte[] stream =
        [
            .. Encoding.ASCII.GetBytes(Answer),
            .. Frame(WebSocketOpcode.Text, "{}\x1e"),
            .. Frame(WebSocketOpcode.Text, "{\"type\":1,\"target\":\"Joined\",\"arguments\":[\"room\"]}\x1e"),
            .. Frame(WebSocketOpcode.Text, Record(sent[0])),
            .. Frame(WebSocketOpcode.Text, Record(sent[1])),
            .. Frame(WebSocketOpcode.Text, Record(sent[2])[..20]),
            .. Frame(WebSocketOpcode.Text, Record(sent[2])[20..]),
            .. Frame(WebSocketOpcode.Text, Record(sent[3])[..10], isFinal: false),
            .. Frame(WebSocketOpcode.Ping, "are you there"),
            .. Frame(WebSocketOpcode.Continuation, "", isFinal: false),
            .. Frame(WebSocketOpcode.Continuation, Record(sent[3])[10..]),
            .. Frame(WebSocketOpcode.Text, Record(sent[4])),
            .. Frame(WebSocketOpcode.Text, "{\"type\":6}\x1e" + Record(sent[5]) + Record(sent[6])),
            .. Frame(WebSocketOpcode.Pong, ""),
            .. Frame(WebSocketOpcode.Text, Record(sent[7])),
        ];

        foreach (int piece in new[] { 1, 2, 3, 7, 1000, stream.Length })
        {
            var wire = new SignalRWire("room", receives: true);
            var received = new Received();
            int taken = 0;
            for (int end = 0; end < stream.Length;)
            {
                end = Math.Min(end + piece, stream.Length);
                taken += wire.Parse(stream.AsSpan(taken, end - taken), received);
            }

            if (taken != stream.Length || !wire.IsReady || !received.Texts.SequenceEqual(sent) || wire.PendingReply != WebSocketFrame.MeasureMasked("are you there".Length))
            {
                return $"in pieces of {piece}: {received.Texts.Count} of {sent.Length} messages, {taken} of {stream.Length} bytes, {wire.PendingReply} bytes to answer";
            }
        }

        return null;
    }

    private static string Record(string text) => $"{{\"type\":1,\"target\":\"Text\",\"arguments\":[\"{text}\"]}}\x1e";

    private static byte[] Frame(WebSocketOpcode opcode, string payload, bool isFinal = true)
    {
        byte[] frame = new byte[WebSocketFrame.Measure(payload.Length)];
        int headBytes = frame.Length - payload.Length;
        frame[0] = (byte)((isFinal ? Final : 0) | (int)opcode);
        switch (headBytes)
        {
            case 2:
                frame[1] = (byte)payload.Length;
                break;
            case 4:
                frame[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
                break;
            default:
                frame[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(frame.AsSpan(2), (ulong)payload.Length);
                break;
        }

        Encoding.ASCII.GetBytes(payload, frame.AsSpan(headBytes));
        return frame;
    }

    private sealed class Received : IDeliveries
    {
        internal List<string> Texts { get; } = [];

        public void Delivered(ReadOnlySpan<byte> payload) => Texts.Add(Encoding.ASCII.GetString(payload));
    }
}
