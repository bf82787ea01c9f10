using System.Buffers.Binary;
using System.Security.Cryptography;
using LanChat.Security;

namespace LanChat;

/// <summary>Who a server is, whatever it calls itself and wherever it listens: the SHA-256 of its public key (docs/protocol.md, section 5).</summary>
/// <remarks>It is no secret: it stands in every beacon and in every link. Nobody else can answer for it, because TLS proves the key behind it. The default value is
/// nobody's.</remarks>
public readonly record struct ServerId
{
    /// <summary>How many bytes an id has.</summary>
    public const int Bytes = SHA256.HashSizeInBytes;

    private readonly UInt128 _high;
    private readonly UInt128 _low;

    /// <summary>Takes an id from its bytes.</summary>
    /// <exception cref="ArgumentException">They are not <see cref="Bytes"/> many.</exception>
    public ServerId(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Bytes)
        {
            throw new ArgumentException($"A server id has {Bytes} bytes, not {bytes.Length}.", nameof(bytes));
        }

        _high = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        _low = BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]);
    }

    /// <summary>Gets the first 80 bits in a form for people to compare: <c>7H3K-9QXA-PM2D-WZ41</c>. Server and client show it, and a stranger with another key cannot make
    /// one that is equal.</summary>
    public string Fingerprint
    {
        get
        {
            Span<byte> bytes = stackalloc byte[Bytes];
            WriteTo(bytes);
            return GroupedBase32.Write(bytes[..GroupedBase32.Bytes]);
        }
    }

    /// <summary>Reads the form that <see cref="ToString"/> writes, in capitals or not.</summary>
    /// <exception cref="FormatException">It is not 64 hexadecimal digits.</exception>
    public static ServerId Parse(string text) =>
        TryParse(text, out ServerId id) ? id : throw new FormatException("A server id is 64 hexadecimal digits.");

    /// <summary>Reads the form that <see cref="ToString"/> writes, in capitals or not. False when it is something else.</summary>
    public static bool TryParse(string? text, out ServerId id)
    {
        id = default;
        Span<byte> bytes = stackalloc byte[Bytes];
        if (text?.Length != Bytes * 2 || Convert.FromHexString(text, bytes, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        id = new ServerId(bytes);
        return true;
    }

    /// <summary>Writes the <see cref="Bytes"/> bytes.</summary>
    /// <exception cref="ArgumentException">There is no room for them.</exception>
    public void WriteTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt128BigEndian(destination, _high);
        BinaryPrimitives.WriteUInt128BigEndian(destination[16..], _low);
    }

    /// <summary>Gets 64 hexadecimal digits: the form in links (<c>lanchat://host:port/#id</c>) and files.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        WriteTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    /// <summary>The id that a certificate stands for.</summary>
    internal static ServerId Of(System.Security.Cryptography.X509Certificates.X509Certificate2 certificate) =>
        new(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
}
