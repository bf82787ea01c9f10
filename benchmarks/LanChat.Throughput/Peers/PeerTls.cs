using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Authentication;

namespace LanChat.Throughput;

/// <summary>The client's side of TLS: 1.3, so that all do the same handshake, and whatever certificate there is.</summary>
internal static class PeerTls
{
    /// <exception cref="IOException">The handshake failed; <paramref name="plain"/> was closed.</exception>
    [SuppressMessage("Security", "CA5359", Justification = "The server is a child of this process on loopback, with a certificate made for the moment.")]
    internal static async Task<SslStream> BeginAsync(Contestant contestant, Stream plain, CancellationToken cancellationToken)
    {
        var tls = new SslStream(plain);
        try
        {
            await contestant.BeforeTlsAsync(plain, cancellationToken);
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "localhost",
                    EnabledSslProtocols = SslProtocols.Tls13,
                    RemoteCertificateValidationCallback = (_, _, _, _) => true,
                },
                cancellationToken);
            return tls;
        }
        catch (AuthenticationException exception)
        {
            await tls.DisposeAsync();
            throw new IOException(exception.Message, exception);
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }
}
