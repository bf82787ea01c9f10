using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace LanChat.Connections;

/// <summary>How a server speaks TLS (docs/protocol.md, sections 1 and 5).</summary>
internal static class ServerTls
{
    /// <summary>The one protocol inside. A caller that names others and not this one is refused by the handshake; one that names none is taken at its word.</summary>
    internal static readonly SslApplicationProtocol Protocol = new("lanchat/1");

    /// <summary>The settings of all links of a server: nothing is asked of the client, nothing is looked up elsewhere, and each link proves the key anew.</summary>
    internal static SslServerAuthenticationOptions Options(ServerIdentity identity) => new()
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(identity.Certificate, additionalCertificates: null, offline: true),
        ApplicationProtocols = [Protocol],

        // 1.2 as well: macOS serves nothing newer.
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ClientCertificateRequired = false,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        AllowRenegotiation = false,
        AllowTlsResume = false,
    };
}
