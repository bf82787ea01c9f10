using System.Security.Cryptography;
using LanChat.Framing;

namespace LanChat.Security;

/// <summary>What a proof is about: this connection and no other, this role and no other (docs/protocol.md, section 5).</summary>
/// <remarks>
/// <code>
/// "LCJ1" · channel 32 · client nonce 32 · server nonce 32 · version u8 · role u8 · name str8
/// </code>
/// The channel is the server id that TLS has proved, so that somebody in between, who has another key, can pass no proof on; zeros on plain frames. The role is the bit that the proof is for.
/// </remarks>
internal readonly ref struct ProofTranscript
{
    internal const int HashBytes = SHA256.HashSizeInBytes;

    private const int MaxBytes = 4 + ServerId.Bytes + (2 * FrameLimits.NonceBytes) + 1 + 1 + 1 + FrameLimits.MaxStr8Bytes;

    /// <summary>Whose key TLS has proved; null on plain frames.</summary>
    internal required ServerId? Channel { get; init; }

    /// <summary>HELLO's nonce.</summary>
    internal required ReadOnlySpan<byte> ClientNonce { get; init; }

    /// <summary>CHALLENGE's nonce.</summary>
    internal required ReadOnlySpan<byte> ServerNonce { get; init; }

    /// <summary>The name as in HELLO.</summary>
    internal required ReadOnlySpan<byte> Name { get; init; }

    /// <summary>Writes the hash that a proof for one bit (<see cref="ProofBits"/>) is over.</summary>
    internal void Hash(byte role, Span<byte> hash)
    {
        Span<byte> bytes = stackalloc byte[MaxBytes];
        int count = 0;
        Append(bytes, "LCJ1"u8, ref count);
        Span<byte> channel = bytes.Slice(count, ServerId.Bytes);
        channel.Clear();
        Channel?.WriteTo(channel);
        count += ServerId.Bytes;
        Append(bytes, ClientNonce, ref count);
        Append(bytes, ServerNonce, ref count);
        Append(bytes, [FrameLimits.Version, role, (byte)Name.Length], ref count);
        Append(bytes, Name, ref count);
        SHA256.HashData(bytes[..count], hash);
    }

    private static void Append(Span<byte> bytes, ReadOnlySpan<byte> field, ref int count)
    {
        field.CopyTo(bytes[count..]);
        count += field.Length;
    }
}
