using System.Buffers;
using System.Diagnostics;
using System.Text;

namespace LanChat.Throughput;

/// <summary>Redis publish/subscribe, without persistence and without a limit on what a subscriber may be behind, so that none is thrown out.</summary>
internal sealed class RedisContestant : Contestant
{
    internal override string Name => "redis";

    internal override string? WhyNot => Programs.WhyNot("redis-server", "redis-server");

    internal override ProcessStartInfo Server(int port, int loops, string directory) => new(
        Programs.Find("redis-server")!,
        [
            "--bind", "127.0.0.1", "--port", $"{port}", "--daemonize", "no", "--dir", directory, "--logfile", Path.Combine(directory, "redis.log"),
            "--save", "", "--appendonly", "no", "--maxclients", "20000", "--client-output-buffer-limit", "pubsub", "0", "0", "0",
        ]);

    internal override Wire NewWire(string room, bool receives) => new RedisWire(room, receives);

    /// <summary>RESP, the protocol of Redis (redis.io, "Redis serialization protocol specification"). A subscriber speaks RESP3, in which it may publish too.</summary>
    private sealed class RedisWire(string room, bool receives) : Wire
    {
        private readonly byte[] _publish = Encoding.ASCII.GetBytes($"*3\r\n$7\r\nPUBLISH\r\n${room.Length}\r\n{room}\r\n$");
        private readonly byte[] _message = Encoding.ASCII.GetBytes($">3\r\n$7\r\nmessage\r\n${room.Length}\r\n{room}\r\n");

        internal override void WriteHello(IBufferWriter<byte> output) => output.Write(receives
            ? Encoding.ASCII.GetBytes($"*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n*2\r\n$9\r\nSUBSCRIBE\r\n${room.Length}\r\n{room}\r\n")
            : "*1\r\n$4\r\nPING\r\n"u8);

        internal override void WriteMessage(IBufferWriter<byte> output, ReadOnlySpan<byte> payload)
        {
            output.Write(_publish);
            output.WriteNumber(payload.Length);
            output.Write("\r\n"u8);
            output.Write(payload);
            output.Write("\r\n"u8);
        }

        internal override int DeliveredBytes(int payloadBytes) => _message.Length + 1 + Ascii.Digits(payloadBytes) + 2 + payloadBytes + 2;

        internal override int Parse(ReadOnlySpan<byte> bytes, IDeliveries sink)
        {
            int taken = 0;
            while (true)
            {
                // What is common is not measured as a list of three, which it is.
                ReadOnlySpan<byte> rest = bytes[taken..];
                bool isMessage = rest.StartsWith(_message);
                ReadOnlySpan<byte> value = isMessage ? rest[_message.Length..] : rest;
                int length = Resp.Measure(value);
                if (length == 0)
                {
                    return taken;
                }

                if (isMessage)
                {
                    sink.Delivered(Resp.BulkString(value[..length]));
                }
                else
                {
                    TakeAnswer(value[..length]);
                }

                taken += rest.Length - value.Length + length;
            }
        }

        private void TakeAnswer(ReadOnlySpan<byte> value)
        {
            if (value.StartsWith(">3\r\n$9\r\nsubscribe\r\n"u8) || value.StartsWith("+PONG"u8))
            {
                IsReady = true;
            }
            else if (value[0] is not ((byte)':' or (byte)'%'))
            {
                // ':' answers PUBLISH (how many got it), '%' HELLO.
                throw new InvalidDataException($"redis-server said: {Ascii.Quote(value)}");
            }
        }
    }
}
