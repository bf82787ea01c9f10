using LanChat.Framing;
using LanChat.Tests.Server;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Sessions;

/// <summary>Who may have a session: with its token, over the kind of link it was made on, by a later attempt. The older connection then has no say.</summary>
public abstract class TakeoverTests
{
    private readonly bool _tls;
    private readonly MemoryServer _server;
    private readonly MemoryCaller _ada;
    private readonly ReturningCaller _bo;

    protected TakeoverTests(bool tls)
    {
        _tls = tls;
        _server = new MemoryServer(Resuming.Options with { Loops = 2 }, tls);
        _ada = _server.Join("ada");
        _bo = new ReturningCaller(_server, "bo");
        _ada.Frames();
        _bo.Caller.Frames();
    }

    [Fact]
    public void The_older_connection_ends_with_code_18_and_the_room_sees_nothing()
    {
        MemoryCaller older = _bo.Caller;
        List<WireFrame> frames = _bo.Return(_bo.Rejoin());
        Assert.Equal((WelcomeFrame.ResumedFlag, (ushort)DisconnectReason.Replaced), (frames[0].Welcome.Flags, frames[0].Welcome.LastEnd));
        Assert.Equal((JoinOutcome.Recovered, _bo.Newest), (frames[1].Joined.Outcome, frames[1].Joined.Newest));
        Assert.Equal(DisconnectReason.Replaced, older.Frames().LastWord());
        Assert.Empty(_ada.Seen());
        Assert.Equal(["ada", "bo"], _server.Members());
    }

    [Fact]
    public void Nothing_that_the_older_connection_says_counts_any_more()
    {
        MemoryCaller older = _bo.Caller;
        _bo.Return(_bo.Rejoin());
        older.Say([.. WireFrame.Publish(1, 1, "old"), .. WireFrame.Goodbye()]);
        _bo.Caller.Say(WireFrame.Publish(1, 1, "new"));
        Assert.Equal(["Message bo new"], _ada.Seen());
        Assert.Equal(1UL, _bo.Session.LastId);
        older.Client.Reset();
        _server.Advance(10);
        Assert.Equal(["ada", "bo"], _server.Members());
        Assert.Equal(2, _server.Context.ConnectionCount);
    }

    [Fact]
    public void An_older_connection_that_is_cut_inside_an_entry_gets_the_rest_of_it_and_then_the_last_word()
    {
        MemoryCaller older = _bo.Caller;
        older.Client.FromServer.Capacity = 100;
        for (ulong id = 1; id <= 3; id++)
        {
            _ada.Say(WireFrame.Publish(1, id, new string('x', 300)));
        }

        List<WireFrame> frames = _bo.Return(_bo.Rejoin());
        Assert.Equal(3, frames.Texts().Length);
        older.Client.FromServer.Capacity = int.MaxValue;
        _server.Run();
        List<WireFrame> last = older.Frames();
        Assert.Equal(DisconnectReason.Replaced, last.LastWord());
        Assert.Equal(0, older.UnreadBytes);
        Assert.InRange(last.Texts().Length, 1, 3);
    }

    [Fact]
    [HostileInput(14, "a token for another session")]
    public void A_wrong_token_is_code_12_and_changes_nothing()
    {
        MemoryCaller older = _bo.Caller;
        _bo.Token[3] ^= 1;
        Assert.Equal(DisconnectReason.NotProved, _bo.Return(_bo.Rejoin()).LastWord());
        AssertUntouched(older);
    }

    [Fact]
    public void Another_kind_of_link_than_it_was_made_on_is_code_12_and_changes_nothing()
    {
        MemoryCaller older = _bo.Caller;
        MemoryCaller other = _tls ? _server.ConnectPlain() : _server.ConnectTls();
        other.Say(_bo.Hello());
        Assert.Equal(DisconnectReason.NotProved, other.Frames().LastWord());
        AssertUntouched(older);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void An_attempt_that_is_not_later_is_code_18_and_changes_nothing(uint before)
    {
        _bo.Attempt = 10;
        _bo.Return(_bo.Rejoin());
        MemoryCaller older = _bo.Caller;
        _bo.Attempt -= before;
        Assert.Equal(DisconnectReason.Replaced, _bo.Return(_bo.Rejoin()).LastWord());
        AssertUntouched(older);
    }

    [Fact]
    [HostileInput(14, "a token after a restart of the server")]
    public void A_number_that_nobody_has_gets_a_new_session()
    {
        _bo.Lose();
        ulong lost = _bo.Id++;
        MemoryCaller back = _server.Connect();
        back.Say(WireFrame.Bytes(new HelloFrame { Version = 1, Session = _bo.Id, Token = _bo.Token, Attempt = 7, Name = "cy"u8 }));
        WelcomeFrame welcome = back.Frames()[0].Welcome;
        Assert.Equal((0, 0UL), (welcome.Flags, welcome.LastId));
        Assert.NotEqual(lost, welcome.Session);
    }

    [Fact]
    public void The_name_in_a_resuming_HELLO_is_not_looked_at()
    {
        byte[] hello = WireFrame.Bytes(new HelloFrame { Version = 1, Session = _bo.Id, Token = _bo.Token, Attempt = 9, Name = "no name, and taken"u8 });
        MemoryCaller back = _bo.Connect();
        back.Say(hello);
        Assert.Equal("bo"u8, back.Frames()[0].Welcome.YourName);
    }

    [Fact]
    public void While_the_server_stops_nobody_comes_back()
    {
        _bo.Lose();
        MemoryCaller back = _bo.Connect();
        back.Say(_bo.Hello().AsSpan(0, 9));
        _server.Context.StartDraining();
        back.Say(_bo.Hello().AsSpan(9));
        Assert.Equal(DisconnectReason.ServerStopping, back.Frames().LastWord());
    }

    private void AssertUntouched(MemoryCaller older)
    {
        older.Say(WireFrame.Publish(1, 1, "here"));
        Assert.Equal("Message bo here", older.Seen()[^1]);
        Assert.Equal(["Message bo here"], _ada.Seen());
        Assert.Equal(["ada", "bo"], _server.Members());
    }
}

/// <inheritdoc/>
public sealed class TakeoverOverPlainTests() : TakeoverTests(tls: false);

/// <inheritdoc/>
public sealed class TakeoverOverTlsTests() : TakeoverTests(tls: true);
