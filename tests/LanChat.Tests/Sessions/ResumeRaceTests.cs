using System.Text;
using LanChat.Framing;
using LanChat.Tests.Server;
using LanChat.Tests.Support;
using LanChat.Transport;
using Xunit;

namespace LanChat.Tests.Sessions;

/// <summary>What meets on the way from one loop to another: whatever comes to the session's loop first is what happened.</summary>
public abstract class ResumeRaceTests
{
    private readonly MemoryServer _server;
    private readonly MemoryCaller _ada;
    private readonly ReturningCaller _bo;

    protected ResumeRaceTests(bool tls)
    {
        _server = new MemoryServer(Resuming.Options with { Loops = 2 }, tls);
        _ada = _server.Join("ada");
        _bo = new ReturningCaller(_server, "bo");
        _ada.Frames();
    }

    private EventLoop Home => _bo.Session.Home.Loop;

    private EventLoop Other => _server.Host.Loops[1 - _bo.Session.Home.Number].Loop;

    [Fact]
    public void A_client_that_is_there_before_the_end_of_its_wait_stays()
    {
        _bo.Lose();
        _server.Advance(29.9);
        MemoryCaller back = SendOn();

        // The tick decides while the connection is between the loops.
        _server.Time.Advance(TimeSpan.FromSeconds(1.5));
        _server.Run();
        Assert.Equal(WelcomeFrame.ResumedFlag, back.Frames()[0].Welcome.Flags);
        Assert.Equal(["LostContact bo", "Back bo"], _ada.Seen());
        Assert.Equal(0, _server.Context.Detached.Count);
        _server.Advance(60);
        Assert.Equal(["ada", "bo"], _server.Members());
    }

    [Fact]
    [HostileInput(14, "a token that has expired")]
    public void A_client_that_comes_after_the_end_of_its_wait_begins_anew()
    {
        _bo.Lose();
        _server.Advance(29.9);
        MemoryCaller back = _bo.Connect();
        EventLoop other = Other;
        back.Client.Write([.. _bo.Hello(), .. _bo.Rejoin()]);
        _server.Time.Advance(TimeSpan.FromSeconds(1.5));
        other.RunOnce(block: false);
        _server.Run();
        List<WireFrame> frames = back.Frames();
        Assert.Equal((0, "bo"), (frames[0].Welcome.Flags, Encoding.UTF8.GetString(frames[0].Welcome.YourName)));
        Assert.Equal(["LostContact bo", "Left bo", "Joined bo"], _ada.Seen());
        Assert.Equal(2, _server.Context.Sessions.Count);
    }

    [Fact]
    public void Of_two_connections_on_their_way_the_later_attempt_has_the_session()
    {
        _bo.Lose();
        byte[] first = [.. _bo.Hello(), .. _bo.Rejoin()];
        byte[] second = [.. _bo.Hello(), .. _bo.Rejoin()];
        MemoryCaller late = _bo.Connect();
        MemoryCaller early = _bo.Connect();
        EventLoop other = Other;
        early.Client.Write(second);
        other.RunOnce(block: false);
        late.Client.Write(first);
        other.RunOnce(block: false);
        _server.Run();
        Assert.Equal(WelcomeFrame.ResumedFlag, early.Frames()[0].Welcome.Flags);
        Assert.Equal(DisconnectReason.Replaced, late.Frames().LastWord());
        Assert.Equal(["LostContact bo", "Back bo"], _ada.Seen());
    }

    [Fact]
    public void A_connection_that_breaks_between_the_loops_is_gone()
    {
        _bo.Lose();
        MemoryCaller back = SendOn();
        back.Client.Reset();
        _server.Run();

        // The HELLO had arrived whole, so the session was resumed, and lost again.
        Assert.Equal(1, _server.Context.ConnectionCount);
        Assert.Equal(1, _server.Context.Detached.Count);
        Assert.Equal(WelcomeFrame.ResumedFlag, _bo.Return(_bo.Rejoin())[0].Welcome.Flags);
    }

    [Fact]
    public void A_connection_that_ends_between_the_loops_is_gone_too()
    {
        _bo.Lose();
        MemoryCaller back = _bo.Connect();
        back.Client.Write([.. _bo.Hello(), .. _bo.Rejoin()]);
        back.Client.End();
        _server.Run();
        Assert.Equal(1, _server.Context.ConnectionCount);
        Assert.Equal(1, _server.Context.Detached.Count);
    }

    [Fact]
    public void A_stop_finds_a_connection_between_the_loops()
    {
        _bo.Lose();
        MemoryCaller back = SendOn();
        _server.Context.StartDraining();
        _server.Run();
        Assert.Equal(DisconnectReason.ServerStopping, back.Frames().LastWord());
        _server.Advance(2);
        Assert.Equal(1, _server.Context.ConnectionCount);
    }

    [Fact]
    public async Task A_loop_that_has_stopped_gets_no_connection()
    {
        _bo.Lose();
        EventLoop other = Other;
        int connections = other.ConnectionCount;
        MemoryCaller back = _bo.Connect();
        back.Client.Write(_bo.Hello());
        await Home.DisposeAsync();
        other.RunOnce(block: false);
        Assert.Empty(back.Client.ReadAll());
        Assert.Equal(LinkStatus.Broken, back.Client.Status);
        Assert.Equal(connections, other.ConnectionCount);
        await _server.StopAsync();
        Assert.Equal(0, _server.Context.ConnectionCount);
        Assert.Equal(0, _server.Context.Sessions.Count);
    }

    [Fact]
    public async Task A_loop_that_stops_closes_what_was_on_its_way_to_it()
    {
        _bo.Lose();
        MemoryCaller back = SendOn();
        await _server.StopAsync();
        back.Client.ReadAll();
        Assert.True(back.IsClosed);
        Assert.Equal(0, _server.Context.ConnectionCount);
        Assert.Equal(0, _server.Context.Sessions.Count);
        Assert.Equal(0, _server.Context.Pool.RentedBytes);
    }

    // The loop that accepted it has posted it to the session's, which has not looked yet.
    private MemoryCaller SendOn()
    {
        MemoryCaller back = _bo.Connect();
        EventLoop other = Other;
        back.Client.Write([.. _bo.Hello(), .. _bo.Rejoin()]);
        other.RunOnce(block: false);
        return back;
    }
}

/// <inheritdoc/>
public sealed class ResumeRaceOverPlainTests() : ResumeRaceTests(tls: false);

/// <inheritdoc/>
public sealed class ResumeRaceOverTlsTests() : ResumeRaceTests(tls: true);
