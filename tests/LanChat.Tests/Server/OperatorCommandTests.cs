using System.Text;
using LanChat.Framing;
using LanChat.Sessions;
using LanChat.Tests.Sessions;
using LanChat.Tests.Support;
using Microsoft.Extensions.Logging;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>COMMAND over frames: each verb, who may say it, its one outcome, and what the log says of it.</summary>
public sealed class OperatorCommandTests
{
    private readonly RecordingLoggerFactory _log = new();
    private readonly MemoryServer _server;
    private readonly ReturningCaller _op;
    private readonly MemoryCaller _ada;

    public OperatorCommandTests()
    {
        _server = new MemoryServer(Resuming.Options with { Loops = 2, LoggerFactory = _log });
        _op = new ReturningCaller(_server, "op");
        _op.Session.Connection!.IsOperator = true;
        _ada = _server.ConnectTo(1 - _op.Session.Home.Number);
        _ada.Say([.. WireFrame.Hello("ada"), .. WireFrame.Join("lobby")]);
        _ada.Frames();
        _op.Caller.Frames();
    }

    [Fact]
    [HostileInput(13, "a member that sends commands")]
    public void Without_operator_rights_every_verb_is_refused_and_does_nothing()
    {
        string[] verbs = ["kick", "ban", "unban", "notice", "shutdown", "dance"];
        for (int i = 0; i < verbs.Length; i++)
        {
            _ada.Say(Operators.Command((ulong)i + 1, verbs[i], "op"));
        }

        Assert.Equal(Enumerable.Range(1, 6).Select(id => ((ulong)id, DisconnectReason.NotPermitted)), _ada.Frames().Rejections());
        Assert.Equal(["op", "ada"], _server.Members());
        Assert.Empty(_server.Context.Bans.All);
        Assert.Empty(_op.Caller.Frames().Entries(EntryKind.Notice));
        Assert.False(_server.Context.IsDraining);
    }

    [Fact]
    public void Rights_are_those_of_one_connection()
    {
        _op.Lose();
        List<WireFrame> frames = _op.Return(_op.Rejoin(), Operators.Command(1, "kick", "ada"));
        Assert.Equal([(1, DisconnectReason.NotPermitted)], frames.Rejections());
        Assert.Equal(["op", "ada"], _server.Members());
    }

    [Fact]
    public void Kick_ends_a_session_on_another_loop_and_is_answered_when_that_is_done()
    {
        _op.Caller.Say(Operators.Command(1, "kick", "ADA"));
        List<WireFrame> frames = _op.Caller.Frames();
        Assert.Equal((1UL, ""), frames.Results().Single());
        Assert.Equal(("ada", 1u, DisconnectReason.Kicked), Assert.Single(frames.Entries(EntryKind.Left)).LeftParts());
        Assert.Equal(DisconnectReason.Kicked, _ada.Frames().LastWord());
        _server.Join("ada");
        Assert.Equal(["op", "ada"], _server.Members());
    }

    [Fact]
    public void Kick_and_ban_end_a_session_that_waits_for_its_client()
    {
        var bo = new ReturningCaller(_server, "bo");
        var cy = new ReturningCaller(_server, "cy");
        bo.Lose();
        cy.Lose();
        _op.Caller.Frames();
        _op.Caller.Say([.. Operators.Command(1, "kick", "bo"), .. Operators.Command(2, "ban", "cy")]);
        List<WireFrame> frames = _op.Caller.Frames();
        Assert.Equal([1UL, 2UL], frames.Results().Select(result => result.Id).Order());
        Assert.Equal(
            [("bo", DisconnectReason.Kicked), ("cy", DisconnectReason.Banned)],
            frames.Entries(EntryKind.Left).Select(frame => (frame.LeftParts().Name, frame.LeftParts().Reason)).Order());
        Assert.Equal(0, _server.Context.Detached.Count);
        Assert.Equal(0, bo.Return()[0].Welcome.Flags);
        Assert.Equal(DisconnectReason.Banned, cy.Return().LastWord());
    }

    [Fact]
    public void A_name_that_nobody_has_can_be_banned_but_not_kicked()
    {
        _op.Caller.Say([.. Operators.Command(1, "kick", "nobody"), .. Operators.Command(2, "kick", ""), .. Operators.Command(3, "ban", "nobody"), .. Operators.Command(4, "ban", "no name")]);
        List<WireFrame> frames = _op.Caller.Frames();
        Assert.Equal([(1, DisconnectReason.NoSuchMember), (2, DisconnectReason.NoSuchMember), (4, DisconnectReason.BadName)], frames.Rejections());
        Assert.Equal((3UL, "nobody here has that name; it is banned all the same"), frames.Results().Single());
        Assert.Equal("nobody", Assert.Single(_server.Context.Bans.All).Name);
    }

