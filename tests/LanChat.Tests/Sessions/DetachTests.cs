using System.Net;
using LanChat.Framing;
using LanChat.Tests.Server;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Sessions;

/// <summary>Which end of a connection is the end of its session, and which is not; and how many may wait.</summary>
public abstract class DetachTests(bool tls)
{
    private readonly MemoryServer _server = new(Resuming.Options with { HeartbeatInterval = TimeSpan.FromSeconds(15), MaxLagBytes = 64 << 10 }, tls);

    public static TheoryData<DisconnectReason> Losses =>
    [
        DisconnectReason.ConnectionReset,
        DisconnectReason.TooSlow,
        DisconnectReason.ProtocolViolation,
        DisconnectReason.FrameTooLarge,
        DisconnectReason.HeartbeatLost,
        DisconnectReason.TooFast,
    ];

    [Theory]
    [MemberData(nameof(Losses))]
    public void What_ends_only_the_connection(DisconnectReason reason)
    {
        MemoryCaller ada = _server.Join("ada");
        var bo = new ReturningCaller(_server, "bo");
        Lose(bo, ada, reason);
        Assert.Equal(["ada", "bo"], _server.Members());
        Assert.Contains("LostContact bo", ada.Seen());
        List<WireFrame> frames = bo.Return(bo.Rejoin());
        Assert.Equal((WelcomeFrame.ResumedFlag, (ushort)reason), (frames[0].Welcome.Flags, frames[0].Welcome.LastEnd));
        Lose(bo, ada, reason);
        ada.Frames();
        for (int i = 0; i < 31; i++)
        {
            ada.Say(Callers.Ping(1));
            _server.Advance(1);
        }

        Assert.Equal(("bo", 1u, reason), Assert.Single(ada.Frames().Entries(EntryKind.Left)).LeftParts());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(999)]
    public void A_client_that_ends_the_connection_but_says_no_goodbye_may_come_back(int code)
    {
        MemoryCaller ada = _server.Join("ada");
        var bo = new ReturningCaller(_server, "bo");
        bo.Caller.Say(WireFrame.Bytes(new ByeFrame { Code = (ushort)code }));
        Assert.Equal("LostContact bo", ada.Seen()[^1]);
        List<WireFrame> frames = bo.Return(bo.Rejoin());
        Assert.Equal((WelcomeFrame.ResumedFlag, (ushort)DisconnectReason.Goodbye), (frames[0].Welcome.Flags, frames[0].Welcome.LastEnd));
    }

    [Fact]
    public void Goodbye_ends_the_session()
    {
        MemoryCaller ada = _server.Join("ada");
        var bo = new ReturningCaller(_server, "bo");
        bo.Caller.Say(WireFrame.Goodbye());
        Assert.Equal(("bo", 1u, DisconnectReason.Goodbye), Assert.Single(ada.Frames().Entries(EntryKind.Left)).LeftParts());
        Assert.Equal(0, bo.Return()[0].Welcome.Flags);
    }

    [Fact]
    public void A_kick_ends_the_session_there_or_away()
    {
        MemoryCaller ada = _server.Join("ada");
        var bo = new ReturningCaller(_server, "bo");
        var cy = new ReturningCaller(_server, "cy");
        bo.Lose();
        Assert.True(bo.Session.Kick("be nice"));
        Assert.True(cy.Session.Kick("be nice"));
        _server.Run();
        List<WireFrame> left = ada.Frames().Entries(EntryKind.Left);
        Assert.Equal([("bo", 2u, DisconnectReason.Kicked), ("cy", 1u, DisconnectReason.Kicked)], left.Select(frame => frame.LeftParts()));
        Assert.Equal(0, bo.Return()[0].Welcome.Flags);
        Assert.Equal(1 + 1, _server.Context.Sessions.Count);
        Assert.Equal(0, _server.Context.Detached.Count);
    }

    [Fact]
    public void The_idle_limit_ends_the_session_and_time_away_is_not_counted()
    {
        var server = new MemoryServer(Resuming.Options with { IdleTimeout = TimeSpan.FromSeconds(20) }, tls);
        var bo = new ReturningCaller(server, "bo");
        server.Advance(10);
        bo.Lose();
        server.Advance(25);
        Assert.Equal(WelcomeFrame.ResumedFlag, bo.Return(bo.Rejoin())[0].Welcome.Flags);
        server.Advance(9);
        Assert.Equal(["bo"], server.Members());
        server.Advance(2);
        Assert.Equal(DisconnectReason.Idle, bo.Caller.Frames().LastWord());
        Assert.Equal(0, server.Context.Sessions.Count);
    }

    [Fact]
    public void A_session_on_which_nothing_but_HELLO_and_JOIN_arrived_ends_with_its_connection()
    {
        MemoryCaller bo = _server.Join("bo");
        bo.Say(WireFrame.Join("den"));
        bo.Client.Reset();
        _server.Run();
        Assert.Equal(0, _server.Context.Sessions.Count);
    }

