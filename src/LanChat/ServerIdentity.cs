using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LanChat.Security;

namespace LanChat;

/// <summary>A server's key, by which clients know it again: a P-256 key and the self-signed certificate that carries it (docs/protocol.md, section 5).</summary>
/// <remarks>
/// <para>Kept in a directory, as <c>identity.pem</c>, which only its user may read; made there at first use. Whoever has that file can pass for the server; whoever loses it
/// has to tell every client to forget the old key.</para>
/// <para>One server at a time uses a kept identity: a lock beside the file says so. Thread safe.</para>
/// </remarks>
public sealed class ServerIdentity : IDisposable
{
    /// <summary>Bytes of the public key as beacons carry it: X and Y.</summary>
    internal const int PublicKeyBytes = 64;

    /// <summary>Bytes of a signature: r and s.</summary>
    internal const int SignatureBytes = 64;

    private const string KeyFile = "identity.pem";
    private const string LockFile = "identity.lock";
    private const string EpochFile = "beacon.epoch";

    // No clock of any client may find it expired, and nothing but the key in it is ever looked at.
    private static readonly DateTimeOffset NotBefore = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset NotAfter = new(2120, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ECDsa _key;
    private readonly FileStream? _lock;
    private readonly string? _directory;
    private readonly Lock _epochGate = new();
    private readonly Lock _signing = new();
    private uint _lastEpoch;

    private ServerIdentity(X509Certificate2 certificate, string? directory, FileStream? held)
    {
        Certificate = certificate;
        _key = certificate.GetECDsaPrivateKey() ?? throw new CryptographicException("the certificate has no EC key");
        _directory = directory;
        _lock = held;
        Id = ServerId.Of(certificate);
        ECParameters parameters = _key.ExportParameters(includePrivateParameters: false);
        PublicKey = [.. parameters.Q.X!, .. parameters.Q.Y!];
        if (PublicKey.Length != PublicKeyBytes || parameters.Curve.Oid.Value != ECCurve.NamedCurves.nistP256.Oid.Value)
        {
            throw new CryptographicException("the key is not on the curve P-256");
        }
    }

    /// <summary>Gets who a server with this key is.</summary>
    public ServerId Id { get; }

    /// <summary>Gets the certificate with its private key.</summary>
    internal X509Certificate2 Certificate { get; }

    /// <summary>Gets X and Y of the public key.</summary>
    internal byte[] PublicKey { get; }

    /// <summary>Makes an identity that is not kept: the next start is another server to everyone.</summary>
    public static ServerIdentity Create()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = SelfSign(key);
        return new ServerIdentity(Usable(certificate), directory: null, held: null);
    }

    /// <summary>Takes the identity that is kept in a directory, or makes one there.</summary>
    /// <param name="directory">The directory; made if there is none.</param>
    /// <exception cref="ChatException">The directory cannot be used, others can read the key, the file is damaged, or another server runs with this identity. The message says
    /// which, and what to do.</exception>
    public static ServerIdentity LoadOrCreate(string directory) => LoadUnlessInUse(directory) ?? throw new ChatException(
        DisconnectReason.Aborted, $"another server runs with the identity in {directory}; stop it, or choose another directory for this one's");

    /// <summary>As <see cref="LoadOrCreate"/>; null when another server runs with it.</summary>
    internal static ServerIdentity? LoadUnlessInUse(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        string path = Path.Combine(directory, KeyFile);
        FileStream? held = null;
        try
        {
            UserDataDirectory.Create(directory);
            held = UserDataDirectory.TryLock(Path.Combine(directory, LockFile));
            if (held is null)
            {
                return null;
            }

            if (!File.Exists(path))
            {
                using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
                using X509Certificate2 made = SelfSign(key);
                UserDataDirectory.TryWrite(path, $"{key.ExportPkcs8PrivateKeyPem()}\n{made.ExportCertificatePem()}\n", replace: false);
            }

            if (UserDataDirectory.IsOpenToOthers(path))
            {
                throw Refused($"{path} can be read or changed by other users, so the key in it is no longer a secret; delete it to get a new one (clients must then forget the old), or, if you know that nobody looked, chmod 600 it");
            }

            using X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(path, path);
            return new ServerIdentity(Usable(certificate), directory, held);
        }
        catch (Exception exception)
        {
            held?.Dispose();
            switch (exception)
            {
                case CryptographicException or ArgumentException:
                    throw Refused($"{path} is damaged: restore it from a copy, or delete it to get a new key (clients must then forget the old one)", exception);
                case IOException or UnauthorizedAccessException:
                    throw Refused($"the server's key cannot be kept in {directory}: {exception.Message.TrimEnd('.')}; choose another directory for it", exception);
                default:
                    throw;
            }
        }
    }

    /// <summary>Releases the key and the lock. A server that was given the identity is stopped first.</summary>
    public void Dispose()
    {
        _key.Dispose();
        Certificate.Dispose();
        _lock?.Dispose();
    }

    /// <summary>Signs by ECDSA with SHA-256: r and s, <see cref="SignatureBytes"/>.</summary>
    internal void Sign(ReadOnlySpan<byte> data, Span<byte> signature)
    {
        lock (_signing)
        {
            _key.SignData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
    }

    /// <summary>Gets a number for this start's beacons, higher than that of any start before: max(last + 1, Unix seconds), kept beside the key.</summary>
    internal uint NextEpoch(DateTimeOffset now)
    {
        lock (_epochGate)
        {
            string? path = _directory is null ? null : Path.Combine(_directory, EpochFile);
            uint last = _lastEpoch;
            try
            {
                if (path is not null && File.Exists(path) && uint.TryParse(File.ReadAllText(path), NumberStyles.None, CultureInfo.InvariantCulture, out uint kept))
                {
                    last = Math.Max(last, kept);
                }

                uint seconds = (uint)Math.Clamp(now.ToUnixTimeSeconds(), 1, uint.MaxValue);
                _lastEpoch = Math.Max(last == uint.MaxValue ? last : last + 1, seconds);
                if (path is not null)
                {
                    UserDataDirectory.TryWrite(path, _lastEpoch.ToString(CultureInfo.InvariantCulture), replace: true);
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Not kept: the clock alone keeps it rising, as long as it does not go back.
            }

            return _lastEpoch;
        }
    }

    private static X509Certificate2 SelfSign(ECDsa key) =>
        new CertificateRequest("CN=LanChat", key, HashAlgorithmName.SHA256).CreateSelfSigned(NotBefore, NotAfter);

    // Windows' TLS does not take a key that exists in memory only; after a trip through PKCS #12 it does.
    private static X509Certificate2 Usable(X509Certificate2 certificate) =>
        X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null, X509KeyStorageFlags.Exportable);

    private static ChatException Refused(string text, Exception? inner = null) => new(DisconnectReason.Aborted, text, inner);
}
