using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using LanChat.Framing;

namespace LanChat.Tests.Support;

/// <summary>Proofs as docs/protocol.md says in section 5, made without the library's own code for them.</summary>
internal sealed class Prover(byte[] secret)
{
    private static readonly ConcurrentDictionary<(string Code, ServerId Server), byte[]> Derived = new();

    internal byte[] Secret => secret;

    /// <param name="code">A generated code as it is shown, in capitals with hyphens, or a phrase in NFC.</param>
    /// <param name="server">The server.</param>
    internal static Prover OfCode(string code, ServerId server) => new(Derived.GetOrAdd((code, server), static one => Rfc2898DeriveBytes.Pbkdf2(
        Encoding.UTF8.GetBytes(one.Code), (byte[])[.. "LanChat join v1"u8, .. Bytes(one.Server)], 600_000, HashAlgorithmName.SHA256, 32)));

    internal static byte[] Transcript(ServerId? channel, byte[] clientNonce, byte[] serverNonce, byte role, string name)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(name);
        byte[] of = channel is { } id ? Bytes(id) : new byte[32];
        return SHA256.HashData([.. "LCJ1"u8, .. of, .. clientNonce, .. serverNonce, 1, role, (byte)utf8.Length, .. utf8]);
    }

    internal byte[] Client(byte[] transcript) => HMACSHA256.HashData(Expand("LanChat client"), transcript);

    internal byte[] Server(byte[] transcript) => HMACSHA256.HashData(Expand("LanChat server"), transcript);

    internal static byte[] Prove(byte wanted, params byte[][] proofs) => WireFrame.Bytes(new ProveFrame { Wanted = wanted, Proofs = proofs.SelectMany(proof => proof).ToArray() });

    private static byte[] Bytes(ServerId id)
    {
        byte[] bytes = new byte[32];
        id.WriteTo(bytes);
        return bytes;
    }

    // RFC 5869 with an empty salt, one block.
    private byte[] Expand(string info) => HMACSHA256.HashData(HMACSHA256.HashData(new byte[32], secret), (byte[])[.. Encoding.ASCII.GetBytes(info), 1]);
}
