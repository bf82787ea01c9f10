using System.Text;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>The server's limits, each with its own code, in both languages.</summary>
public abstract class LimitTests(bool tls)
{
    [Fact]
    public void Rooms_beyond_the_server_limit_are_refused()
    {
        var server = new MemoryServer(Callers.Patient with { MaxRooms = 2 }, tls);
        ExpectParted(server, DisconnectReason.TooManyRooms, "den", "attic");
    }

    [Fact]
    public void Rooms_beyond_the_session_limit_are_refused()
    {
        var server = new MemoryServer(Callers.Patient with { MaxRoomsPerSession = 2 }, tls);
        ExpectParted(server, DisconnectReason.TooManyRooms, "den", "attic");
        Assert.Null(server.Context.Rooms.Find("attic"));
    }

    [Fact]
    public void Rooms_are_not_made_where_that_is_not_allowed()
    {
        var server = new MemoryServer(Callers.Patient with { AllowNewRooms = false }, tls);
        ExpectParted(server, DisconnectReason.NoSuchRoom, "lobby", "den");
    }

    [Fact]
    public void A_full_room_takes_nobody_until_somebody_leaves()
    {
        var server = new MemoryServer(Callers.Patient with { MaxRoomMembers = 1 }, tls);
        MemoryCaller ada = server.Join("ada");
        MemoryCaller bo = server.Join("bo");
        Assert.Equal((0u, DisconnectReason.RoomFull, "lobby"), bo.Frames().Only(FrameType.Parted).PartedParts());
        ada.Say(Callers.Leave(1));
        bo.Say(WireFrame.Join("lobby"));
        bo.Frames().Only(FrameType.Joined);
        Assert.Equal(["bo"], server.Members());
    }

    [Fact]
    public void A_full_server_says_so_to_frames_and_lines()
    {
        var server = new MemoryServer(Callers.Patient with { MaxMembers = 1 }, tls);
        MemoryCaller ada = server.Join("ada");
        Assert.Equal(DisconnectReason.ServerFull, server.Join("bo").Frames().LastWord());
        MemoryCaller person = server.ConnectPlain();
        person.Say("hello\n");
        Assert.StartsWith("bye: server full", Assert.Single(person.Lines()), StringComparison.Ordinal);
        Assert.True(person.IsClosed);

        ada.Say(WireFrame.Goodbye());
        server.Join("bo").Frames().Only(FrameType.Joined);
    }

    [Fact]
    public void That_links_are_refused_is_logged_once_a_minute()
    {
        var log = new RecordingLoggerFactory();
        var server = new MemoryServer(Callers.Patient with { MaxConnections = 1, LoggerFactory = log }, tls);
        server.Join("ada");
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(DisconnectReason.TooManyConnections, server.Join("bo").Frames().LastWord());
        }

        Assert.Equal(1, Refusals());
        server.Advance(59);
        server.Join("bo");
        Assert.Equal(1, Refusals());
        server.Advance(2);
        server.Join("bo");
        Assert.Equal(2, Refusals());

