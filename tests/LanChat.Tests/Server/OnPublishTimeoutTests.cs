using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>An app that does not say in time what becomes of a message (<see cref="ChatServerOptions.OnPublishTimeout"/>).</summary>
public sealed class OnPublishTimeoutTests
{
    private readonly SlowApp _app = new();
    private readonly MemoryServer _server;

    public OnPublishTimeoutTests() => _server = new MemoryServer(Callers.Patient with { OnPublish = _app.Decide });

    [Fact]
    public void What_waits_is_rejected_and_the_app_is_told_to_stop_and_not_asked_before_it_has_returned()
    {
        MemoryCaller ada = _server.Join("ada");
        ada.Frames();
        ada.Say([.. Publish(1, "one"), .. Publish(2, "two")]);
        _server.Advance(9.9);
        Assert.Empty(ada.Frames());
        Assert.False(_app.Token("one").IsCancellationRequested);
        _server.Advance(0.2);
        Assert.Equal([(1UL, DisconnectReason.NotPermitted), (2UL, DisconnectReason.NotPermitted)], ada.Frames().Rejections());
        Assert.True(_app.Token("one").IsCancellationRequested);

        // What comes while the call goes on all the same waits as long, and no longer.
        ada.Say(Publish(3, "three"));
        _server.Advance(10.1);
        Assert.Equal([(3UL, DisconnectReason.NotPermitted)], ada.Frames().Rejections());
        ada.Say(Publish(4, "four"));
        Assert.Equal(["one"], _app.Asked);
        _app.Answer("one", PublishDecision.Accept());
        _server.Run();
        Assert.Equal(["one", "four"], _app.Asked);
        Assert.False(_app.Token("four").IsCancellationRequested);
        _app.Answer("four", PublishDecision.Accept());
        _server.Run();
        Assert.Equal(["four"], ada.Frames().Texts());

        // For good: a repeat gets the same.
        ada.Say(Publish(1, "one"));
        Assert.Equal([(1UL, DisconnectReason.NotPermitted)], ada.Frames().Rejections());
    }

    [Fact]
    public void Each_message_has_its_own_time_from_when_the_app_is_asked()
    {
        MemoryCaller ada = _server.Join("ada");
        ada.Frames();
        string[] texts = ["one", "two", "three", "four"];
        ada.Say([.. texts.SelectMany((text, i) => Publish((ulong)i + 1, text))]);
        foreach (string text in texts)
        {
            _server.Advance(9);
            _app.Answer(text, PublishDecision.Accept());
            _server.Run();
        }

        Assert.Equal(texts, ada.Frames().Texts());
    }

    [Fact]
    public void A_person_is_told_so_and_what_it_said_behind_is_done()
    {
        MemoryCaller person = _server.ConnectPlain();
        person.Say("one\n/who\ntwo\n");
        _server.Advance(10.1);
        Assert.Equal(["? 19 it was not decided in time; try again later", "* 1 member: guest-1"], person.Lines()[^2..]);
        _app.Answer("one", PublishDecision.Accept());
        _server.Run();
        _app.Answer("two", PublishDecision.Accept());
        _server.Run();
        Assert.Equal("ok 2", person.Lines()[^1]);
    }

    [Fact]
    public void No_timer_is_left_of_a_session_that_has_ended()
    {
        int before = _server.Time.TimerCount;
        MemoryCaller ada = _server.Join("ada");
        ada.Say(Publish(1, "one"));
        ada.Say(WireFrame.Goodbye());
        ada.Client.End();
        _server.Run();
        Assert.Equal(0, _server.Context.ConnectionCount);
        Assert.Equal(before, _server.Time.TimerCount);
    }

    private static byte[] Publish(ulong id, string text) => WireFrame.Publish(1, id, text);
}