    [Fact]
    public void Unban_lets_a_name_in_again_and_says_when_there_was_nothing_to_lift()
    {
        _op.Caller.Say([.. Operators.Command(1, "ban", "ada"), .. Operators.Command(2, "unban", "Ada"), .. Operators.Command(3, "unban", "ada")]);
        List<WireFrame> frames = _op.Caller.Frames();
        Assert.Equal([1UL, 2UL], frames.Results().Select(result => result.Id).Order());
        Assert.Equal([(3, DisconnectReason.NoSuchMember)], frames.Rejections());
        _server.Join("ada");
        Assert.Equal(["op", "ada"], _server.Members());
    }

    [Fact]
    public void A_notice_is_said_in_every_room_after_the_sanitizer()
    {
        MemoryCaller bo = _server.Join("bo", "kitchen");
        bo.Frames();
        byte[] invalid = WireFrame.Bytes(new CommandFrame { Id = 2, Verb = "notice"u8, Argument = [0xC3] });
        byte[] tooLong = Operators.Command(3, "notice", new string('x', 4097));
        _op.Caller.Say([.. Operators.Command(1, "notice", "dinner\a at eight"), .. invalid, .. tooLong, .. Operators.Command(4, "notice", "")]);
        Assert.Equal(["dinner\uFFFD at eight"], bo.Frames().Texts(EntryKind.Notice, room: 2));
        Assert.Equal("server", Encoding.UTF8.GetString(Assert.Single(_ada.Frames().Entries(EntryKind.Notice)).Entry.Name));
        List<WireFrame> frames = _op.Caller.Frames();
        Assert.Equal((1UL, ""), frames.Results().Single());
        Assert.Equal([(2, DisconnectReason.BadText), (3, DisconnectReason.BadText), (4, DisconnectReason.BadText)], frames.Rejections());
    }

    [Fact]
    public void Another_verb_is_refused_with_a_sentence()
    {
        _op.Caller.Say(Operators.Command(1, "KICK", "ada"));
        WireFrame rejected = _op.Caller.Frames().Only(FrameType.Rejected);
        Assert.Equal((ushort)DisconnectReason.BadText, rejected.Rejected.Code);
        Assert.Contains("there is no such command", Encoding.UTF8.GetString(rejected.Rejected.Text), StringComparison.Ordinal);
        Assert.Equal(["op", "ada"], _server.Members());
    }

    [Theory]
    [InlineData("kick", DisconnectReason.Kicked)]
    [InlineData("ban", DisconnectReason.Banned)]
    public void Who_removes_itself_gets_the_outcome_before_the_last_word(string verb, DisconnectReason reason)
    {
        _op.Caller.Say(Operators.Command(1, verb, "op"));
        List<WireFrame> frames = _op.Caller.Frames();
        Assert.Equal([FrameType.Result, FrameType.Bye], frames.Select(frame => frame.Type).Where(type => type is FrameType.Result or FrameType.Bye));
        Assert.Equal(reason, frames.LastWord());
        Assert.Equal(["ada"], _server.Members());
    }

    [Fact]
    public void Who_says_goodbye_right_behind_a_command_still_gets_its_outcome()
    {
        _op.Caller.Say([.. Operators.Command(1, "kick", "op2"), .. Operators.Command(2, "notice", "bye"), .. WireFrame.Goodbye()]);
        List<WireFrame> frames = _op.Caller.Frames();
        Assert.Equal([(1, DisconnectReason.NoSuchMember)], frames.Rejections());
        Assert.Equal(2UL, frames.Results().Single().Id);
    }

    [Fact]
    public void A_repeat_gets_the_same_outcome_and_does_nothing()
    {
        byte[] sent = [.. Operators.Command(1, "notice", "once"), .. Operators.Command(2, "kick", "nobody"), .. Operators.Command(3, "kick", "ada")];
        _op.Caller.Say(sent);
        _op.Caller.Frames();
        _op.Lose();
        _server.Join("ada");
        List<WireFrame> frames = _op.Return([_op.Rejoin(), sent]);
        Assert.Equal([1UL, 3UL], frames.Results().Select(result => result.Id));
        Assert.Equal([(2, DisconnectReason.NoSuchMember)], frames.Rejections());
        Assert.Single(frames.Texts(EntryKind.Notice));
        Assert.Contains("ada", _server.Members());
    }

