using System.Buffers;
using System.Net.Security;
using System.Security.Authentication;
using LanChat.Transport;

namespace LanChat.Throughput;

/// <summary>TLS 1.3 under a member's wire: one asynchronous read loop, all of whose steps run on the generator's thread, when the loop feeds it.</summary>
/// <remarks>The certificate is whatever the server has: what a handshake costs the server is measured here, not whom it convinces.</remarks>
internal sealed class TlsLayer : IDisposable
{
    private const int FirstBufferBytes = 4096;

    private readonly Member _member;
    private readonly CiphertextStream _wire = new() { Output = new ArrayBufferWriter<byte>() };
    private readonly SslStream _tls;
    private bool _isOpen;

    private TlsLayer(Member member)
    {
        _member = member;
        _tls = new SslStream(_wire);
    }

    /// <summary>Begins the handshake.</summary>
    internal static TlsLayer Start(Member member)
    {
        var layer = new TlsLayer(member);
        _ = layer.RunAsync();
        return layer;
    }

    /// <summary>Ciphertext that came. When the call returns all of it was heard.</summary>
    internal void Take(ReadOnlyMemory<byte> ciphertext) => _wire.Feed(ciphertext, isLast: false);

    /// <summary>Encrypts what the member wants to say and returns what is to be sent.</summary>
    internal ArrayBufferWriter<byte> Seal(ArrayBufferWriter<byte> plain)
    {
        if (_isOpen && plain.WrittenCount > 0)
        {
            // Complete when it returns: the stream below takes everything at once.
            _tls.WriteAsync(plain.WrittenMemory).AsTask().GetAwaiter().GetResult();
            plain.ResetWrittenCount();
        }

        return _wire.Output;
    }

    public void Dispose() => _tls.Dispose();

    private async Task RunAsync()
    {
        try
        {
            await _tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                EnabledSslProtocols = SslProtocols.Tls13,
                AllowTlsResume = false,
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
            });
            _isOpen = true;
            _member.OnOpened();
            await HearAsync();
        }
        catch (Exception e) when (e is AuthenticationException or IOException or InvalidOperationException)
        {
            _member.Fail($"TLS: {e.InnerException?.Message ?? e.Message}");
        }
    }

    private async Task HearAsync()
    {
        byte[] buffer = new byte[FirstBufferBytes];
        int held = 0;
        int count;
        while ((count = await _tls.ReadAsync(buffer.AsMemory(held))) > 0)
        {
            held += count;
            int taken = _member.Hear(buffer.AsSpan(0, held));
            held -= taken;
            buffer.AsSpan(taken, held).CopyTo(buffer);
            if (held + count > buffer.Length / 2 && buffer.Length < ReceivePipe.BlockBytes)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }
        }
    }
}
