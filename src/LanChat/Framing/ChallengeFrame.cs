using System.Buffers;

namespace LanChat.Framing;

/// <summary>A server's demand for proofs, in answer to HELLO.</summary>
internal readonly ref struct ChallengeFrame : IFrame<ChallengeFrame>
{
    private const int FixedBytes = 1 + FrameLimits.NonceBytes + FrameLimits.ServerIdBytes;

    public static FrameType Type => FrameType.Challenge;

    /// <summary>Gets which proofs are wanted (<see cref="ProofBits"/>).</summary>
    public byte Wanted { get; init; }

    /// <summary>Gets the server's share of the proofs' transcript, 32 bytes.</summary>
    public ReadOnlySpan<byte> Nonce { get; init; }

    /// <summary>Gets the server's id, 32 bytes.</summary>
    public ReadOnlySpan<byte> ServerId { get; init; }

    public static bool TryDecode(ReadOnlySpan<byte> body, out ChallengeFrame frame)
    {
        var fields = new FieldReader(body);
        frame = new ChallengeFrame
        {
            Wanted = fields.U8(),
            Nonce = fields.Bytes(FrameLimits.NonceBytes),
            ServerId = fields.Bytes(FrameLimits.ServerIdBytes),
        };
        return fields.IsWhole;
    }

    // 82 · wanted u8 · nonce 32 · server id 32
    public void WriteTo(IBufferWriter<byte> output)
    {
        var fields = new FieldWriter(output, Type, FixedBytes);
        fields.U8(Wanted);
        fields.Fixed(Nonce, FrameLimits.NonceBytes);
        fields.Fixed(ServerId, FrameLimits.ServerIdBytes);
        fields.End();
    }
}
