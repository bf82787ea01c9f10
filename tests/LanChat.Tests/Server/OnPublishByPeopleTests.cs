using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>The app decides on what people say by lines of text: their order stays, and what they said before they left counts.</summary>
public sealed class OnPublishByPeopleTests
{
    [Fact]
    public void People_get_their_ok_or_the_code_and_their_commands_wait()
    {
        var app = new SlowApp();
        var server = new MemoryServer(Callers.Patient with { OnPublish = app.Decide });
        MemoryCaller person = server.ConnectPlain();
        person.Say("one\ntwo\n/who\nexit\n");
        person.Lines();
        Assert.Equal(["one"], app.Asked);
        app.Answer("one", PublishDecision.Accept());
        server.Run();
        Assert.Equal(["ok 2"], person.Lines());
        app.Answer("two", PublishDecision.Reject(DisconnectReason.BadText, "not here"));
        server.Run();
        Assert.Equal(["? 22 not here", "* 1 member: guest-1"], person.Lines().Take(2));
        Assert.True(person.IsClosed);
    }

    [Fact]
    public void A_line_that_waited_behind_a_command_is_decided_on_and_said_once()
    {
        var app = new SlowApp();
        var server = new MemoryServer(Callers.Patient with { OnPublish = app.Decide });
        MemoryCaller person = server.ConnectPlain();
        person.Say("one\n/who\ntwo\nthree\n");
        app.Answer("one", PublishDecision.Accept());
        server.Run();
        Assert.Equal(["one", "two"], app.Asked);
        app.Answer("two", PublishDecision.Accept());
        server.Run();
        app.Answer("three", PublishDecision.Accept());
        server.Run();
        Assert.Equal(["one", "two", "three"], app.Asked);
        Assert.Equal(["ok 2", "* 1 member: guest-1", "ok 3", "ok 4"], person.Lines()[^4..]);
    }

    [Fact]
    public void A_server_that_stops_has_the_last_word_whatever_a_person_still_wanted()
    {
        var app = new SlowApp();
        var server = new MemoryServer(Callers.Patient with { OnPublish = app.Decide });
        MemoryCaller person = server.ConnectPlain();
        person.Say("one\nexit\n");
        _ = server.Host.StopAsync(TimeSpan.Zero);
        Assert.True(SpinWait.SpinUntil(() => { server.Run(); return app.Token("one").IsCancellationRequested; }, TimeSpan.FromSeconds(20)));
        string[] lines = person.Lines();
        Assert.StartsWith("? 2", lines[^2], StringComparison.Ordinal);
        Assert.Equal($"bye: {LanChat.Text.ReasonWords.Of(DisconnectReason.ServerStopping)}", lines[^1]);
    }

    [Fact]
    public void What_a_person_said_before_it_ended_its_side_still_counts()
    {
        var app = new SlowApp();
        var server = new MemoryServer(Callers.Patient with { OnPublish = app.Decide });
        MemoryCaller person = server.ConnectPlain();
        person.Say("one\ntwo");
        person.Client.End();
        server.Run();
        app.Answer("one", PublishDecision.Accept());
        server.Run();
        app.Answer("two", PublishDecision.Accept());
        server.Run();
        Assert.Equal(["ok 2", "ok 3", "bye: goodbye"], person.Lines().Where(line => line.StartsWith("ok", StringComparison.Ordinal) || line.StartsWith("bye", StringComparison.Ordinal)));
        Assert.True(person.IsClosed);
    }

    [Fact]
    public void A_person_whose_last_words_nobody_decides_on_does_not_stay_for_ever()
    {
        var server = new MemoryServer(Callers.Patient with { OnPublish = new SlowApp().Decide });
        MemoryCaller person = server.ConnectPlain();
        person.Say("one\n");
        person.Client.End();
        server.Advance(61);
        person.Lines();
        server.Advance(10);
        Assert.Equal(0, server.Context.ConnectionCount);
        Assert.Equal(0, server.Context.Sessions.Count);
    }
}
