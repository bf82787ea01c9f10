using LanChat.Framing;
using LanChat.Sessions;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>What a person with netcat sees, line by line: docs/protocol.md, section 8. In memory it is always noon.</summary>
public sealed class TextTranscriptTests
{
    private readonly MemoryServer _server = new(Callers.Patient with { Welcome = "hi there" });

    [Fact]
    public void A_whole_visit()
    {
        MemoryCaller ada = _server.Connect();
        Expect(ada, "/name ada", "hi there", "* guest-1 joined (1 member)", "* guest-1 left (0 members)", "* ada joined (1 member)");
        Expect(ada, "is anybody here?", "ok 4");

        MemoryCaller bo = _server.Join("bo");
        Assert.Equal(["* bo joined (2 members)"], ada.Lines());
        bo.Say([.. WireFrame.Publish(1, 1, "I am"), .. WireFrame.Direct(2, "ada", "psst")]);
        Assert.Equal(["[12:00:00] bo: I am", "[12:00:00] bo -> you: psst"], ada.Lines());

        bo.Frames();
        Expect(ada, "/msg bo what is it?", "ok 1");
        Assert.Equal(["what is it?"], bo.Frames().Texts(EntryKind.Direct, room: 0));
        Expect(ada, "/who", "* 2 members: ada, bo");

        _server.Context.Rooms.LobbyRoom.Notice("server"u8, "dinner at eight"u8);
        _server.Run();
        Assert.Equal(["! dinner at eight"], ada.Lines());

        bo.Say(Callers.Leave(1));
        Assert.Equal(["* bo left (1 member)"], ada.Lines());
        Expect(ada, "exit", "* ada left (0 members)", "bye: goodbye");
        Assert.True(ada.IsClosed);
        Assert.Equal(1, _server.Context.Sessions.Count);
    }

    [Fact]
    public void Quit_leaves_too_and_exit_in_a_sentence_does_not()
    {
        MemoryCaller ada = Person();
        Expect(ada, "exit now", "ok 2");
        Expect(ada, "one\n/quit\nnot heard", "ok 3", "* guest-1 left (0 members)", "bye: goodbye");
    }

