using System.Net;
using System.Net.Sockets;
using LanChat.Tests.Support;
using LanChat.Transport;
using Xunit;

namespace LanChat.Tests.Transport;

/// <summary>What a loop may rely on, of the pollers and links that the kernel is behind of.</summary>
public abstract class PollerTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly PlatformTransport _transport;
    private readonly List<(Link Link, Socket Peer)> _pairs = [];
    private Poller? _poller;

    private protected PollerTests(PlatformTransport transport) => _transport = transport;

    private Poller Poller => _poller ??= _transport.MakePoller();

    public void Dispose()
    {
        foreach ((Link link, Socket peer) in _pairs)
        {
            Poller.Remove(link);
            link.Close(reset: true);
            peer.Dispose();
        }

        // Another thread may still wake a poller that is gone.
        _poller?.Dispose();
        _poller?.Wake();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Every_ready_link_has_its_turn_though_few_fit_into_one_answer()
    {
        for (int i = 0; i < 10; i++)
        {
            (_, Socket peer) = await PairAsync();
            peer.Send([(byte)i]);
        }

        var heard = new HashSet<Link>();
        await RunAsync(ready =>
        {
            Assert.True(ready.Receive(new byte[16], out int received) == LinkStatus.Ok && received == 1);
            Assert.True(heard.Add(ready), "a link whose byte was taken is ready again");
            return heard.Count == _pairs.Count;
        }, atOnce: 3);
    }

    [Fact]
    public async Task A_link_is_reported_until_it_is_drained_though_nothing_new_arrives()
    {
        (_, Socket peer) = await PairAsync();
        byte[] sent = new byte[200_000];
        Random.Shared.NextBytes(sent);
        peer.Send(sent);
        var got = new List<byte>();
        byte[] some = new byte[1000];
        await RunAsync(ready =>
        {
            if (ready.Receive(some, out int received) == LinkStatus.Ok)
            {
                got.AddRange(some.AsSpan(0, received));
            }

            return got.Count == sent.Length;
        });
        Assert.Equal(sent, got);
    }

    [Fact]
    public async Task More_drained_links_than_an_answer_holds_are_all_reported_again()
    {
        const int Bytes = 5000;
        var left = new Dictionary<Link, int>();
        for (int i = 0; i < 10; i++)
        {
            (Link link, Socket peer) = await PairAsync();
            peer.Send(new byte[Bytes]);
            left[link] = Bytes;
        }

        byte[] some = new byte[100];
        await RunAsync(ready =>
        {
            if (ready.Receive(some, out int received) == LinkStatus.Ok)
            {
                left[ready] -= received;
            }

            return left.Values.All(static bytes => bytes == 0);
        }, atOnce: 3);
    }

    [Fact]
    public async Task An_end_that_came_right_behind_the_last_bytes_is_not_missed()
    {
        (_, Socket peer) = await PairAsync();
        peer.Send(new byte[3000]);
        peer.Shutdown(SocketShutdown.Send);
        int got = 0;
        byte[] some = new byte[1024];
        await RunAsync(ready =>
        {
            LinkStatus status = ready.Receive(some, out int received);
            got += received;
            return status == LinkStatus.Ended;
        });
        Assert.Equal(3000, got);
    }

    [Fact]
    public async Task Bytes_behind_urgent_data_are_not_missed()
    {
        // A receive stops before the urgent byte, with more behind it: telnet sends one at an interrupt.
        (_, Socket peer) = await PairAsync();
        peer.Send([1, 2]);
        peer.Send([3], SocketFlags.OutOfBand);
        peer.Send([4, 5]);
        var got = new List<byte>();
        byte[] some = new byte[16];
        await RunAsync(ready =>
        {
            if (ready.Receive(some, out int received) == LinkStatus.Ok)
            {
                got.AddRange(some.AsSpan(0, received));
            }

            return got.Count == 4;
        });
        Assert.Equal([1, 2, 4, 5], got);
    }

    [Fact]
    public async Task Links_that_are_never_drained_hold_nobody_up()
    {
        const int Links = 8;
        var ready = new ReadyLink[Links];
        byte[] some = new byte[10];
        for (int i = 0; i < Links; i++)
        {
            (_, Socket flood) = await PairAsync();
            flood.Send(new byte[1000]);
        }

        TakeTurn(static _ => { });
        var quiet = new HashSet<Link>();
        for (int i = 0; i < Links; i++)
        {
            (Link link, Socket peer) = await PairAsync();
            peer.Send([1]);
            quiet.Add(link);
        }

        for (int turn = 0; turn < 4; turn++)
        {
            TakeTurn(link => quiet.Remove(link));
        }

        Assert.Empty(quiet);

        void TakeTurn(Action<Link> heard)
        {
            int count = Poller.Wait(ready, block: false);
            for (int i = 0; i < count; i++)
            {
                ready[i].Link.Receive(some, out _);
                heard(ready[i].Link);
            }
        }
    }

    [Fact]
    public async Task A_reset_is_told_to_who_only_listens()
    {
        (_, Socket peer) = await PairAsync();
        peer.LingerState = new LingerOption(enable: true, seconds: 0);
        peer.Close();
        await RunAsync(ready => ready.Receive(new byte[16], out _) == LinkStatus.Broken);
    }

    [Fact]
    public async Task A_full_link_becomes_writable_when_the_peer_reads_and_not_before()
    {
        (Link link, Socket peer) = await PairAsync();
        byte[] block = new byte[1 << 20];
        long sent = 0;
        while (link.Send([block], out int taken) == LinkStatus.Ok)
        {
            sent += taken;
        }

        // Whatever is reported without the peer's reading is stale at best: a send would go no further for ever.
        byte[] sink = new byte[1 << 20];
        var reading = Task.Run(() =>
        {
            long read = 0;
            while (read < sent)
            {
                read += peer.Receive(sink);
            }
        }, TestContext.Current.CancellationToken);
        bool wasWritable = false;
        await RunAsync((ready, events) => wasWritable = ReferenceEquals(ready, link) && (events & LinkEvents.Writable) != 0);
        await reading.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.True(wasWritable);
    }

    [Fact]
    public async Task More_pieces_than_the_kernel_takes_at_once_are_all_sent()
    {
        (Link link, Socket peer) = await PairAsync();
        ArraySegment<byte>[] pieces = [.. Enumerable.Range(0, 200).Select(static i => new ArraySegment<byte>([(byte)i]))];
        Assert.Equal((LinkStatus.Ok, 200), (link.Send(pieces, out int sent), sent));
        byte[] got = await SocketFixture.ReadAsync(peer, pieces.Length);
        Assert.Equal(pieces.SelectMany(static piece => piece), got);
    }

    [Fact]
    public async Task A_removed_link_is_reported_no_more()
    {
        (Link gone, Socket peer) = await PairAsync();
        (Link other, Socket otherPeer) = await PairAsync();
        peer.Send([1]);
        Poller.Remove(gone);
        otherPeer.Send([2]);
        await RunAsync(ready =>
        {
            Assert.Same(other, ready);
            return true;
        });
    }

    [Fact]
    public async Task A_wake_ends_the_wait_that_is_and_the_one_that_comes()
    {
        await PairAsync();
        Poller.Wake();
        Assert.Equal(0, await WaitAsync());

        Task<int> waiting = WaitAsync();
        Poller.Wake();
        Assert.Equal(0, await waiting);
    }

    private Task<int> WaitAsync() =>
        Task.Run(() => Poller.Wait(new ReadyLink[4], block: true)).WaitAsync(Patience, TestContext.Current.CancellationToken);

    private Task RunAsync(Func<Link, bool> isDone, int atOnce = 8) => RunAsync((ready, _) => isDone(ready), atOnce);

    // As a loop does: waits, and acts on each report, until it is done.
    private Task RunAsync(Func<Link, LinkEvents, bool> isDone, int atOnce = 8) =>
        Task.Run(() =>
        {
            var ready = new ReadyLink[atOnce];
            while (true)
            {
                int count = Poller.Wait(ready, block: true);
                for (int i = 0; i < count; i++)
                {
                    if (isDone(ready[i].Link, ready[i].Events))
                    {
                        return;
                    }
                }
            }
        }).WaitAsync(Patience, TestContext.Current.CancellationToken);

    private async Task<(Link Link, Socket Peer)> PairAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await peer.ConnectAsync(listener.LocalEndPoint!);
        Link link = _transport.Over(await listener.AcceptAsync());
        Poller.Add(link);
        _pairs.Add((link, peer));
        return (link, peer);
    }
}

/// <inheritdoc/>
public sealed class PollerOverEpollTests() : PollerTests(TestTransport.Of(ServerTransport.Epoll));

/// <inheritdoc/>
public sealed class PollerOverSocketsTests() : PollerTests(TestTransport.Of(ServerTransport.Sockets));

/// <inheritdoc/>
public sealed class PollerOverSelectTests() : PollerTests(TestTransport.Select);
