using System.Security.Cryptography;
using LanChat.Framing;

namespace LanChat.Security;

/// <summary>The two keys that client and server derive from a secret K that both have, and the proofs they make with them (docs/protocol.md, section 5): each shows that it has the secret, and
/// neither can use what the other said.</summary>
internal sealed class ProofKeys
{
    internal const int SecretBytes = 32;

    // What one guess at a phrase costs; a tenth to a third of a second on machines of today.
    private const int Iterations = 600_000;

    private readonly byte[] _client;
    private readonly byte[] _server;

    /// <param name="secret">K.</param>
    internal ProofKeys(ReadOnlySpan<byte> secret)
    {
        _client = Expand(secret, "LanChat client"u8);
        _server = Expand(secret, "LanChat server"u8);
    }

    /// <summary>The keys of a join code at one server: a code that is used on two has nothing in common there.</summary>
    internal static ProofKeys OfJoinCode(ReadOnlySpan<byte> code, ServerId server)
    {
        ReadOnlySpan<byte> label = "LanChat join v1"u8;
        Span<byte> salt = stackalloc byte[label.Length + ServerId.Bytes];
        label.CopyTo(salt);
        server.WriteTo(salt[label.Length..]);
        Span<byte> secret = stackalloc byte[SecretBytes];
        Rfc2898DeriveBytes.Pbkdf2(code, salt, secret, Iterations, HashAlgorithmName.SHA256);
        return new ProofKeys(secret);
    }

    internal void WriteClientProof(ReadOnlySpan<byte> transcript, Span<byte> proof) => HMACSHA256.HashData(_client, transcript, proof);

    internal void WriteServerProof(ReadOnlySpan<byte> transcript, Span<byte> proof) => HMACSHA256.HashData(_server, transcript, proof);

    private static byte[] Expand(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> info)
    {
        byte[] key = new byte[FrameLimits.ProofBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, key, salt: [], info);
        return key;
    }
}
