using System.Net;
using System.Text;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>The text door, line by line (docs/protocol.md, section 8). The clock shows noon, UTC.</summary>
public sealed class TextDoorTests
{
    [Fact]
    public void A_person_talks_with_a_client()
    {
        MemoryServer server = NewServer();
        MemoryCaller ada = server.Join("ada");
        MemoryCaller person = server.Connect();
        person.Say("hello, anybody?\n");
        Assert.Equal(["Welcome to Den", "* guest-1 joined (2 members)", "ok 3"], person.Lines());

        ada.Say(WireFrame.Publish(1, 1, "yes"));
        Assert.Equal(["[12:00:00] ada: yes"], person.Lines());
        EntryFrame heard = ada.Frames().First(frame => frame.Type == FrameType.Entry && frame.Entry.Kind == EntryKind.Message).Entry;
        Assert.Equal(("guest-1", "hello, anybody?"), (Encoding.UTF8.GetString(heard.Name), Encoding.UTF8.GetString(heard.Body)));
    }

    [Fact]
    public void A_name_is_chosen_once_and_before_anything_is_said()
    {
        MemoryServer server = NewServer();
        MemoryCaller watcher = server.Connect();
        watcher.Say("/who\n");
        Assert.Equal("* 1 member: guest-1", watcher.Lines()[^1]);

        MemoryCaller person = server.Connect();
        person.Say("/name guest-1\n/name server\n/name ada\n/name bo\nhi\n/name cy\n");
        Assert.Equal(
            [
                "Welcome to Den",
                "* guest-2 joined (2 members)",
                "? 10 that name, or one that looks like it, is in use; choose another",
                "? 11 This name is reserved.",
                "* guest-2 left (1 member)",
                "* ada joined (2 members)",
                "? 19 a name can be chosen once, before anything is said",
                "ok 5",
                "? 19 a name can be chosen once, before anything is said",
            ],
            person.Lines());
        Assert.Equal(["* guest-2 joined (2 members)", "* guest-2 left (1 member)", "* ada joined (2 members)", "[12:00:00] ada: hi"], watcher.Lines());
    }

    [Fact]
    public void Every_command_does_what_help_says()
    {
        MemoryServer server = NewServer();
        MemoryCaller bo = server.Join("bo", "games");
        MemoryCaller ada = server.Connect();
        ada.Say("/name ada\n/join games\n");
        Assert.Equal("* ada joined (2 members)", ada.Lines()[^1]);
        ada.Say("/who\n/msg bo psst, bo\n/msg nobody hi\n/msg bo\n/nonsense\n/join games\n/join no!\n");
        Assert.Equal(
            [
                "* 2 members: bo, ada",
                "ok 1",
                "? 23 nobody here has that name",
                "? 22 say /msg NAME TEXT",
                "? 22 no such command; /help lists them",
                "? 26 you are in that room already",
                "? 11 a name has 1 to 24 letters, digits, marks or _ - . and is not a reserved word",
            ],
            ada.Lines());
        ada.Say("checkmate\n/quit\n");
        Assert.Equal(["ok 3", "* ada left (1 member)", "bye: goodbye"], ada.Lines());
        Assert.True(ada.IsClosed);
        Assert.Contains(bo.Frames(), frame => frame.Type == FrameType.Entry && frame.Entry.Kind == EntryKind.Direct);
    }

    [Fact]
    public void What_others_do_is_told_in_lines()
    {
        MemoryServer server = NewServer();
        MemoryCaller person = server.Connect();
        person.Say("\n");
        person.Lines();
        MemoryCaller bo = server.Join("bo");
        bo.Say([.. WireFrame.Publish(1, 1, "two\nlines \u001b[2J"), .. WireFrame.Direct(2, "guest-1", "psst"), .. WireFrame.Bytes(new PublishFrame { Room = 1, Id = 3, Flags = PublishFrame.OpaqueFlag, Body = [1, 2, 3] })]);
        server.Context.Rooms.LobbyRoom.Notice("server"u8, "dinner at eight"u8);
        server.Run();
        bo.Say([0, 0, 0, 0]);

        Assert.Equal(
            [
                "* bo joined (2 members)",
                "[12:00:00] bo: two",
                "    lines \uFFFD[2J",
                "[12:00:00] bo: (3 bytes)",
                "! dinner at eight",
                "* bo left (1 member): protocol violation",
            ],
            person.Lines().Where(line => !line.Contains("-> you", StringComparison.Ordinal)));
    }

