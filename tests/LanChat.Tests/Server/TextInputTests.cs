using System.Net;
using System.Text;
using LanChat.Connections;
using LanChat.Framing;
using LanChat.Tests.Support;
using LanChat.Transport;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>What a text caller's bytes may be: line ends, pieces, telnet, other encodings, limits, half-closed links, other machines.</summary>
public sealed class TextInputTests
{
    private readonly MemoryServer _server = new(Callers.Patient with { Welcome = "hi there" });
    private readonly MemoryCaller _bo;

    public TextInputTests() => _bo = _server.Join("bo");

    [Theory]
    [InlineData("one\ntwo\n")]
    [InlineData("one\r\ntwo\r\n")]
    [InlineData("\r\n\n\none\n\r\ntwo\r\n\n")]
    public void Lines_end_in_LF_or_CRLF_and_empty_ones_do_nothing(string text)
    {
        _server.Connect().Say(text);
        Assert.Equal(["one", "two"], _bo.Frames().Texts());
    }

    [Fact]
    public void Lines_that_ask_for_more_than_may_wait_are_answered_when_the_answers_before_are_on_their_way()
    {
        const int Lines = 10_000;
        MemoryCaller ada = _server.Connect();
        ada.Say("/help\n");
        ada.Lines();
        ada.Say([.. Enumerable.Repeat<byte[]>([0xC3, (byte)'\n'], Lines).SelectMany(line => line)]);
        string[] answers = ada.Lines();
        Assert.All(answers, line => Assert.StartsWith("? ", line, StringComparison.Ordinal));
        Assert.Equal(Lines, answers.Length);
        Assert.InRange(answers.Sum(line => line.Length), ServerConnection.MaxOutputBytes + 1, int.MaxValue);
    }

