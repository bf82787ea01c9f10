using System.Security.Cryptography;
using LanChat.Framing;

namespace LanChat.Connections;

/// <summary>What was asked of the caller, and after a right answer what proves the server to it.</summary>
internal sealed class ProofChallenge
{
    internal ProofChallenge(byte wanted)
    {
        Wanted = wanted;
        Nonce = RandomNumberGenerator.GetBytes(FrameLimits.NonceBytes);
        Proofs = new byte[ProofBits.MeasureBytes(wanted)];
    }

    internal byte Wanted { get; }

    internal byte[] Nonce { get; }

    internal byte[] Proofs { get; }

    internal string SentenceWhenWrong => Wanted switch
    {
        ProofBits.JoinCode => "the join code is wrong",
        ProofBits.Operator => "the operator token is not that of this server",
        _ => "the join code is wrong, or the operator token is not that of this server",
    };
}
