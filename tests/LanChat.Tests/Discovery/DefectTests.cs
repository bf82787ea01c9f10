using System.Net;
using System.Net.Sockets;
using LanChat.Discovery;
using LanChat.Tests.Support;
using Microsoft.Extensions.Logging;
using Xunit;

namespace LanChat.Tests.Discovery;

/// <summary>Discovery outlives its own defects and its user's: callbacks, handlers and ticks that throw; in memory and fake time.</summary>
public sealed class DefectTests : IDisposable
{
    private static readonly IPEndPoint Somebody = IPEndPoint.Parse("192.0.2.50:40500");

    private readonly LanFixture _lan = new();
    private readonly RecordingLoggerFactory _log = new();

    public void Dispose()
    {
        _lan.Dispose();
        _log.Dispose();
    }

    [Fact]
    public void A_count_of_members_that_throws_is_told_as_it_was_last_and_logged_once()
    {
        int? members = 7;
        Announcer server = _lan.StartServer(
            "Den", options => options with { LoggerFactory = _log, Members = () => members ?? throw new ObjectDisposedException("the rooms") });
        Browser browser = _lan.StartBrowser();
        _lan.Advance(1.5);
        members = null;
        server.Changed();
        _lan.Advance(100);
        Assert.Equal(7, Assert.Single(browser.Servers).Members);
        Assert.IsType<ObjectDisposedException>(Assert.Single(Errors));

        members = 8;
        _lan.Advance(31);
        Assert.Equal(8, Assert.Single(browser.Servers).Members);

        members = null;
        Task stop = server.StopAsync();
        _lan.Advance(0.3);
        Assert.True(stop.IsCompletedSuccessfully);
        Assert.Equal(3, _lan.Lan.TimesSent(BeaconType.Goodbye));
    }

    [Fact]
    public void A_tick_of_the_server_that_throws_is_logged_and_tried_again()
    {
        MemoryHost host = _lan.NewHost();
        Announcer server = _lan.StartServer("Den", options => options with { LoggerFactory = _log }, host);
        host.Defect = new InvalidOperationException("no");
        _lan.Advance(40);
        Assert.Equal(1, _lan.Lan.TimesSent(BeaconType.Announce));
        Assert.InRange(Errors.Length, 30, 45);

        host.Defect = null;
        _lan.Advance(1);
        Assert.Equal(2, _lan.Lan.TimesSent(BeaconType.Announce));
        _lan.Stop(server);
        _lan.Advance(0.01);
        Assert.Equal(0, _lan.Time.TimerCount);
    }

    [Fact]
    public void A_tick_of_the_browser_that_throws_is_logged_and_tried_again()
    {
        MemoryHost host = _lan.NewHost();
        Browser browser = _lan.StartBrowser(options => options with { LoggerFactory = _log }, host);
        host.Defect = new InvalidOperationException("no");
        _lan.Advance(2);
        Assert.NotEmpty(Errors);

        host.Defect = null;
        _lan.StartServer("Den");
        _lan.Advance(35);
        Assert.Single(browser.Servers);
    }

    [Fact]
    public void A_goodbye_that_fails_does_not_keep_the_server_from_stopping()
    {
        MemoryHost host = _lan.NewHost();
        Announcer server = _lan.StartServer("Den", options => options with { LoggerFactory = _log }, host);
        host.Defect = new InvalidOperationException("no");
        Task stop = server.StopAsync();
        _lan.Advance(0.3);

        Assert.True(stop.IsCompletedSuccessfully);
        Assert.Equal(0, _lan.Time.TimerCount);
        Assert.Equal(3, Errors.Length);
    }

    [Fact]
    public void A_beacon_that_cannot_start_leaves_no_socket_timer_or_watch_behind()
    {
        MemoryHost host = _lan.NewHost();
        host.Defect = new InvalidOperationException("no");
        var options = new DiscoveryBeaconOptions { Identity = _lan.NewIdentity(), TimeProvider = _lan.Time };

        Assert.Same(host.Defect, Assert.Throws<InvalidOperationException>(() => DiscoveryBeacon.Start(options, host)));
        Assert.Equal((0, 0, false), (_lan.Lan.PortCount, _lan.Time.TimerCount, host.IsWatched));
    }

    [Theory]
    [InlineData(typeof(InvalidOperationException))]
    [InlineData(typeof(ObjectDisposedException))]
    [InlineData(typeof(OperationCanceledException))]
    [InlineData(typeof(SocketException))]
    public async Task A_datagram_whose_handler_throws_is_not_the_last_one(Type defect)
    {
        using var stopping = new CancellationTokenSource();
        var handled = new List<byte>();
        byte next = 0;
        var receiver = new DatagramReceiver(
            (buffer, _) =>
            {
                buffer.Span[0] = ++next;
                return ValueTask.FromResult(Received(1));
            },
            (datagram, source, card) =>
            {
                handled.Add(datagram[0]);
                if (datagram[0] == 5)
                {
                    stopping.Cancel();
                }

                throw Make(defect);
            },
            _lan.Time,
            _log.Logger);

        await receiver.RunAsync(stopping.Token).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Equal([1, 2, 3, 4, 5], handled);
        Assert.IsType(defect, Assert.Single(Errors));
    }

    [Fact]
    [HostileInput(33, "ICMP errors on the sockets of discovery")]
    public async Task An_error_of_the_socket_is_waited_out_and_stopping_ends_the_wait()
    {
        using var stopping = new CancellationTokenSource();
        int receives = 0;
        int handled = 0;
        var receiver = new DatagramReceiver(
            (_, _) => ++receives == 2 ? ValueTask.FromResult(Received(1)) : ValueTask.FromException<SocketReceiveMessageFromResult>(new SocketException((int)SocketError.NetworkDown)),
            (_, _, _) => handled++,
            _lan.Time,
            _log.Logger);
        Task running = receiver.RunAsync(stopping.Token);
        Assert.Equal((1, 0), (receives, handled));

        // The fake clock calls back on this thread, and so the loop goes on within the call up to its next pause.
        _lan.Advance(0.1);
        Assert.Equal((3, 1), (receives, handled));
        Assert.False(running.IsCompleted);
        await stopping.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Equal(3, receives);
        Assert.Equal(0, _lan.Time.TimerCount);
    }

    private Exception[] Errors => [.. _log.Logger.Lines.Where(line => line.Level == LogLevel.Error).Select(line => line.Exception!)];

    private static Exception Make(Type type) => type == typeof(ObjectDisposedException) ? new ObjectDisposedException("it") : (Exception)Activator.CreateInstance(type)!;

    private static SocketReceiveMessageFromResult Received(int bytes) => new() { ReceivedBytes = bytes, RemoteEndPoint = Somebody };
}
