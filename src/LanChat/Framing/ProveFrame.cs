using System.Buffers;

namespace LanChat.Framing;

/// <summary>A client's answer to CHALLENGE.</summary>
internal readonly ref struct ProveFrame : IFrame<ProveFrame>
{
    public static FrameType Type => FrameType.Prove;

    /// <summary>Gets which proofs follow (<see cref="ProofBits"/>).</summary>
    public byte Wanted { get; init; }

    /// <summary>Gets one proof of 32 bytes per set bit of <see cref="Wanted"/>, lowest bit first.</summary>
    public ReadOnlySpan<byte> Proofs { get; init; }

    /// <summary>Gets the proof for one bit; empty when the frame has none for it.</summary>
    public ReadOnlySpan<byte> ProofFor(byte bit) => ProofBits.Find(Wanted, bit, Proofs);

    public static bool TryDecode(ReadOnlySpan<byte> body, out ProveFrame frame)
    {
        var fields = new FieldReader(body);
        byte wanted = fields.U8();
        frame = new ProveFrame { Wanted = wanted, Proofs = fields.Bytes(ProofBits.MeasureBytes(wanted)) };
        return fields.IsWhole;
    }

    // 02 · wanted u8 · one proof of 32 per set bit
    public void WriteTo(IBufferWriter<byte> output)
    {
        int proofBytes = ProofBits.MeasureBytes(Wanted);
        var fields = new FieldWriter(output, Type, 1 + proofBytes);
        fields.U8(Wanted);
        fields.Fixed(Proofs, proofBytes);
        fields.End();
    }
}
