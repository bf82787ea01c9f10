using System.Buffers;
using System.Diagnostics;
using System.Text;

namespace LanChat.Throughput;

/// <summary>nats-server with its defaults, over plain TCP or TLS.</summary>
internal sealed class NatsContestant(bool isTls) : Contestant
{
    internal override string Name => isTls ? "nats-tls" : "nats";

    internal override string? WhyNot => Programs.WhyNot("nats-server", "nats-server");

    internal override bool IsTls => isTls;

    internal override bool HasLoops => true;

    internal override ProcessStartInfo Server(int port, int loops, string directory)
    {
        string configuration = Path.Combine(directory, "nats.conf");
        var lines = new List<string> { $"listen: \"127.0.0.1:{port}\"", $"log_file: \"{Path.Combine(directory, "nats.log")}\"" };
        if (isTls)
        {
            (string certificate, string key) = SelfSigned.WritePem(directory);
            lines.Add($"tls {{ cert_file: \"{certificate}\", key_file: \"{key}\" }}");
        }

        File.WriteAllLines(configuration, lines);

        // Go starts a thread for each processor it may run on; told here because it may be pinned only after its start.
        return new ProcessStartInfo(Programs.Find("nats-server")!, ["-c", configuration]) { Environment = { ["GOMAXPROCS"] = $"{loops}" } };
    }

    /// <summary>The server's INFO comes in plain, then the handshake (NATS client protocol, "INFO", tls_required).</summary>
    internal override async ValueTask BeforeTlsAsync(Stream plain, CancellationToken cancellationToken)
    {
        // A byte at a time: what follows the line is TLS'.
        byte[] one = new byte[1];
        do
        {
            await plain.ReadExactlyAsync(one, cancellationToken);
        }
        while (one[0] != '\n');
    }

    internal override Wire NewWire(string room, bool receives) => new NatsWire(room, receives);

    /// <summary>The NATS client protocol (docs.nats.io, "Client Protocol"): lines that end in CR LF, and payloads of a length that the line before them says.</summary>
    private sealed class NatsWire(string room, bool receives) : Wire
    {
        private readonly byte[] _publish = Encoding.ASCII.GetBytes($"PUB {room} ");
        private readonly byte[] _message = Encoding.ASCII.GetBytes($"MSG {room} 1 ");
        private int _pings;

        internal override int PendingReply => _pings * "PONG\r\n"u8.Length;

        internal override void WriteHello(IBufferWriter<byte> output)
        {
            // Not verbose: no +OK for each message. The PONG comes after the subscription was made.
            output.Write("""CONNECT {"verbose":false,"pedantic":false,"lang":"C#","version":"1","protocol":1}"""u8);
            output.Write("\r\n"u8);
            if (receives)
            {
                output.Write(Encoding.ASCII.GetBytes($"SUB {room} 1\r\n"));
            }

            output.Write("PING\r\n"u8);
        }

        // PUB <subject> <#bytes>␍␊<payload>␍␊
        internal override void WriteMessage(IBufferWriter<byte> output, ReadOnlySpan<byte> payload)
        {
            output.Write(_publish);
            output.WriteNumber(payload.Length);
            output.Write("\r\n"u8);
            output.Write(payload);
            output.Write("\r\n"u8);
        }

        internal override void WriteReply(IBufferWriter<byte> output)
        {
            for (; _pings > 0; _pings--)
            {
                output.Write("PONG\r\n"u8);
            }
        }

        internal override int DeliveredBytes(int payloadBytes) => _message.Length + Ascii.Digits(payloadBytes) + 2 + payloadBytes + 2;

        internal override int Parse(ReadOnlySpan<byte> bytes, IDeliveries sink)
        {
            int taken = 0;
            while (Ascii.TryReadLine(bytes[taken..], out ReadOnlySpan<byte> line, out int lineBytes))
            {
                // MSG <subject> <sid> <#bytes>␍␊<payload>␍␊
                if (line.StartsWith(_message))
                {
                    int payloadBytes = Ascii.Number(line[_message.Length..]);
                    ReadOnlySpan<byte> rest = bytes[(taken + lineBytes)..];
                    if (rest.Length - 2 < payloadBytes)
                    {
                        break;
                    }

                    if (!rest[payloadBytes..].StartsWith("\r\n"u8))
                    {
                        throw new InvalidDataException("A payload does not end where its MSG says.");
                    }

                    sink.Delivered(rest[..payloadBytes]);
                    taken += payloadBytes + 2;
                }
                else
                {
                    TakeLine(line);
                }

                taken += lineBytes;
            }

            return taken;
        }

        private void TakeLine(ReadOnlySpan<byte> line)
        {
            if (line.SequenceEqual("PING"u8))
            {
                _pings++;
            }
            else if (line.SequenceEqual("PONG"u8))
            {
                IsReady = true;
            }
            else if (!line.StartsWith("INFO "u8))
            {
                throw new InvalidDataException($"nats-server said: {Ascii.Quote(line)}");
            }
        }
    }
}