    [Fact]
    public void What_is_still_being_carried_out_is_done_once_and_answered_on_the_connection_that_there_is_then()
    {
        // ada's loop does not get to it; the operator's connection is taken over meanwhile, and asks again.
        int home = _op.Session.Home.Number;
        MemoryCaller before = _op.Caller;
        MemoryCaller after = _server.ConnectTo(home);
        byte[] kick = Operators.Command(1, "kick", "ada");
        before.Client.Write([.. kick, .. kick]);
        StepAlone(home);
        Assert.Equal(IdCheck.Repeat, _op.Session.Outcomes.Check(1));
        after.Client.Write([.. _op.Hello(), .. kick, .. Callers.Ping(7)]);
        StepAlone(home);
        Assert.True(_op.Session.Outcomes[1].IsUndecided);
        Assert.Contains("ada", _server.Members());

        _server.Run();
        Assert.Empty(before.Frames().Results());
        List<WireFrame> frames = after.Frames();
        Assert.Equal((1UL, ""), frames.Results().Single());
        Assert.Single(frames, frame => frame.Type == FrameType.Pong);
        Assert.Equal(["op"], _server.Members());
    }

    [Fact]
    public void An_outcome_that_finds_nobody_waits_to_be_asked_for()
    {
        int home = _op.Session.Home.Number;
        byte[] kick = Operators.Command(1, "kick", "ada");
        _op.Caller.Client.Write(kick);
        StepAlone(home);
        _op.Lose();
        Assert.Equal(["op"], _server.Members());
        Assert.Equal((1UL, ""), _op.Return(_op.Rejoin(), kick).Results().Single());
    }

    [Fact]
    public async Task Shutdown_is_answered_and_then_the_server_stops()
    {
        // That everybody is told is tested where the loops have threads.
        _op.Caller.Client.Write(Operators.Command(1, "shutdown", ""));
        StepAlone(_op.Session.Home.Number);
        await _server.StopAsync();
        Assert.True(_server.Host.Completion.IsCompletedSuccessfully);
        Assert.Equal((1UL, ""), WireFrame.Parse(_op.Caller.Client.ReadAll(), out _).Results().Single());
    }

    [Fact]
    public void The_log_says_who_did_what_but_not_what_was_said()
    {
        _op.Caller.Say([
            .. Operators.Command(1, "ban", "ada"),
            .. Operators.Command(2, "notice", "sesame"),
            .. Operators.Command(3, "kick", "no\u001B[2Jone\nelse"),
            .. Operators.Command(4, "say", "sesame"),
            .. Operators.Command(5, "unban", "ada"),
        ]);
        Assert.Equal(
            [
                (LogLevel.Information, "did ban 'ada'"),
                (LogLevel.Information, "did notice ''"),
                (LogLevel.Information, "could not kick 'no\uFFFD[2Jone else': NoSuchMember"),
                (LogLevel.Information, "could not say '': BadText"),
                (LogLevel.Information, "did unban 'ada'"),
            ],
            Lines("Operator op at 127.0.0.1:").OrderBy(line => line.Item2.EndsWith("'ada'", StringComparison.Ordinal) ? line.Item2.Contains("unban", StringComparison.Ordinal) ? 2 : 0 : 1));
        Assert.DoesNotContain(_log.Logger.Lines, line => line.Text.Contains("sesame", StringComparison.Ordinal));
    }

    [Fact]
    public void Who_acts_as_an_operator_without_being_one_is_logged_once_for_each_connection()
    {
        for (ulong id = 1; id <= 50; id++)
        {
            _ada.Say(Operators.Command(id, "shut\u0007down", "sesame"));
        }

        Assert.Equal((LogLevel.Warning, "is no operator and was refused 'shut\uFFFDdown'"), Assert.Single(Lines("ada at 127.0.0.1:")));
        Assert.DoesNotContain(_log.Logger.Lines, line => line.Text.Contains("sesame", StringComparison.Ordinal));
    }

    // Without the port.
    private IEnumerable<(LogLevel, string)> Lines(string start) =>
        _log.Logger.Lines.Where(line => line.Text.StartsWith(start, StringComparison.Ordinal)).Select(line => (line.Level, line.Text[(line.Text.IndexOf(' ', start.Length) + 1)..]));

    private void StepAlone(int loop)
    {
        while (_server.Host.Loops[loop].Loop.RunOnce(block: false))
        {
        }
    }
}

/// <summary>What tests of operators ask again and again.</summary>
internal static class Operators
{
    internal static byte[] Command(ulong id, string verb, string argument) =>
        WireFrame.Bytes(new CommandFrame { Id = id, Verb = Encoding.UTF8.GetBytes(verb), Argument = Encoding.UTF8.GetBytes(argument) });

    internal static (ulong Id, string Text)[] Results(this List<WireFrame> frames) =>
        [.. frames.Where(frame => frame.Type == FrameType.Result).Select(frame => (frame.Decode<ResultFrame>().Id, Encoding.UTF8.GetString(frame.Decode<ResultFrame>().Text)))];
}
