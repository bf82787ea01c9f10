using System.Net.Security;
using LanChat.Connections;

namespace LanChat.Tests.Support;

/// <summary>One server identity for all tests that need some, and how their clients speak TLS to it.</summary>
internal static class TestIdentity
{
    /// <summary>Never disposed: servers leave alone what they were given.</summary>
    internal static ServerIdentity Shared { get; } = ServerIdentity.Create();

    /// <summary>A client's settings: any certificate is taken, as long as it is that of the id, if one is given.</summary>
    internal static SslClientAuthenticationOptions ClientOptions(ServerId? pin = null) => new()
    {
        TargetHost = "",
        ApplicationProtocols = [ServerTls.Protocol],
        RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            pin is null || ServerId.Of((System.Security.Cryptography.X509Certificates.X509Certificate2)certificate!) == pin,
    };
}
