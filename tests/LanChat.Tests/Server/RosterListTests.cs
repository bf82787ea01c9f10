using LanChat.Connections;
using LanChat.Framing;
using LanChat.Sessions;
using LanChat.Tests.Support;
using LanChat.Transport;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>WHO, and lists too long for one frame.</summary>
public abstract class RosterListTests(bool tls)
{
    // 64 bytes, the longest there is.
    private static string LongName(int i) => $"{i:D4}{new string('\u6F22', 20)}";

    [Fact]
    public void WHO_is_answered_once_in_ten_seconds_and_room()
    {
        var server = new MemoryServer(Callers.Patient, tls);
        MemoryCaller bo = server.Join("bo");
        bo.Say(WireFrame.Join("den"));
        bo.Frames();
        bo.Say([.. Callers.Who(1), .. Callers.Who(1), .. Callers.Who(2)]);
        Assert.Equal([1u, 2u], [.. bo.Frames().Select(frame => frame.Roster.Room)]);
        server.Advance(9.9);
        bo.Say(Callers.Who(1));
        Assert.Empty(bo.Frames());
        server.Advance(0.1);
        server.Join("ada");
        bo.Frames();
        bo.Say(Callers.Who(1));
        WireFrame roster = Assert.Single(bo.Frames());
        Assert.Equal(["bo", "ada"], roster.RosterNames());
        Assert.Equal(2UL, roster.Roster.Sequence);
    }

    [Fact]
    public void Hundreds_of_long_names_come_in_several_frames_of_one_sequence()
    {
        const int Members = 600;
        var server = new MemoryServer(Callers.Patient with { PresenceLimit = Members, MaxMembers = Members }, tls);
        MemoryCaller last = null!;
        for (int i = 0; i < Members; i++)
        {
            last = server.Join(LongName(i));
        }

        List<WireFrame> frames = last.Frames();
        int maxFrame = (int)frames.Only(FrameType.Welcome).Welcome.MaxFrameBytes;
        List<WireFrame> rosters = frames.FindAll(frame => frame.Type == FrameType.Roster);
        Assert.True(rosters.Count > 2);
        Assert.Equal(frames.IndexOf(rosters[0]) + rosters.Count - 1, frames.IndexOf(rosters[^1]));
        Assert.All(rosters, roster => Assert.InRange(roster.Body.Length + 1, 1, maxFrame));
        Assert.All(rosters, roster => Assert.Equal((ulong)Members, roster.Roster.Sequence));
        Assert.All(rosters, roster => Assert.Equal(roster != rosters[^1], roster.Roster.More));
        Assert.Equal(Enumerable.Range(0, Members).Select(LongName), rosters.SelectMany(roster => roster.RosterNames()));
    }

    [Fact]
    public void More_lists_than_may_wait_end_nobody_who_reads()
    {
        // As many rooms as a session may be in, as many names as a room tells, each as long as may be: entered in one breath, over a thin wire.
        const string Rooms = "abcdefghkmnpqrst";
        const int Members = 256;
        var server = new MemoryServer(Callers.Patient with { MaxMembers = Members }, tls);
        byte[] joins = [.. Rooms.SelectMany(letter => WireFrame.Join($"room-{letter}"))];
        for (int i = 0; i < Members - 1; i++)
        {
            MemoryCaller member = server.Connect();
            member.Say([.. WireFrame.Hello(LongName(i)), .. joins]);
            member.Client.ReadAll();
        }

        MemoryCaller bo = server.Connect();
        bo.Client.FromServer.Capacity = 100;
        bo.Say([.. WireFrame.Hello(LongName(Members)), .. joins]);
        Session session = Assert.Single(server.Context.Sessions.All, session => session.Name.Text == LongName(Members));

        // One block is with TLS already.
        int accepted = tls ? TlsBuffers.BlockBytes : 0;
        Assert.InRange(accepted + session.Connection!.Output.Count, ServerConnection.MaxOutputBytes, int.MaxValue);
        bo.Client.FromServer.Capacity = int.MaxValue;
        server.Run();
        List<WireFrame> frames = bo.Frames();
        Assert.Equal(Rooms.Length, frames.Count(frame => frame.Type == FrameType.Joined));
        Assert.Equal(Rooms.Length * Members, frames.Where(frame => frame.Type == FrameType.Roster).Sum(frame => frame.Roster.Count));
    }

    [Fact]
    public void A_new_name_is_on_the_roster_only_with_the_entries_that_tell_of_it()
    {
        var server = new MemoryServer(Callers.Patient, tls);
        server.ConnectPlain().Say("/help\n");
        Session session = server.Context.Sessions.FindByName(SessionNames.KeyOf("guest-1"u8))!;
        Assert.True(SessionNames.TryCreate("ada", out SessionName? ada));

        // The steps of /name, with a joiner on another loop between them.
        SessionName old = session.Name;
        Assert.Equal(default, server.Context.Sessions.Rename(session, ada));
        Assert.Equal(["guest-1"], server.Members());
        Assert.Equal(DisconnectReason.NameInUse, server.Join("guest-1").Frames().LastWord());
        session.Memberships[0].Room.Rename(session.Memberships[0]);
        Assert.Equal(["ada"], server.Members());
        server.Context.Sessions.ReleaseOld(session, old);
        server.Join("guest-1");
        Assert.Equal(["ada", "guest-1"], server.Members());
    }

    [Fact]
    public void The_old_name_is_free_after_a_new_one_was_chosen()
    {
        var server = new MemoryServer(Callers.Patient, tls);
        server.ConnectPlain().Say("/name ada\n");
        server.Join("guest-1");
        Assert.Equal(["ada", "guest-1"], server.Members());
    }
}

/// <inheritdoc/>
public sealed class RosterListOverPlainTests() : RosterListTests(tls: false);

/// <inheritdoc/>
public sealed class RosterListOverTlsTests() : RosterListTests(tls: true);
