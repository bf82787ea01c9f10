using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;

namespace LanChat.Throughput;

/// <summary>mosquitto, at most once (QoS 0), without persistence.</summary>
internal sealed class MosquittoContestant : Contestant
{
    /// <summary>By default what a slow client is behind by more than 1,000 messages is dropped in silence, QoS 0 included. 0 would mean no limit, but several
    /// versions of 2.0 then drop everything (github.com/eclipse-mosquitto/mosquitto, issues 1956 and 2879).</summary>
    private const int MaxQueuedMessages = 1_000_000_000;

    internal override string Name => "mosquitto";

    internal override string? WhyNot => Programs.WhyNot("mosquitto", "mosquitto");

    internal override ProcessStartInfo Server(int port, int loops, string directory)
    {
        string configuration = Path.Combine(directory, "mosquitto.conf");

        // Without set_tcp_nodelay a message waits until the client's system has acknowledged the one before, up to 40 ms.
        File.WriteAllLines(configuration,
        [
            $"listener {port} 127.0.0.1", "allow_anonymous true", "persistence false", "set_tcp_nodelay true", $"max_queued_messages {MaxQueuedMessages}",
            "log_dest stderr", "log_type error", "log_type warning",
        ]);
        return new ProcessStartInfo(Programs.Find("mosquitto")!, ["-c", configuration]);
    }

    internal override Wire NewWire(string room, bool receives) => new MqttWire(room, receives);

    /// <summary>MQTT 3.1.1 (OASIS Standard, 29 October 2014); the numbers of its sections are with what they say.</summary>
    private sealed class MqttWire(string room, bool receives) : Wire
    {
        // 2.2.1: type of a control packet and its flags, which are fixed but for PUBLISH. A PUBLISH without flags is QoS 0, neither duplicate nor retained (3.3.1).
        private const byte Connect = 0x10;
        private const byte ConnAck = 0x20;
        private const byte Publish = 0x30;
        private const byte Subscribe = 0x82;
        private const byte SubAck = 0x90;

        /// <summary>2.2.3: the remaining length takes at most this many bytes.</summary>
        private const int MaxLengthBytes = 4;

        // 3.3.2.1: the topic name with its length; at QoS 0 the payload follows at once.
        private readonly byte[] _topic = [(byte)(room.Length >> 8), (byte)room.Length, .. Encoding.ASCII.GetBytes(room)];

        internal override void WriteHello(IBufferWriter<byte> output)
        {
            // 3.1: "MQTT", level 4, clean session, keep alive 0 (never asked), client id empty: the server makes one (3.1.3.1). More may follow at once (3.1.4).
            output.Write((ReadOnlySpan<byte>)[Connect, 12, 0, 4, (byte)'M', (byte)'Q', (byte)'T', (byte)'T', 4, 2, 0, 0, 0, 0]);
            if (receives)
            {
                // 3.8: packet identifier 1, one topic filter, QoS 0.
                output.Write((ReadOnlySpan<byte>)[Subscribe, checked((byte)(2 + _topic.Length + 1)), 0, 1, .. _topic, 0]);
            }
        }

        internal override void WriteMessage(IBufferWriter<byte> output, ReadOnlySpan<byte> payload)
        {
            Span<byte> head = output.GetSpan(1 + MaxLengthBytes);
            head[0] = Publish;
            int rest = _topic.Length + payload.Length;
            int bytes = 1;
            for (; rest > 0x7F; rest >>= 7)
            {
                head[bytes++] = (byte)(rest | 0x80);
            }

            head[bytes++] = (byte)rest;
            output.Advance(bytes);
            output.Write(_topic);
            output.Write(payload);
        }

        internal override int DeliveredBytes(int payloadBytes)
        {
            int rest = _topic.Length + payloadBytes;
            int lengthBytes = 1;
            for (int more = rest >> 7; more > 0; more >>= 7)
            {
                lengthBytes++;
            }

            return 1 + lengthBytes + rest;
        }

        internal override int Parse(ReadOnlySpan<byte> bytes, IDeliveries sink)
        {
            int taken = 0;
            while (TryReadLength(bytes[taken..], out int length, out int headBytes) && bytes.Length - taken - headBytes >= length)
            {
                Take(bytes[taken], bytes.Slice(taken + headBytes, length), sink);
                taken += headBytes + length;
            }

            return taken;
        }

        // 2.2.3: seven bits a byte, the lowest first; the eighth says that there are more.
        private static bool TryReadLength(ReadOnlySpan<byte> bytes, out int length, out int headBytes)
        {
            length = 0;
            for (headBytes = 1; headBytes < bytes.Length;)
            {
                byte next = bytes[headBytes];
                length |= (next & 0x7F) << (7 * (headBytes - 1));
                headBytes++;
                if (next <= 0x7F)
                {
                    return true;
                }

                if (headBytes > MaxLengthBytes)
                {
                    throw new InvalidDataException("A remaining length has no end.");
                }
            }

            return false;
        }

        private void Take(byte type, ReadOnlySpan<byte> body, IDeliveries sink)
        {
            switch (type)
            {
                case Publish when body.StartsWith(_topic):
                    sink.Delivered(body[_topic.Length..]);
                    break;

                // 3.2.2.3 and 3.9.3: 0 is yes.
                case ConnAck when body.Length == 2 && body[1] == 0:
                    IsReady = !receives;
                    break;
                case SubAck when body.Length == 3 && BinaryPrimitives.ReadUInt16BigEndian(body) == 1 && body[2] == 0:
                    IsReady = true;
                    break;
                default:
                    throw new InvalidDataException($"mosquitto sent a packet of type {type:X2} and {body.Length} bytes that has no place here: {Convert.ToHexString(body[..Math.Min(body.Length, 16)])}");
            }
        }
    }
}
