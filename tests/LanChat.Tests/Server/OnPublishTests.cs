using System.Text;
using LanChat.Framing;
using LanChat.Tests.Sessions;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>The app decides on each message: <see cref="ChatServerOptions.OnPublish"/>, off the loops, in each session's order, without losing or doubling an id.</summary>
public abstract class OnPublishTests(bool tls)
{
    [Fact]
    public void A_message_is_taken_replaced_or_rejected()
    {
        MemoryServer server = Serve((request, _) => ValueTask.FromResult(request.Text switch
        {
            "good" => PublishDecision.Accept(),
            "bad" => PublishDecision.Reject(DisconnectReason.BadText, "mind your\nlanguage"),
            "none" => default,
            _ => PublishDecision.Replace("beep \a"),
        }));
        MemoryCaller ada = server.Join("ada");
        MemoryCaller bo = server.Join("bo");
        ada.Frames();
        bo.Frames();
        ada.Say([.. Publish(1, "good"), .. Publish(2, "bad"), .. Publish(3, "other"), .. Publish(4, "none")]);
        List<WireFrame> frames = ada.Frames();
        Assert.Equal(["good", "beep \uFFFD"], frames.Texts());
        Assert.Equal([(2UL, DisconnectReason.BadText), (4UL, DisconnectReason.NotPermitted)], frames.Rejections());
        Assert.Equal(
            ["mind your language", "this server does not take that"],
            frames.FindAll(frame => frame.Type == FrameType.Rejected).Select(frame => Encoding.UTF8.GetString(frame.Rejected.Text)));
        Assert.Equal(["good", "beep \uFFFD"], bo.Frames().Texts());

        // Each has its outcome for good.
        ada.Say([.. Publish(1, "good"), .. Publish(2, "bad")]);
        frames = ada.Frames();
        Assert.Equal([(1UL, 3UL)], frames.Acks());
        Assert.Equal([(2UL, DisconnectReason.BadText)], frames.Rejections());
    }

    [Fact]
    public void The_app_is_told_who_says_what_to_whom()
    {
        var asked = new List<string>();
        MemoryServer server = Serve((request, _) =>
        {
            asked.Add($"{request.Sender}>{request.Room}>{request.Recipient}>{request.IsOpaque}>{request.Text}>{request.Body.Length}");
            Assert.DoesNotContain("esc", request.ToString(), StringComparison.Ordinal);
            return ValueTask.FromResult(PublishDecision.Accept());
        });
        MemoryCaller ada = server.Join("ada", "den");
        MemoryCaller bo = server.Join("bo");
        ada.Frames();
        bo.Frames();
        ada.Say([.. WireFrame.Publish(2, 1, "esc \u001b"), .. WireFrame.Bytes(new PublishFrame { Room = 2, Id = 2, Flags = PublishFrame.OpaqueFlag, Body = [0xFF, 0] }), .. WireFrame.Direct(3, "BO", "psst")]);
        Assert.Equal(["ada>den>>False>esc \uFFFD>7", "ada>den>>True>>2", "ada>>BO>False>psst>4"], asked);
        List<WireFrame> frames = ada.Frames();
        Assert.Equal([(3UL, 1UL)], frames.Acks());
        Assert.True(frames.Entries(EntryKind.Message, room: 2)[1].Entry.IsOpaque);
        Assert.Equal(["psst"], bo.Frames().Texts(EntryKind.Direct, room: 0));
    }

    [Fact]
    public void Messages_of_one_session_are_decided_in_order_and_nobody_else_is_held_up()
    {
        var app = new SlowApp();
        MemoryServer server = Serve(app.Decide);
        MemoryCaller ada = server.Join("ada");
        MemoryCaller bo = server.Join("bo");
        ada.Frames();
        bo.Frames();
        ada.Say([.. Publish(1, "a1"), .. Publish(2, "a2"), .. Callers.Ping(7)]);
        bo.Say(Publish(1, "b1"));
        Assert.Equal(["a1", "b1"], app.Asked);
        ada.Frames().Only(FrameType.Pong);
        app.Answer("b1", PublishDecision.Accept());
        server.Run();
        Assert.Equal(["b1"], ada.Frames().Texts());
        Assert.Equal(["b1"], bo.Frames().Texts());
        app.Answer("a1", PublishDecision.Accept());
        server.Run();
        Assert.Equal(["a1", "b1", "a2"], app.Asked);
        app.Answer("a2", PublishDecision.Accept());
        server.Run();
        Assert.Equal(["a1", "a2"], bo.Frames().Texts());
        Assert.Equal(["a1", "a2"], ada.Frames().Texts());
    }

