using System.Buffers.Binary;
using System.Security.Cryptography;

namespace LanChat.Datagrams;

/// <summary>The key of one direction of one connection's datagrams: AES-256-GCM with a nonce made of the counter, which therefore never comes twice.</summary>
/// <remarks>One cipher for its whole life: to make one costs several times as much as to seal a datagram. Used by one thread at a time.</remarks>
internal sealed class DatagramKey : IDisposable
{
    /// <summary>So many datagrams one key seals at most: the bound that QUIC has for AES-GCM (RFC 9001, section 6.6).</summary>
    internal const ulong MaxDatagrams = 1 << 23;

    private const int KeyBytes = 32;
    private const int NonceBytes = 12;

    private readonly AesGcm _cipher;
    private readonly byte[] _iv = new byte[NonceBytes];

    private DatagramKey(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> info)
    {
        Span<byte> derived = stackalloc byte[KeyBytes + NonceBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, derived, salt: [], info);
        _cipher = new AesGcm(derived[..KeyBytes], DatagramLayout.TagBytes);
        derived[KeyBytes..].CopyTo(_iv);
        CryptographicOperations.ZeroMemory(derived);
    }

    /// <summary>Makes the key by which clients seal and servers open.</summary>
    internal static DatagramKey ToServer(ReadOnlySpan<byte> secret) => new(secret, "LanChat udp c2s"u8);

    /// <summary>Makes the key by which servers seal and clients open.</summary>
    internal static DatagramKey ToClient(ReadOnlySpan<byte> secret) => new(secret, "LanChat udp s2c"u8);

    /// <summary>Seals a datagram in place: its header and its frame are there, and room for the tag at its end.</summary>
    internal void Seal(Span<byte> datagram)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        MakeNonce(datagram, nonce);
        Span<byte> frame = datagram[DatagramLayout.FrameAt..^DatagramLayout.TagBytes];
        _cipher.Encrypt(nonce, frame, frame, datagram[^DatagramLayout.TagBytes..], datagram[..DatagramLayout.FrameAt]);
    }

    /// <summary>Opens a datagram whose header was read. False: it is not from who has the key, and <paramref name="frame"/> holds nothing.</summary>
    internal bool TryOpen(ReadOnlySpan<byte> datagram, Span<byte> frame)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        MakeNonce(datagram, nonce);
        try
        {
            _cipher.Decrypt(
                nonce,
                datagram[DatagramLayout.FrameAt..^DatagramLayout.TagBytes],
                datagram[^DatagramLayout.TagBytes..],
                frame,
                datagram[..DatagramLayout.FrameAt]);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        _cipher.Dispose();
        CryptographicOperations.ZeroMemory(_iv);
    }

    private void MakeNonce(ReadOnlySpan<byte> datagram, Span<byte> nonce)
    {
        _iv.CopyTo(nonce);
        Span<byte> last = nonce[^sizeof(ulong)..];
        ulong counter = BinaryPrimitives.ReadUInt64BigEndian(datagram[DatagramLayout.CounterAt..]);
        BinaryPrimitives.WriteUInt64BigEndian(last, BinaryPrimitives.ReadUInt64BigEndian(last) ^ counter);
    }
}
