using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using LanChat.Tests.Support;
using LanChat.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace LanChat.Tests.Transport;

public abstract class SocketListenerTests(ServerTransport kind)
{
    private readonly PlatformTransport _transport = TestTransport.Of(kind);

    [Fact]
    public async Task A_port_that_is_taken_is_the_callers_exception()
    {
        await using var first = SocketListener.Start(new IPEndPoint(IPAddress.Loopback, 0), _transport, static link => link.Close(reset: true), TimeProvider.System, NullLogger.Instance);
        Assert.NotEqual(0, first.LocalEndPoint.Port);
        SocketException e = Assert.Throws<SocketException>(
            () => SocketListener.Start(first.LocalEndPoint, _transport, static link => link.Close(reset: true), TimeProvider.System, NullLogger.Instance));
        Assert.Equal(SocketError.AddressAlreadyInUse, e.SocketErrorCode);
    }

    [Fact]
    public async Task A_port_can_be_had_again_at_once_after_connections_were_closed()
    {
        var endPoint = new IPEndPoint(IPAddress.Loopback, 0);
        for (int i = 0; i < 3; i++)
        {
            var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var listener = SocketListener.Start(
                endPoint,
                _transport,
                link =>
                {
                    // The server ends first: its side is the one that lingers.
                    link.Close(reset: false);
                    closed.SetResult();
                },
                TimeProvider.System,
                NullLogger.Instance);
            endPoint = listener.LocalEndPoint;
            using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await client.ConnectAsync(endPoint, TestContext.Current.CancellationToken);
            await closed.Task.WaitAsync(SocketFixture.Patience, TestContext.Current.CancellationToken);
            Assert.Equal(0, await client.ReceiveAsync(new byte[1], TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task Any_address_takes_both_families_and_says_loopback_for_both()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "no IPv6 here");
        var links = new BlockingCollection<Link>();
        await using var fixture = new SocketFixture(
            _transport,
            link =>
            {
                links.Add(link, TestContext.Current.CancellationToken);
                return new EchoConnection(link);
            },
            IPAddress.IPv6Any);
        foreach (IPAddress address in new[] { IPAddress.Loopback, IPAddress.IPv6Loopback })
        {
            using Socket client = await fixture.ConnectAsync(address: address);
            Assert.True(links.TryTake(out Link? link, SocketFixture.Patience));
            Assert.True(link.IsLoopback);
            Assert.Equal(address, link.RemoteEndPoint!.Address);
        }
    }

    [Fact]
    public async Task A_handler_that_throws_costs_its_connection_only()
    {
        var logger = new RecordingLogger();
        int calls = 0;
        var second = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var listener = SocketListener.Start(
            new IPEndPoint(IPAddress.Loopback, 0),
            _transport,
            link =>
            {
                if (++calls == 1)
                {
                    throw new InvalidOperationException("boom");
                }

                link.Close(reset: false);
                second.SetResult();
            },
            TimeProvider.System,
            logger);
        for (int i = 0; i < 2; i++)
        {
            using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            // Blocking: an asynchronous connect looks at the socket once more when it completes, and may find the reset.
            client.Connect(listener.LocalEndPoint);
        }

        await second.Task.WaitAsync(SocketFixture.Patience, TestContext.Current.CancellationToken);
        Assert.Equal(LogLevel.Error, Assert.Single(logger.Lines).Level);
    }

    [Fact]
    [HostileInput(34)]
    public async Task A_caller_for_whom_there_is_no_descriptor_left_waits_until_there_is_one()
    {
        int refusals = 3;
        var scarce = new PlatformTransport(
            _transport.MakePoller,
            (socket, _) => refusals-- > 0 ? throw new SocketException((int)SocketError.TooManyOpenSockets) : _transport.Over(socket));
        await using var fixture = new SocketFixture(scarce, static link => new EchoConnection(link));
        using Socket client = await fixture.ConnectAsync();
        await client.SendAsync(SteppedLoop.Frames(4));
        Assert.Equal(SteppedLoop.Frames(4), await SocketFixture.ReadAsync(client, 5));
        await fixture.UntilAsync(() => fixture.Logger.Lines.Count == 2, "that it works again was logged");
        Assert.Equal([LogLevel.Warning, LogLevel.Information], fixture.Logger.Lines.Select(static line => line.Level));
    }

    [Fact]
    public async Task Callers_that_are_gone_before_they_are_accepted_do_not_end_accepting()
    {
        await using var fixture = new SocketFixture(_transport, static link => new EchoConnection(link));
        for (int i = 0; i < 200; i++)
        {
            Socket gone = await fixture.ConnectAsync();
            gone.LingerState = new LingerOption(enable: true, seconds: 0);
            gone.Dispose();
        }

        using Socket client = await fixture.ConnectAsync();
        await client.SendAsync(SteppedLoop.Frames(4));
        Assert.Equal(SteppedLoop.Frames(4), await SocketFixture.ReadAsync(client, 5));
        Assert.Empty(fixture.Logger.Lines);
    }
}

/// <inheritdoc/>
[Collection("whole process")]
public sealed class SocketListenerOverEpollTests() : SocketListenerTests(ServerTransport.Epoll);

/// <inheritdoc/>
[Collection("whole process")]
public sealed class SocketListenerOverSocketsTests() : SocketListenerTests(ServerTransport.Sockets);