    [Fact]
    public void A_repeat_of_an_id_that_is_still_with_the_app_is_not_carried_out_twice()
    {
        var app = new SlowApp();
        MemoryServer server = Serve(app.Decide);
        MemoryCaller ada = server.Join("ada");
        MemoryCaller bo = server.Join("bo");
        ada.Frames();
        bo.Frames();
        ada.Say([.. Publish(1, "one"), .. Publish(1, "one"), .. WireFrame.Direct(2, "bo", "psst"), .. WireFrame.Direct(2, "bo", "psst")]);
        Assert.Empty(ada.Frames());
        app.Answer("one", PublishDecision.Accept());
        server.Run();
        app.Answer("psst", PublishDecision.Accept());
        server.Run();
        List<WireFrame> frames = ada.Frames();
        Assert.Equal(["one"], frames.Texts());
        Assert.Equal([(2UL, 1UL)], frames.Acks());
        Assert.Equal(["one"], bo.Frames().Texts());
        ada.Say(Publish(1, "one"));
        Assert.Equal([(1UL, 3UL)], ada.Frames().Acks());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_outcome_goes_to_the_connection_that_the_session_has_then(bool isAccepted)
    {
        var app = new SlowApp();
        MemoryServer server = Serve(app.Decide, Patient);
        MemoryCaller bo = server.Join("bo");
        var ada = new ReturningCaller(server, "ada");
        ada.Caller.Say(Publish(1, "one"));
        ada.Lose();
        List<WireFrame> back = ada.Return(ada.Rejoin(), Publish(1, "one"));
        Assert.Equal(1UL, back.Only(FrameType.Welcome).Welcome.LastId);
        Assert.Empty(back.Acks());
        app.Answer("one", isAccepted ? PublishDecision.Accept() : PublishDecision.Reject());
        server.Run();
        List<WireFrame> frames = ada.Caller.Frames();
        Assert.Equal(isAccepted ? ["one"] : [], frames.Texts());
        Assert.Equal(isAccepted ? 1 : 0, frames.Acks().Length);
        Assert.Equal(isAccepted ? [] : [(1UL, DisconnectReason.NotPermitted)], frames.Rejections());
        Assert.Equal(isAccepted ? ["one"] : [], bo.Frames().Texts());
    }

    [Fact]
    public void A_message_decided_while_its_sender_is_away_is_in_the_room_and_known_when_it_returns()
    {
        var app = new SlowApp();
        MemoryServer server = Serve(app.Decide, Patient);
        MemoryCaller bo = server.Join("bo");
        var ada = new ReturningCaller(server, "ada");
        ada.Caller.Say(Publish(1, "one"));
        ada.Lose();
        bo.Frames();
        app.Answer("one", PublishDecision.Accept());
        server.Run();
        ulong sequence = Assert.Single(bo.Frames().Entries(EntryKind.Message)).Entry.Sequence;
        List<WireFrame> back = ada.Return(ada.Rejoin(), Publish(1, "one"));
        Assert.Equal([(1UL, sequence)], back.Acks());
        Assert.Equal(["one"], back.Texts());
    }

    [Fact]
    public void After_a_session_ended_nothing_of_it_is_said_and_the_app_is_told_to_stop()
    {
        var app = new SlowApp();
        MemoryServer server = Serve(app.Decide);
        MemoryCaller bo = server.Join("bo");
        MemoryCaller ada = server.Join("ada");
        bo.Frames();
        ada.Say([.. Publish(1, "one"), .. Publish(2, "two"), .. WireFrame.Goodbye()]);
        Assert.True(app.Token("one").IsCancellationRequested);
        app.Answer("one", PublishDecision.Accept());
        server.Run();
        Assert.Equal(["one"], app.Asked);
        Assert.Empty(bo.Frames().Texts());
    }

    [Fact]
    public void A_message_to_a_room_that_was_left_and_joined_again_meanwhile_is_rejected()
    {
        var app = new SlowApp();
        MemoryServer server = Serve(app.Decide);
        MemoryCaller ada = server.Join("ada");
        ada.Say([.. Publish(1, "one"), .. Callers.Leave(1)]);
        ada.Frames();
        ada.Say(WireFrame.Join("lobby"));
        ada.Frames();
        app.Answer("one", PublishDecision.Accept());
        server.Run();
        Assert.Equal((1UL, DisconnectReason.NotAMember), Assert.Single(ada.Frames().Rejections()));
    }

    [Fact]
    public void A_message_to_a_room_that_was_left_meanwhile_is_rejected()
    {
        var app = new SlowApp();
        MemoryServer server = Serve(app.Decide);
        MemoryCaller ada = server.Join("ada");
        ada.Frames();
        ada.Say([.. Publish(1, "one"), .. Callers.Leave(1)]);
        app.Answer("one", PublishDecision.Accept());
        server.Run();
        Assert.Equal([(1UL, DisconnectReason.NotAMember)], ada.Frames().Rejections());
    }

    [Fact]
    public void What_waits_is_bounded_by_count_and_by_bytes()
    {
        var app = new SlowApp();
        MemoryServer server = Serve(app.Decide, Callers.Patient with { MaxUndecided = 3 });
        MemoryCaller ada = server.Join("ada");
        ada.Frames();
        ada.Say([.. Enumerable.Range(1, 5).SelectMany(id => Publish((ulong)id, $"m{id}"))]);
        Assert.Equal([(4UL, DisconnectReason.TooFast), (5UL, DisconnectReason.TooFast)], ada.Frames().Rejections());
        app.Answer("m1", PublishDecision.Accept());
        server.Run();
        ada.Say(Publish(6, "m6"));
        Assert.Empty(ada.Frames().Rejections());

        MemoryServer large = Serve(new SlowApp().Decide, Callers.Patient with { MaxTextBytes = 60_000 });
        MemoryCaller bo = large.Join("bo");
        bo.Frames();
        for (ulong id = 1; id <= 5; id++)
        {
            bo.Say(Publish(id, new string('x', 60_000)));
        }

        Assert.Equal([(5UL, DisconnectReason.TooFast)], bo.Frames().Rejections());
    }

    [Fact]
    public void A_replaced_text_is_measured_again()
    {
        MemoryServer server = Serve((request, _) => ValueTask.FromResult(PublishDecision.Replace(new string('x', request.Text.Length + 9))), Callers.Patient with { MaxTextBytes = 10 });
        MemoryCaller ada = server.Join("ada");
        ada.Frames();
        ada.Say([.. Publish(1, "1"), .. Publish(2, "22")]);
        List<WireFrame> frames = ada.Frames();
        Assert.Equal(["xxxxxxxxxx"], frames.Texts());
        Assert.Equal([(2UL, DisconnectReason.BadText)], frames.Rejections());
    }

    [Fact]
    public void An_app_that_throws_rejects_that_message_and_goes_on_with_the_next()
    {
        var log = new RecordingLoggerFactory();
        MemoryServer server = Serve(
            (request, _) => request.Text == "bad" ? throw new InvalidOperationException("no") : ValueTask.FromResult(PublishDecision.Accept()),
            Callers.Patient with { LoggerFactory = log });
        MemoryCaller ada = server.Join("ada");
        ada.Frames();
        ada.Say([.. Publish(1, "bad"), .. Publish(2, "good")]);
        List<WireFrame> frames = ada.Frames();
        Assert.Equal([(1UL, DisconnectReason.NotPermitted)], frames.Rejections());
        Assert.Equal(["good"], frames.Texts());
        Assert.Single(log.Logger.Lines, line => line.Text.Contains("OnPublish failed", StringComparison.Ordinal));
    }

    [Fact]
    public void A_server_that_stops_rejects_what_is_still_with_the_app()
    {
        var app = new SlowApp();
        MemoryServer server = Serve(app.Decide);
        MemoryCaller ada = server.Join("ada");
        ada.Frames();
        ada.Say([.. Publish(1, "one"), .. Publish(2, "two")]);
        _ = server.Host.StopAsync(TimeSpan.Zero);
        Assert.True(SpinWait.SpinUntil(() => { server.Run(); return app.Token("one").IsCancellationRequested; }, TimeSpan.FromSeconds(20)));
        List<WireFrame> frames = ada.Frames();
        Assert.Equal([(1UL, DisconnectReason.ServerStopping), (2UL, DisconnectReason.ServerStopping)], frames.Rejections());
        Assert.Equal(DisconnectReason.ServerStopping, frames.LastWord());
        app.Answer("one", PublishDecision.Accept());
    }

    private static ChatServerOptions Patient { get; } = new() { Loops = 2, HeartbeatInterval = TimeSpan.FromHours(1) };

    private MemoryServer Serve(Func<PublishRequest, CancellationToken, ValueTask<PublishDecision>> hook, ChatServerOptions? options = null) =>
        new((options ?? Callers.Patient) with { OnPublish = hook }, tls);

    private static byte[] Publish(ulong id, string text) => WireFrame.Publish(1, id, text);
}

/// <inheritdoc/>
public sealed class OnPublishOverPlainTests() : OnPublishTests(tls: false);

/// <inheritdoc/>
public sealed class OnPublishOverTlsTests() : OnPublishTests(tls: true);