    [Fact]
    public void A_session_that_published_outlives_its_connection_without_a_PING()
    {
        MemoryCaller bo = _server.Join("bo");
        bo.Say(WireFrame.Publish(1, 1, "hello"));
        bo.Client.Reset();
        _server.Run();
        Assert.Equal(1, _server.Context.Sessions.Count);
    }

    [Fact]
    public void A_person_with_netcat_ends_with_the_connection()
    {
        MemoryCaller person = _server.ConnectPlain();
        person.Say("hello\n/who\n");
        person.Client.Reset();
        _server.Run();
        Assert.Equal(0, _server.Context.Sessions.Count);
    }

    [Fact]
    public void Beyond_the_limit_who_has_waited_longest_ends()
    {
        var server = new MemoryServer(Resuming.Options with { Loops = 2, MaxDetachedSessions = 2 }, tls);
        ReturningCaller[] callers = [.. new[] { "ada", "bo", "cy" }.Select(name => new ReturningCaller(server, name))];
        Array.ForEach(callers, caller => caller.Lose());
        Assert.Equal(["bo", "cy"], server.Members());
        Assert.Equal((2, 2), (server.Context.Detached.Count, server.Context.Sessions.Count));

        // Who came back makes place.
        Assert.Equal(WelcomeFrame.ResumedFlag, callers[1].Return(callers[1].Rejoin())[0].Welcome.Flags);
        var di = new ReturningCaller(server, "di");
        di.Lose();
        Assert.Equal(["bo", "cy", "di"], server.Members());
    }

    [Fact]
    public void The_limit_per_address_is_for_that_address_alone_and_not_for_this_machine()
    {
        var server = new MemoryServer(Resuming.Options with { Loops = 2, MaxDetachedPerAddress = 1, AllowPlaintext = true }, tls);
        var one = IPAddress.Parse("192.0.2.1");
        ReturningCaller[] callers =
        [
            new(server, "ada", address: one),
            new(server, "bo", address: IPAddress.Parse("192.0.2.2")),
            new(server, "cy", address: one),
            new(server, "here1"),
            new(server, "here2"),
        ];
        Array.ForEach(callers, caller => caller.Lose());
        Assert.Equal(["bo", "cy", "here1", "here2"], server.Members());
        Assert.Equal(4, server.Context.Detached.Count);
    }

    [Fact]
    public async Task A_stop_ends_those_who_wait_without_a_word_and_leaves_nothing()
    {
        var server = new MemoryServer(Resuming.Options with { Loops = 2 }, tls);
        MemoryCaller ada = server.Join("ada");
        var bo = new ReturningCaller(server, "bo");
        bo.Caller.Say(WireFrame.Publish(1, 1, "soon gone"));
        bo.Lose();
        ada.Say(WireFrame.Direct(1, "bo", "are you there?"));
        Assert.Equal("LostContact bo", ada.Seen()[^1]);
        await server.StopAsync();
        Assert.Empty(ada.Seen());
        Assert.Equal((0, 0), (server.Context.Sessions.Count, server.Context.Detached.Count));
        Assert.Equal(0, server.Context.Pool.RentedBytes);
        Assert.Equal(0, server.Time.TimerCount);
    }

    private void Lose(ReturningCaller bo, MemoryCaller ada, DisconnectReason reason)
    {
        switch (reason)
        {
            case DisconnectReason.ConnectionReset:
                bo.Lose();
                return;
            case DisconnectReason.TooSlow:
                bo.Caller.Client.FromServer.Capacity = 0;
                ulong next = _server.Context.Sessions.FindByName("ada"u8)!.LastId + 1;
                for (ulong id = next; id < next + 100; id++)
                {
                    ada.Say(WireFrame.Publish(1, id, new string('x', 1000)));
                }

                break;
            case DisconnectReason.ProtocolViolation:
                bo.Caller.Say([0, 0, 0, 0]);
                break;
            case DisconnectReason.FrameTooLarge:
                bo.Caller.Say([0x7F, 0, 0, 0]);
                break;
            case DisconnectReason.HeartbeatLost:
                for (int i = 0; i < 31; i++)
                {
                    ada.Say(Callers.Ping(1));
                    _server.Advance(1);
                }

                break;
            case DisconnectReason.TooFast:
                for (int i = 0; i < 300; i++)
                {
                    bo.Caller.Say(Callers.Ping(1));
                }

                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(reason));
        }

        Assert.Null(bo.Session.Connection);
    }
}

/// <inheritdoc/>
public sealed class DetachOverPlainTests() : DetachTests(tls: false);

/// <inheritdoc/>
public sealed class DetachOverTlsTests() : DetachTests(tls: true);
