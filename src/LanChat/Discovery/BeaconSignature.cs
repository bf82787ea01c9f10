using System.Security.Cryptography;

namespace LanChat.Discovery;

/// <summary>Says whether a datagram was made by the holder of the key that its id names.</summary>
internal static class BeaconSignature
{
    /// <summary>What SubjectPublicKeyInfo puts before X and Y of a P-256 key: the algorithm, the curve, "uncompressed point". The same for every key.</summary>
    private static ReadOnlySpan<byte> KeyInfoPrefix =>
    [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06,
        0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
    ];

    /// <summary>Gets the id of the server that has a key.</summary>
    /// <param name="publicKey">X and Y.</param>
    internal static ServerId IdOf(ReadOnlySpan<byte> publicKey)
    {
        Span<byte> info = stackalloc byte[KeyInfoPrefix.Length + ServerIdentity.PublicKeyBytes];
        KeyInfoPrefix.CopyTo(info);
        publicKey.CopyTo(info[KeyInfoPrefix.Length..]);
        Span<byte> hash = stackalloc byte[ServerId.Bytes];
        SHA256.HashData(info, hash);
        return new ServerId(hash);
    }

    /// <summary>Checks id and signature: some fifty microseconds, so the caller bounds how often.</summary>
    internal static bool IsGenuine(in BeaconPacket packet)
    {
        if (IdOf(packet.PublicKey) != packet.Id)
        {
            return false;
        }

        try
        {
            using var key = ECDsa.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint { X = packet.PublicKey[..32].ToArray(), Y = packet.PublicKey[32..].ToArray() },
            });
            return key.VerifyData(packet.Signed, packet.Signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        catch (CryptographicException)
        {
            // Not a point of the curve.
            return false;
        }
    }
}
