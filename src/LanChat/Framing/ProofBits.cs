using System.Numerics;

namespace LanChat.Framing;

/// <summary>The bits of CHALLENGE and PROVE, and where the proof for one of them stands in a list that has one proof per set bit, lowest first.</summary>
internal static class ProofBits
{
    public const byte JoinCode = 1;
    public const byte Operator = 2;

    /// <summary>Gets how many bytes the proofs for these bits take.</summary>
    public static int MeasureBytes(byte wanted) => BitOperations.PopCount(wanted) * FrameLimits.ProofBytes;

    /// <summary>Gets where in the list the proof for one bit begins.</summary>
    public static int Offset(byte wanted, byte bit) => BitOperations.PopCount((uint)(wanted & (bit - 1))) * FrameLimits.ProofBytes;

    /// <summary>Gets the proof for one bit; empty when the list has none for it.</summary>
    public static ReadOnlySpan<byte> Find(byte wanted, byte bit, ReadOnlySpan<byte> proofs)
    {
        int position = Offset(wanted, bit);
        return (wanted & bit) != 0 && position + FrameLimits.ProofBytes <= proofs.Length ? proofs.Slice(position, FrameLimits.ProofBytes) : default;
    }
}
