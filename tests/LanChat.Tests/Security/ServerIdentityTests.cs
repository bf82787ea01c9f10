using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Security;

public sealed class ServerIdentityTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void An_identity_is_the_same_at_the_next_start()
    {
        ServerId first;
        using (ServerIdentity identity = ServerIdentity.LoadOrCreate(_directory.Path))
        {
            first = identity.Id;
        }

        using ServerIdentity again = ServerIdentity.LoadOrCreate(_directory.Path);
        Assert.Equal(first, again.Id);
        Assert.True(again.Certificate.HasPrivateKey);
    }

    [Fact]
    public void The_id_is_the_SHA_256_of_the_public_key_as_TLS_shows_it()
    {
        using ServerIdentity identity = ServerIdentity.Create();

        byte[] subjectPublicKeyInfo = identity.Certificate.PublicKey.ExportSubjectPublicKeyInfo();
        Assert.Equal(new ServerId(SHA256.HashData(subjectPublicKeyInfo)), identity.Id);
        Assert.Equal(identity.PublicKey, subjectPublicKeyInfo[^ServerIdentity.PublicKeyBytes..]);
    }

    [Fact]
    public void Two_identities_that_are_not_kept_differ()
    {
        using ServerIdentity one = ServerIdentity.Create();
        using ServerIdentity other = ServerIdentity.Create();

        Assert.NotEqual(one.Id, other.Id);
    }

    [Fact]
    public void A_second_server_cannot_run_with_an_identity_that_is_in_use()
    {
        using ServerIdentity identity = ServerIdentity.LoadOrCreate(_directory.Path);

        ChatException refused = Assert.Throws<ChatException>(() => ServerIdentity.LoadOrCreate(_directory.Path));
        Assert.Contains("another server runs", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void Only_the_user_can_read_the_key()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has access lists instead of modes.");
        using ServerIdentity identity = ServerIdentity.LoadOrCreate(_directory.Path);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyFile));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    [HostileInput(12, "identity readable by others")]
    public void A_key_that_others_can_read_is_refused_and_its_file_named()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has access lists instead of modes.");
        ServerIdentity.LoadOrCreate(_directory.Path).Dispose();
        File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        ChatException refused = Assert.Throws<ChatException>(() => ServerIdentity.LoadOrCreate(_directory.Path));
        Assert.Contains(KeyFile, refused.Message, StringComparison.Ordinal);
        Assert.Contains("chmod 600", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN CERTIFICATE-----\nnot base64\n")]
    [HostileInput(12, "identity truncated")]
    public void A_damaged_key_file_is_refused_and_kept(string content)
    {
        ServerIdentity.LoadOrCreate(_directory.Path).Dispose();
        File.WriteAllText(KeyFile, content);

        ChatException refused = Assert.Throws<ChatException>(() => ServerIdentity.LoadOrCreate(_directory.Path));
        Assert.Contains("damaged", refused.Message, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(KeyFile));
    }

    [Fact]
    public void A_key_on_another_curve_is_refused()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var request = new CertificateRequest("CN=LanChat", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        Write($"{key.ExportPkcs8PrivateKeyPem()}\n{certificate.ExportCertificatePem()}\n");

        ChatException refused = Assert.Throws<ChatException>(() => ServerIdentity.LoadOrCreate(_directory.Path));
        Assert.Contains("damaged", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_is_not_its_certificate_s_is_refused()
    {
        using ServerIdentity other = ServerIdentity.Create();
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Write($"{key.ExportPkcs8PrivateKeyPem()}\n{other.Certificate.ExportCertificatePem()}\n");

        ChatException refused = Assert.Throws<ChatException>(() => ServerIdentity.LoadOrCreate(_directory.Path));
        Assert.Contains("damaged", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refusal_releases_the_lock()
    {
        ServerIdentity.LoadOrCreate(_directory.Path).Dispose();
        string key = File.ReadAllText(KeyFile);
        File.WriteAllText(KeyFile, "");
        Assert.Throws<ChatException>(() => ServerIdentity.LoadOrCreate(_directory.Path));

        File.WriteAllText(KeyFile, key);
        ServerIdentity.LoadOrCreate(_directory.Path).Dispose();
    }

    [Fact]
    public void A_directory_that_cannot_be_made_is_an_error_that_says_so()
    {
        string file = Path.Combine(_directory.Path, "a-file");
        File.WriteAllText(file, "");

        ChatException refused = Assert.Throws<ChatException>(() => ServerIdentity.LoadOrCreate(Path.Combine(file, "below")));
        Assert.Contains("choose another directory", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_signature_is_verified_with_the_public_key()
    {
        using ServerIdentity identity = ServerIdentity.Create();
        byte[] signature = new byte[ServerIdentity.SignatureBytes];
        identity.Sign("data"u8, signature);

        using ECDsa key = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = identity.PublicKey[..32], Y = identity.PublicKey[32..] },
        });
        Assert.True(key.VerifyData("data"u8, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
    }

    [Fact]
    [HostileInput(32)]
    public void Beacon_epochs_rise_with_every_start_also_when_the_clock_goes_back()
    {
        DateTimeOffset now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
        uint first;
        using (ServerIdentity identity = ServerIdentity.LoadOrCreate(_directory.Path))
        {
            first = identity.NextEpoch(now);
            Assert.Equal(1_800_000_000u, first);
        }

        using ServerIdentity again = ServerIdentity.LoadOrCreate(_directory.Path);
        Assert.Equal(first + 1, again.NextEpoch(now.AddDays(-1)));
    }

    private void Write(string content)
    {
        ServerIdentity.LoadOrCreate(_directory.Path).Dispose();
        File.WriteAllText(KeyFile, content);
    }

    private string KeyFile => Path.Combine(_directory.Path, "identity.pem");
}
