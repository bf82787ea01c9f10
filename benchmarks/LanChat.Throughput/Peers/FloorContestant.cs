using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;

namespace LanChat.Throughput;

/// <summary>What raw sockets allow: a length u32 in little-endian and that many bytes, given to everybody as they came.</summary>
internal sealed class FloorContestant : Contestant
{
    internal override string Name => "floor";

    internal override string? WhyNot => FloorCommand.WhyNot;

    internal override bool HasRooms => false;

    internal override ProcessStartInfo Server(int port, int loops, string directory) => Programs.Own("floor", "--port", $"{port}");

    internal override Wire NewWire(string room, bool receives) => new FloorWire(receives);

    private sealed class FloorWire(bool receives) : Wire
    {
        /// <summary>Longer than anything the generator sends.</summary>
        private const uint MaxPayloadBytes = 1 << 20;

        // The floor says nothing to a newcomer.
        internal override void WriteHello(IBufferWriter<byte> output) => IsReady = true;

        internal override void WriteMessage(IBufferWriter<byte> output, ReadOnlySpan<byte> payload)
        {
            BinaryPrimitives.WriteInt32LittleEndian(output.GetSpan(sizeof(int)), payload.Length);
            output.Advance(sizeof(int));
            output.Write(payload);
        }

        internal override int DeliveredBytes(int payloadBytes) => sizeof(int) + payloadBytes;

        internal override int Parse(ReadOnlySpan<byte> bytes, IDeliveries sink)
        {
            int taken = 0;
            while (BinaryPrimitives.TryReadUInt32LittleEndian(bytes[taken..], out uint length))
            {
                if (length > MaxPayloadBytes)
                {
                    throw new InvalidDataException($"A frame of {length} bytes.");
                }

                if (bytes.Length - taken - sizeof(int) < length)
                {
                    break;
                }

                if (receives)
                {
                    sink.Delivered(bytes.Slice(taken + sizeof(int), (int)length));
                }

                taken += sizeof(int) + (int)length;
            }

            return taken;
        }
    }
}
