using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LanChat.Text;

namespace LanChat.Connections.Client;

/// <summary>Puts TLS over a link. The server's certificate is only the carrier of its key: who signed it, for which name and until when does not matter.</summary>
internal static class ClientTls
{
    // Not the server's name or address: whoever listens would read it in the first bytes.
    private const string TargetHost = "lanchat";

    /// <summary>Negotiates TLS over <paramref name="transport"/> and has the server's key checked before anything is sent inside. Owns the link, also when it fails.</summary>
    /// <exception cref="ChatException">The key is refused, or the server does not speak TLS as LanChat does.</exception>
    internal static async ValueTask<ClientLink> ConnectAsync(ClientLink transport, ServerCheck check, CancellationToken cancellationToken)
    {
        var tls = new SslStream(transport.Stream, leaveInnerStreamOpen: false);
        try
        {
            check.BeginHandshake();
            await tls.AuthenticateAsClientAsync(OptionsFor(check), cancellationToken).ConfigureAwait(false);
            check.EndHandshake();
            return tls.NegotiatedApplicationProtocol == ServerTls.Protocol ? transport.Over(tls) : throw NotTls(check.Where, "it offers TLS for something else");
        }
        catch (Exception exception)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            switch (exception)
            {
                case AuthenticationException or IOException or CryptographicException when check.Refusal is { } refusal:
                    throw refusal;
                case AuthenticationException or IOException or CryptographicException:
                    throw NotTls(check.Where, exception.InnerException?.Message ?? exception.Message, exception);
                default:
                    throw;
            }
        }
    }

    private static SslClientAuthenticationOptions OptionsFor(ServerCheck check) => new()
    {
        TargetHost = TargetHost,
        ApplicationProtocols = [ServerTls.Protocol],
#pragma warning disable CA5398 // macOS offers TLS 1.3 only to those who ask; older ones must not be spoken even where the system still would.
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
#pragma warning restore CA5398

        // A resumed handshake shows no certificate; ours costs a millisecond, and the key is seen each time.
        AllowTlsResume = false,
        AllowRenegotiation = false,

        // A certificate may name addresses from which to load more of them: a stranger's wish is not followed.
        CertificateChainPolicy = new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck },
        RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is X509Certificate2 shown && check.AcceptKey(ServerId.Of(shown)),
    };

    private static ChatException NotTls(string where, string detail, Exception? cause = null) => new(
        DisconnectReason.ConnectionReset,
        $"{where} does not answer in TLS as LanChat does: is it an older server, or another program? --plain in LanChat.Client, Plaintext in code, talks unencrypted ({TextRules.SanitizeToLine(detail).TrimEnd('.')})",
        cause);
}