        int Refusals() => log.Logger.Lines.Count(line => line.Text.StartsWith("Connections are refused", StringComparison.Ordinal));
    }

    [Fact]
    public void Too_many_links_are_told_so_in_their_own_language()
    {
        var server = new MemoryServer(Callers.Patient with { MaxConnections = 1 }, tls);
        MemoryCaller ada = server.Join("ada");
        MemoryCaller bo = server.Join("bo");
        Assert.Equal(DisconnectReason.TooManyConnections, bo.Frames().LastWord());
        MemoryCaller person = server.ConnectPlain();
        person.Say("hello\n");
        Assert.StartsWith("bye: too many connections", Assert.Single(person.Lines()), StringComparison.Ordinal);
        MemoryCaller silent = server.ConnectPlain();
        server.Advance(2);
        Assert.StartsWith("bye: too many connections", Assert.Single(silent.Lines()), StringComparison.Ordinal);

        foreach (MemoryCaller gone in new[] { ada, bo, person, silent })
        {
            gone.Client.End();
        }

        server.Run();
        Assert.Equal(0, server.Context.ConnectionCount);
        server.Join("cy").Frames().Only(FrameType.Joined);
    }

    [Fact]
    public void Guests_are_numbered_and_names_taken_are_skipped()
    {
        var server = new MemoryServer(Callers.Patient, tls);
        server.Join("guest-2");
        server.Join("");
        server.Join("");
        Assert.Equal(["guest-2", "guest-1", "guest-3"], server.Members());
    }

    [Fact]
    public void WELCOME_says_the_limits_that_hold()
    {
        var server = new MemoryServer(Callers.Patient with { Name = "Den", Welcome = "hi", MaxTextBytes = 60_000 }, tls);
        MemoryCaller ada = server.Join("a\u0308da");
        WireFrame frame = ada.Frames()[0];
        WelcomeFrame welcome = frame.Welcome;
        Assert.Equal((1, 0, 0UL, 0, 1024, 60_000u, 3_600_000u, 0u), (welcome.Version, welcome.Flags, welcome.LastId, welcome.LastEnd, welcome.Window, welcome.MaxTextBytes, welcome.HeartbeatMilliseconds, welcome.ResumeMilliseconds));
        Assert.Equal((JoinOutcome.Fresh, 1UL, 0UL), (welcome.MailboxOutcome, welcome.MailboxFirst, welcome.MailboxNewest));
        Assert.NotEqual(0UL, welcome.Session);
        Assert.NotEqual(0UL, welcome.MailboxEpoch);
        Assert.Equal("Den", Encoding.UTF8.GetString(welcome.ServerName));
        Assert.Equal("\u00E4da", Encoding.UTF8.GetString(welcome.YourName));
        Assert.Equal("hi", Encoding.UTF8.GetString(welcome.Text));

        // What it allows is taken: the longest text, in a frame that is not too large. One byte more is a rejection, not an end.
        ada.Say([.. WireFrame.Publish(1, 1, new string('x', 60_000)), .. WireFrame.Publish(1, 2, new string('x', 60_001))]);
        List<WireFrame> answers = ada.Frames();
        Assert.Equal(60_000, answers.Entries(EntryKind.Message)[0].Entry.Body.Length);
        Assert.Equal([(2, DisconnectReason.BadText)], answers.Rejections());
        Assert.True(answers.Entries(EntryKind.Message)[0].Body.Length < welcome.MaxFrameBytes);
    }

    [Fact]
    public void A_text_is_measured_after_replacement()
    {
        var server = new MemoryServer(Callers.Patient with { MaxTextBytes = 9 }, tls);
        MemoryCaller ada = server.Join("ada");
        ada.Frames();
        ada.Say([.. WireFrame.Publish(1, 1, "\a\a\a"), .. WireFrame.Publish(1, 2, "\a\a\a\a"), .. WireFrame.Publish(1, 3, "123456789")]);
        List<WireFrame> frames = ada.Frames();
        Assert.Equal(["\uFFFD\uFFFD\uFFFD", "123456789"], frames.Texts());
        Assert.Equal([(2, DisconnectReason.BadText)], frames.Rejections());
    }

    private static void ExpectParted(MemoryServer server, DisconnectReason reason, string good, string bad)
    {
        MemoryCaller bo = server.Join("bo");
        if (good != "lobby")
        {
            bo.Say(WireFrame.Join(good));
        }

        Assert.DoesNotContain(bo.Frames(), frame => frame.Type == FrameType.Parted);
        bo.Say(WireFrame.Join(bad));
        Assert.Equal((0u, reason, bad), Assert.Single(bo.Frames()).PartedParts());
    }
}

/// <inheritdoc/>
public sealed class LimitOverPlainTests() : LimitTests(tls: false);

/// <inheritdoc/>
public sealed class LimitOverTlsTests() : LimitTests(tls: true);