    [Fact]
    public void A_name_is_taken_once_and_before_anything_is_said()
    {
        MemoryCaller ada = Person();
        ExpectRefusal(ada, "/name no such name!", 11);
        ExpectRefusal(ada, "/name server", 11);
        ExpectRefusal(ada, "/name", 11);
        _server.Join("bo");
        ada.Lines();
        ExpectRefusal(ada, "/name B0", 10);
        Expect(ada, "/name ada", "* guest-1 left (1 member)", "* ada joined (2 members)");
        Assert.StartsWith("? ", OneLine(ada, "/name eve"), StringComparison.Ordinal);
        Assert.Equal(["bo", "ada"], _server.Members().OrderByDescending(name => name));

        MemoryCaller cy = Person();
        cy.Say("hello\n");
        cy.Lines();
        Assert.StartsWith("? ", OneLine(cy, "/name cy"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_person_is_in_one_room_at_a_time()
    {
        MemoryCaller ada = Person();
        _server.Join("bo");
        MemoryCaller cy = _server.Join("cy", "den");
        cy.Say(WireFrame.Publish(2, 1, "quiet here"));
        ada.Lines();

        Expect(ada, "/join den", "* guest-1 left (1 member)", "[12:00:00] cy: quiet here", "* guest-1 joined (2 members)");
        Assert.Equal(["bo"], _server.Members());
        Expect(ada, "hello den", "ok 4");
        Expect(ada, "/who", "* 2 members: cy, guest-1");
        ExpectRefusal(ada, "/join den", 26);
        ExpectRefusal(ada, "/join no such name!", 11);
        Expect(ada, "still in the den", "ok 5");
        Assert.Equal(["quiet here", "hello den", "still in the den"], cy.Frames().Texts(room: 2));
    }

    [Fact]
    public void There_and_back_in_one_breath()
    {
        MemoryCaller ada = Person();
        Expect(
            ada,
            "one\n/join den\ntwo\n/join lobby",
            "ok 2", "* guest-1 left (0 members)", "* guest-1 joined (1 member)", "ok 2", "* guest-1 left (0 members)",
            "[12:00:00] guest-1: one", "* guest-1 joined (1 member)");
        Expect(ada, "three", "ok 5");
        Assert.Equal(["guest-1"], _server.Members());
        Assert.Empty(_server.Members("den"));
    }

    [Fact]
    public void Help_lists_the_commands_and_an_unknown_one_is_not_published()
    {
        MemoryCaller ada = Person();
        string help = OneLine(ada, "/help");
        Assert.All(new[] { "/name", "/who", "/join", "/msg", "/help", "exit", "/quit" }, word => Assert.Contains(word, help, StringComparison.Ordinal));
        Assert.StartsWith("? ", OneLine(ada, "/dance"), StringComparison.Ordinal);
        Assert.StartsWith("? ", OneLine(ada, "/msg bo"), StringComparison.Ordinal);
        ExpectRefusal(ada, "/msg nobody hello", 23);
        Assert.NotEmpty(OneLine(ada, "/code 1234"));
        Expect(ada, "hello", "ok 2");
    }

    [Fact]
    public void Ends_are_told_in_words()
    {
        MemoryCaller ada = Person();
        MemoryCaller bo = _server.Join("bo");
        MemoryCaller cy = _server.Join("cy");
        MemoryCaller di = _server.Join("di");
        ada.Lines();
        bo.Client.Reset();
        cy.Say([0, 0, 0, 0]);
        _server.Context.Sessions.FindByName(SessionNames.KeyOf("di"u8))!.Kick("be nice");
        _server.Run();
        Assert.Equal(["* bo left (3 members): connection lost", "* cy left (2 members): protocol violation", "* di left (1 member): kicked"], ada.Lines());
        Assert.Equal(DisconnectReason.Kicked, di.Frames().LastWord());

        _server.Context.Sessions.FindByName(SessionNames.KeyOf("guest-1"u8))!.Kick("be nice");
        _server.Run();
        Assert.Equal(["bye: kicked: be nice"], ada.Lines());
    }

    [Fact]
    public void A_newcomer_is_shown_what_was_said_but_not_who_came_and_went()
    {
        MemoryCaller bo = _server.Join("bo");
        _server.Join("cy").Say(WireFrame.Goodbye());
        bo.Say(WireFrame.Publish(1, 1, "before"));
        MemoryCaller ada = _server.Connect();
        Expect(ada, "/who", "hi there", "[12:00:00] bo: before", "* guest-1 joined (2 members)", "* 2 members: bo, guest-1");
    }

    [Fact]
    public void In_a_counted_room_numbers_are_told()
    {
        var server = new MemoryServer(Callers.Patient with { Welcome = "hi", PresenceLimit = 1 });
        MemoryCaller ada = server.Connect();
        ada.Say("/who\n");
        ada.Lines();
        server.Join("bo");
        Assert.Equal(["* 2 members"], ada.Lines());
        server.Join("cy");
        server.Advance(2);
        Assert.Equal(["* 3 members"], ada.Lines());
    }

    [Fact]
    [HostileInput(18, "ESC [ 2 J", "CSI in C1", "CR over the line", "a line feed and a faked sender")]
    public void Nothing_a_member_wrote_fakes_a_line_or_moves_the_cursor()
    {
        MemoryCaller ada = Person();
        MemoryCaller bo = _server.Join("bo");
        ada.Lines();
        bo.Say([
            .. WireFrame.Publish(1, 1, "one\n* cy joined (9 members)\n\nok 7"),
            .. WireFrame.Publish(1, 2, "x\rbye: kicked\u001b[2J\u0085\u2028!"),
            .. WireFrame.Publish(1, 3, "tab\there"),
            .. WireFrame.Bytes(new PublishFrame { Room = 1, Id = 4, Flags = PublishFrame.OpaqueFlag, Body = "\nok 9\n"u8 }),
            .. WireFrame.Direct(5, "guest-1", "a\nb"),
        ]);
        Assert.Equal(
            "[12:00:00] bo: one\n    * cy joined (9 members)\n    \n    ok 7\n"
            + "[12:00:00] bo: x\uFFFDbye: kicked\uFFFD[2J\uFFFD\uFFFD!\n"
            + "[12:00:00] bo: tab here\n"
            + "[12:00:00] bo: (6 bytes)\n"
            + "[12:00:00] bo -> you: a\n    b\n",
            ada.Text());
    }

    [Fact]
    public void Too_fast_is_code_14_and_the_line_is_not_said()
    {
        var server = new MemoryServer(Callers.Patient with { PublishRate = 1, PublishBurst = 2 });
        MemoryCaller ada = server.Connect();
        ada.Say("one\ntwo\nthree\n");
        string[] lines = ada.Lines();
        Assert.StartsWith("? 14 ", Assert.Single(lines, line => line.StartsWith('?')), StringComparison.Ordinal);
        Assert.Equal(["ok 2", "ok 3"], lines.Where(line => line.StartsWith("ok", StringComparison.Ordinal)));
        server.Advance(1);
        ada.Say("four\n");
        Assert.Equal(["ok 4"], ada.Lines());
    }

    private MemoryCaller Person()
    {
        MemoryCaller caller = _server.Connect();
        caller.Say("\n");
        Assert.Equal("hi there", caller.Lines()[0]);
        return caller;
    }

    private static void Expect(MemoryCaller caller, string said, params string[] lines)
    {
        caller.Say(said + "\n");
        Assert.Equal(lines, caller.Lines());
    }

    private static string OneLine(MemoryCaller caller, string said)
    {
        caller.Say(said + "\n");
        return Assert.Single(caller.Lines());
    }

    private static void ExpectRefusal(MemoryCaller caller, string said, int code) =>
        Assert.StartsWith($"? {code} ", OneLine(caller, said), StringComparison.Ordinal);
}
