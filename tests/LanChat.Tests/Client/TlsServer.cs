using System.Buffers;
using System.Net.Security;
using System.Security.Authentication;
using LanChat.Framing;
using LanChat.Tests.Support;

namespace LanChat.Tests.Client;

/// <summary>The smallest server over real TLS: it takes HELLO, says WELCOME, and reads until the client has ended its direction.</summary>
internal sealed class TlsServer : IAsyncDisposable
{
    private readonly TaskCompletionSource<byte[]> _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TestPort _port;

    internal TlsServer() => _port = new TestPort(ServeAsync);

    internal ServerIdentity Identity { get; init; } = ServerIdentity.Create();

    internal SslProtocols Protocols { get; init; }

    /// <summary>What it speaks inside of TLS; null when it does not say.</summary>
    internal string? Application { get; init; } = "lanchat/1";

    internal System.Net.IPEndPoint EndPoint => _port.EndPoint;

    internal ServerAddress Address => new(EndPoint.Address.ToString(), EndPoint.Port);

    internal int Callers => _port.Callers;

    /// <summary>What the first caller said in TLS until it went; nothing if it did not come so far.</summary>
    internal Task<byte[]> Heard => _heard.Task;

    /// <summary>The name that the caller asked for in its first bytes.</summary>
    internal string? TargetHost { get; private set; }

    internal static async Task<SslStream> AuthenticateAsync(Stream stream, ServerIdentity identity, SslProtocols protocols, string? application, CancellationToken cancellationToken)
    {
        var tls = new SslStream(stream);
        var options = new SslServerAuthenticationOptions { ServerCertificate = identity.Certificate, EnabledSslProtocols = protocols };
        if (application is not null)
        {
            options.ApplicationProtocols = [new SslApplicationProtocol(application)];
        }

        await tls.AuthenticateAsServerAsync(options, cancellationToken);
        return tls;
    }

    internal static byte[] Welcome(ServerId id)
    {
        var output = new ArrayBufferWriter<byte>();
        new WelcomeFrame
        {
            Version = 1,
            Session = 5,
            Token = new byte[16],
            Window = 16,
            MaxFrameBytes = 65_536,
            MaxTextBytes = 4096,
            HeartbeatMilliseconds = 15_000,
            ServerId = ScriptedServer.Bytes(id),
            UdpSecret = new byte[32],
            ServerName = "Den"u8,
            YourName = "ada"u8,
        }.WriteTo(output);
        return output.WrittenSpan.ToArray();
    }

    public async ValueTask DisposeAsync()
    {
        await _port.DisposeAsync();
        Identity.Dispose();
    }

    private async Task ServeAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var heard = new MemoryStream();
        try
        {
            await using SslStream tls = await AuthenticateAsync(stream, Identity, Protocols, Application, cancellationToken);
            TargetHost = tls.TargetHostName;
            byte[] bytes = new byte[4096];
            int read;
            while ((read = await tls.ReadAsync(bytes, cancellationToken)) > 0)
            {
                if (heard.Length == 0)
                {
                    await tls.WriteAsync(Welcome(Identity.Id), cancellationToken);
                }

                heard.Write(bytes, 0, read);
            }
        }
        finally
        {
            _heard.TrySetResult(heard.ToArray());
        }
    }
}