    [Fact]
    public void Line_ends_telnet_commands_and_pieces_make_no_difference()
    {
        MemoryServer server = NewServer();
        MemoryCaller person = server.Connect();
        foreach (byte one in (byte[])[0xFF, 0xFD, 0x03, .. "h\u00e9llo\r\n"u8, 0xFF, 0xFA, 0x18, 0x00, 0xFF, 0xF0, .. "again\n"u8])
        {
            person.Say([one]);
        }

        Assert.Equal(["Welcome to Den", "* guest-1 joined (1 member)", "ok 2", "ok 3"], person.Lines());
        MemoryCaller late = server.Connect();
        late.Say("\n");
        Assert.Equal(["Welcome to Den", "[12:00:00] guest-1: h\u00e9llo", "[12:00:00] guest-1: again", "* guest-2 joined (2 members)"], late.Lines());
    }

    [Fact]
    public void Bad_text_too_long_lines_and_haste_are_refused_in_lines()
    {
        var server = new MemoryServer(new ChatServerOptions { Name = "Den", Loops = 1, PublishRate = 1, PublishBurst = 2 });
        MemoryCaller person = server.Connect();
        person.Say([.. "ok\n"u8, 0xC3, 0x28, .. "\nthird\n"u8]);
        Assert.Equal(["* guest-1 joined (1 member)", "ok 2", "? 22 the text is not UTF-8, or too long", "? 14 too fast; wait a moment and send it again"], person.Lines()[1..]);

        person.Say(new string('x', 4097));
        Assert.StartsWith("bye: frame too large", person.Lines()[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void The_longest_line_is_taken()
    {
        MemoryServer server = NewServer();
        MemoryCaller person = server.Connect();
        person.Say(new string('x', 4096) + "\r\n");
        Assert.Equal("ok 2", person.Lines()[^1]);
    }

    [Theory]
    [InlineData("hello\n")]
    [InlineData("hello")]
    public void A_caller_that_ends_its_side_still_gets_its_confirmation(string said)
    {
        MemoryServer server = NewServer();
        MemoryCaller person = server.Connect();
        person.Say(said);
        person.Client.End();
        server.Run();
        Assert.Equal(["Welcome to Den", "* guest-1 joined (1 member)", "ok 2", "* guest-1 left (0 members)", "bye: goodbye"], person.Lines());
        server.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, server.Context.ConnectionCount);
    }

    [Fact]
    public void Strangers_from_other_machines_are_refused_in_their_own_language_unless_plaintext_is_allowed()
    {
        IPAddress elsewhere = IPAddress.Parse("192.0.2.7");
        MemoryServer server = NewServer();
        MemoryCaller client = server.Connect(elsewhere);
        client.Say(WireFrame.Hello("ada"));
        WireFrame bye = Assert.Single(client.Frames());
        Assert.Equal((ushort)DisconnectReason.PlaintextNotAccepted, bye.Bye.Code);
        Assert.Contains("--allow-plaintext", Encoding.UTF8.GetString(bye.Bye.Text), StringComparison.Ordinal);

        MemoryCaller person = server.Connect(elsewhere);
        person.Say("hello\n");
        Assert.StartsWith("bye: plaintext not accepted here: ", Assert.Single(person.Lines()), StringComparison.Ordinal);

        var open = new MemoryServer(new ChatServerOptions { Loops = 1, AllowPlaintext = true });
        MemoryCaller welcome = open.Connect(elsewhere);
        welcome.Say(WireFrame.Hello("ada"));
        Assert.Equal(FrameType.Welcome, Assert.Single(welcome.Frames()).Type);
    }

    private static MemoryServer NewServer() => new(new ChatServerOptions { Name = "Den", Loops = 1 });
}