    [Fact]
    public void Who_reads_nothing_cannot_pile_up_answers_by_many_short_lines()
    {
        MemoryCaller ada = _server.Connect();
        ada.Say("/help\n");
        ada.Lines();
        ada.Client.FromServer.Capacity = 0;
        ada.Say([.. Enumerable.Repeat<byte[]>([0xC3, (byte)'\n'], 20_000).SelectMany(line => line)]);
        ServerConnection connection = _server.Context.Sessions.All.Single(session => session.Name.Text != "bo").Connection!;
        Assert.InRange(connection.OutputCount, 1, ServerConnection.MaxOutputBytes + 1024);

        // Asking on ends it, for it does not read.
        ada.Say("/help\n");
        ada.Client.FromServer.Capacity = int.MaxValue;
        _server.Run();
        Assert.StartsWith("bye: too slow", ada.Lines()[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Every_byte_may_come_alone()
    {
        MemoryCaller ada = _server.Connect();
        foreach (byte b in Encoding.UTF8.GetBytes("gr\u00FC\u00DFe \u6F22\u5B57 \U0001F600\r\n"))
        {
            ada.Say([b]);
        }

        Assert.Equal(["gr\u00FC\u00DFe \u6F22\u5B57 \U0001F600"], _bo.Frames().Texts());
    }

    [Fact]
    public void A_first_letter_may_be_of_any_script()
    {
        MemoryCaller ada = _server.Connect();
        ada.Say([0xE6, 0xBC]);
        ada.Say([0xA2, (byte)'\n']);
        Assert.Equal(["\u6F22"], _bo.Frames().Texts());
    }

    [Fact]
    public void Telnets_own_commands_are_skipped()
    {
        MemoryCaller ada = _server.Connect();
        ada.Say([0xFF, 0xFB, 0x1F, 0xFF, 0xFD, 0x03]);
        ada.Say([.. "he"u8, 0xFF, 0xF1, .. "ll"u8, 0xFF, 0xFA, 24, 0, .. "xterm"u8, 0xFF, 0xF0, .. "o\r\n"u8]);
        Assert.Equal(["hello"], _bo.Frames().Texts());
        Assert.Contains("ok 3", ada.Lines());
    }

    [Fact]
    public void Telnet_commands_may_hold_any_byte_and_come_in_pieces()
    {
        MemoryCaller ada = _server.Connect();
        foreach (byte b in (byte[])[0xFF, 0xFB, 10, 0xFF, 0xFA, 31, 0, 10, 0, 13, 0xFF, 0xF0, .. "hello\n"u8])
        {
            ada.Say([b]);
        }

        Assert.Equal(["hello"], _bo.Frames().Texts());
    }

    [Fact]
    public void Text_that_is_not_UTF8_is_refused_with_a_line_and_the_caller_goes_on()
    {
        MemoryCaller ada = _server.Connect();
        ada.Say("first\n");
        ada.Lines();
        ada.Say([.. "caf"u8, 0xE9, (byte)'\n']);
        Assert.StartsWith("? 22 ", Assert.Single(ada.Lines()), StringComparison.Ordinal);
        ada.Say("caf\u00E9\n");
        Assert.Equal(["ok 4"], ada.Lines());
        Assert.Equal(["first", "caf\u00E9"], _bo.Frames().Texts());
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public void A_line_of_4096_bytes_is_taken_however_it_is_cut(string end)
    {
        byte[] line = Encoding.UTF8.GetBytes(new string('x', 4096) + end);
        MemoryCaller ada = _server.Connect();
        ada.Say("\n");
        ada.Lines();
        ada.Say(line);
        Assert.Equal(["ok 3"], ada.Lines());
        for (int cut = 4094; cut < line.Length; cut++)
        {
            ada.Say(line.AsSpan(0, cut));
            ada.Say(line.AsSpan(cut));
            Assert.StartsWith("ok ", Assert.Single(ada.Lines()), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("")]
    public void A_longer_line_ends_the_connection(string end)
    {
        MemoryCaller ada = _server.Connect();
        ada.Say("\n");
        ada.Lines();
        ada.Say(new string('x', 4098) + end);
        Assert.StartsWith("bye: frame too large", Assert.Single(ada.Lines()), StringComparison.Ordinal);
        Assert.True(ada.IsClosed);
        List<WireFrame> frames = _bo.Frames();
        Assert.Empty(frames.Texts());
        Assert.Equal(DisconnectReason.FrameTooLarge, Assert.Single(frames.Entries(EntryKind.Left)).LeftParts().Reason);
    }

    [Theory]
    [InlineData("hello\n")]
    [InlineData("hello")]
    public void Who_ends_its_side_still_gets_its_confirmation(string text)
    {
        MemoryCaller ada = _server.Connect();
        ada.Client.Write(Encoding.UTF8.GetBytes(text));
        ada.Client.End();
        _server.Run();
        Assert.Equal(["hi there", "* guest-1 joined (2 members)", "ok 3", "* guest-1 left (1 member)", "bye: goodbye"], ada.Lines());
        Assert.Equal(LinkStatus.Ended, ada.Client.Status);
        Assert.Equal(["hello"], _bo.Frames().Texts());
        Assert.Equal(1, _server.Context.ConnectionCount);
    }

    [Fact]
    public void A_whole_file_by_pipe_gets_a_confirmation_per_line()
    {
        MemoryCaller ada = _server.Connect();
        ada.Client.ToServer.NextPiece = Pieces.Random(7, 300);
        ada.Client.Write(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(1, 900).Select(i => $"line {i}\n"))));
        ada.Client.End();
        _server.Run();
        Assert.Equal(900, ada.Lines().Count(line => line.StartsWith("ok ", StringComparison.Ordinal)));
        Assert.Equal(Enumerable.Range(1, 900).Select(i => $"line {i}"), _bo.Frames().Texts());
    }

    [Fact]
    public void Who_connects_and_says_nothing_before_it_ends_was_never_there()
    {
        MemoryCaller ada = _server.Connect();
        ada.Client.End();
        _server.Run();
        Assert.Equal("", ada.Text());
        Assert.Equal(1, _server.Context.ConnectionCount);
        Assert.Empty(_bo.Frames().Entries());
    }

    [Fact]
    public void From_elsewhere_plain_callers_are_refused_in_their_own_language()
    {
        var elsewhere = IPAddress.Parse("192.168.1.7");
        MemoryCaller frames = _server.Connect(elsewhere);
        frames.Say([.. WireFrame.Hello("eve"), .. WireFrame.Join("lobby")]);
        List<WireFrame> answer = frames.Frames();
        Assert.Equal(DisconnectReason.PlaintextNotAccepted, answer.LastWord());
        Assert.Single(answer);
        Assert.NotEqual(0, answer[0].Bye.Text.Length);

        MemoryCaller person = _server.Connect(elsewhere);
        person.Say("hello\n");
        Assert.StartsWith("bye: plaintext not accepted here", Assert.Single(person.Lines()), StringComparison.Ordinal);
        MemoryCaller silent = _server.Connect(elsewhere);
        _server.Advance(2);
        Assert.StartsWith("bye: plaintext not accepted here", Assert.Single(silent.Lines()), StringComparison.Ordinal);
        Assert.Equal(["bo"], _server.Members());
        Assert.Equal(1, _server.Context.Sessions.Count);

    }

    [Fact]
    public void From_elsewhere_plain_callers_are_taken_where_that_is_allowed()
    {
        var server = new MemoryServer(Callers.Patient with { AllowPlaintext = true });
        MemoryCaller frames = server.Connect(IPAddress.Parse("fe80::1"));
        frames.Say([.. WireFrame.Hello("ada"), .. WireFrame.Join("lobby")]);
        frames.Frames().Only(FrameType.Joined);
        MemoryCaller person = server.Connect(IPAddress.Parse("10.0.0.1"));
        person.Say("hello\n");
        Assert.Contains("ok 3", person.Lines());
    }

    [Fact]
    public void From_elsewhere_people_are_taken_and_plain_frames_are_not_where_that_is_allowed()
    {
        var server = new MemoryServer(Callers.Patient with { AllowText = true });
        MemoryCaller frames = server.Connect(IPAddress.Parse("fe80::1"));
        frames.Say([.. WireFrame.Hello("ada"), .. WireFrame.Join("lobby")]);
        Assert.Equal(DisconnectReason.PlaintextNotAccepted, frames.Frames().LastWord());
        MemoryCaller person = server.Connect(IPAddress.Parse("10.0.0.1"));
        person.Say("hello\n");
        Assert.Contains("ok 2", person.Lines());
    }

    [Fact]
    public void A_first_line_for_another_kind_of_server_is_answered_once_even_in_pieces()
    {
        MemoryCaller web = _server.Connect();
        foreach (char c in "GET /x HTTP/1.1\r\n")
        {
            web.Say(c.ToString());
        }

        web.Say("Host: den\r\nsay this\r\n");
        Assert.StartsWith("bye: ", Assert.Single(web.Lines()), StringComparison.Ordinal);
        Assert.Equal(["bo"], _server.Members());
        Assert.Empty(_bo.Frames().Entries());
    }

    [Theory, InlineData(false), InlineData(true)]
    public void It_is_also_answered_when_it_comes_after_a_silence(bool startsWithEmptyLine)
    {
        // A browser may open its connection long before it has something to ask.
        MemoryCaller web = _server.Connect();
        if (startsWithEmptyLine)
        {
            web.Say("\r\n");
        }

        _server.Advance(TimeSpan.FromSeconds(3));
        Assert.Contains("hi there", web.Lines());

        web.Say("GET /x HTTP/1.1\r\nHost: den\r\n\r\nsay this\r\n");
        Assert.StartsWith("bye: protocol violation: this is a LanChat server", web.Lines()[^1], StringComparison.Ordinal);
        Assert.Equal(["bo"], _server.Members());
        Assert.Empty(_bo.Frames().Texts());
    }

    [Fact]
    public void Later_lines_may_look_like_anything()
    {
        _server.Connect().Say("look what came:\nGET /x HTTP/1.1\n");
        Assert.Equal(["look what came:", "GET /x HTTP/1.1"], _bo.Frames().Texts());
    }

    [Fact]
    public void Names_that_are_not_to_be_had_are_not_asked_for_without_end()
    {
        MemoryCaller eve = _server.Connect();
        int burst = Callers.Patient.ControlRate * 10;
        eve.Say(string.Concat(Enumerable.Repeat("/name bo\n", burst + 1)));
        string[] lines = eve.Lines();
        Assert.Equal(burst, lines.Count(line => line.StartsWith("? 10 ", StringComparison.Ordinal)));
        Assert.StartsWith("bye: too fast", lines[^1], StringComparison.Ordinal);
    }
}
