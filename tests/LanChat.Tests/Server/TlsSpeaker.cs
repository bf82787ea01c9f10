using System.Buffers;
using System.Net.Security;
using LanChat.Tests.Support;
using LanChat.Transport;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>The client's end of TLS over a <see cref="ReplayLink"/>. After the handshake it only speaks.</summary>
internal sealed class TlsSpeaker
{
    private readonly ReplayLink _link;
    private readonly CiphertextStream _stream = new() { Output = new ArrayBufferWriter<byte>() };
    private readonly SslStream _ssl;
    private readonly Task _handshake;

    internal TlsSpeaker(ReplayLink link)
    {
        _link = link;
        _link.Sent = new ArrayBufferWriter<byte>();
        _ssl = new SslStream(_stream);
        _handshake = _ssl.AuthenticateAsClientAsync(TestIdentity.ClientOptions());
        FeedOutput();
    }

    internal void Secure(Action step)
    {
        step();
        _stream.Feed(_link.Sent!.WrittenMemory, isLast: false);
        Assert.True(_handshake.IsCompletedSuccessfully);
        _link.Sent = null;
        FeedOutput();
        step();
    }

    internal void Feed(ReadOnlySpan<byte> plaintext)
    {
        _ssl.WriteAsync(plaintext.ToArray()).AsTask().GetAwaiter().GetResult();
        FeedOutput();
    }

    private void FeedOutput()
    {
        byte[] output = _stream.Output.WrittenSpan.ToArray();
        _stream.Output.ResetWrittenCount();
        _link.Feed(output, output.Length);
    }
}
