using System.Buffers;
using System.Net;
using System.Net.Sockets;
using LanChat.Tests.Support;
using LanChat.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace LanChat.Tests.Transport;

/// <summary>A link that has ended while the wire below it has not, and a connection that stays open because it still has something to send.</summary>
public sealed class EndedLinkTests
{
    [Theory]
    [InlineData(ServerTransport.Epoll)]
    [InlineData(ServerTransport.Sockets)]
    public async Task What_comes_behind_a_goodbye_keeps_no_loop_awake(ServerTransport kind)
    {
        PlatformTransport transport = TestTransport.Of(kind);
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await peer.ConnectAsync(listener.LocalEndPoint!, TestContext.Current.CancellationToken);
        await using var loop = new EventLoop(transport.MakePoller(), TimeProvider.System, "stepped", NullLogger.Instance);
        var connection = new GoodbyeConnection(transport.Over(await listener.AcceptAsync(TestContext.Current.CancellationToken)));
        Assert.True(loop.Add(connection));
        peer.Send([1, 2, 3]);
        peer.Shutdown(SocketShutdown.Send);
        while (!connection.HasLinkEnded)
        {
            loop.RunOnce(block: true);
        }

        // One report may be on its way.
        loop.RunOnce(block: false);
        Assert.False(loop.RunOnce(block: false));
    }

    /// <summary>Has a link that ends with the first byte while the wire goes on, as a goodbye inside TLS does; what it has to send keeps it open.</summary>
    private sealed class GoodbyeConnection(Link wire) : LoopConnection(wire)
    {
        internal override void OnAdded() => Link = new GoodbyeLink(Link);

        internal override SequencePosition OnReceived(in ReadOnlySequence<byte> bytes) => bytes.End;

        internal override void OnLinkEnded(LinkStatus status, bool insideFrame)
        {
        }

        internal override void Flush()
        {
        }

        internal override void OnDeadline()
        {
        }
    }

    private sealed class GoodbyeLink(Link wire) : Link(remoteEndPoint: null)
    {
        internal override Link Watched => wire;

        internal override bool IsSending => false;

        internal override LinkStatus Receive(Span<byte> into, out int received)
        {
            wire.Receive(into[..1], out _);
            received = 0;
            return LinkStatus.Ended;
        }

        internal override LinkStatus Send(ReadOnlySpan<ArraySegment<byte>> pieces, out int sent) => wire.Send(pieces, out sent);

        internal override void ShutdownSend() => wire.ShutdownSend();

        internal override void Close(bool reset) => wire.Close(reset);
    }
}
