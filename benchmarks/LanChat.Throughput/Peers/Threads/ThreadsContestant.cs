using System.Buffers;
using System.Diagnostics;

namespace LanChat.Throughput;

/// <summary>The ancestor's design, in this language. It has one room, and a sender gets nothing of its own.</summary>
internal sealed class ThreadsContestant : Contestant
{
    internal override string Name => "threads";

    internal override bool EchoesOwn => false;

    internal override bool HasRooms => false;

    internal override ProcessStartInfo Server(int port, int loops, string directory) => Programs.Own("threads", "--port", $"{port}");

    internal override Wire NewWire(string room, bool receives) => new LinesWire(receives);

    /// <summary>A message is a line; the first one that comes is the server's greeting.</summary>
    private sealed class LinesWire(bool receives) : Wire
    {
        /// <summary>Longer than anything the generator sends.</summary>
        private const int MaxLineBytes = 64 * 1024;

        internal override void WriteHello(IBufferWriter<byte> output)
        {
            // Who connects is a member.
        }

        internal override void WriteMessage(IBufferWriter<byte> output, ReadOnlySpan<byte> payload)
        {
            output.Write(payload);
            output.Write("\n"u8);
        }

        internal override int DeliveredBytes(int payloadBytes) => payloadBytes + 1;

        internal override int Parse(ReadOnlySpan<byte> bytes, IDeliveries sink)
        {
            int taken = 0;
            for (int length; (length = bytes[taken..].IndexOf((byte)'\n') + 1) > 0; taken += length)
            {
                Take(bytes.Slice(taken, length - 1), sink);
            }

            return bytes.Length - taken <= MaxLineBytes ? taken : throw new InvalidDataException("A line has no end.");
        }

        private void Take(ReadOnlySpan<byte> line, IDeliveries sink)
        {
            if (!IsReady)
            {
                IsReady = line.SequenceEqual("welcome"u8) ? true : throw new InvalidDataException($"The server greets with: {Ascii.Quote(line)}");
            }
            else if (receives)
            {
                sink.Delivered(line);
            }
        }
    }
}
