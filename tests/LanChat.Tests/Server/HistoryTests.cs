using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>What a room keeps for those who come later, and that what it does not keep it does not hold.</summary>
public abstract class HistoryTests(bool tls)
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(100)]
    public void The_window_is_exact_by_entries(int entries)
    {
        var server = new MemoryServer(Callers.Patient with { MaxHistoryEntries = entries }, tls);
        Say(server, 200);
        List<WireFrame> frames = JoinWithAll(server);
        Assert.Equal(202UL, frames.Only(FrameType.Joined).Joined.Newest);
        Assert.Equal(203UL - (ulong)entries, frames.Only(FrameType.Joined).Joined.First);
        Assert.Equal(entries, frames.Entries().Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(1000)]
    [InlineData(9999)]
    public void The_window_is_exact_by_bytes(int bytes)
    {
        var server = new MemoryServer(Callers.Patient with { MaxHistoryBytes = bytes }, tls);
        MemoryCaller ada = Say(server, 200);
        List<WireFrame> frames = JoinWithAll(server);

        ulong first = frames.Only(FrameType.Joined).Joined.Newest + 1;
        int sum = 0;
        foreach (WireFrame entry in Enumerable.Reverse(ada.Frames().Entries()))
        {
            sum += entry.Body.Length + FrameLimits.LengthBytes + 1;
            if (sum > bytes)
            {
                break;
            }

            first = entry.Entry.Sequence;
        }

        Assert.Equal(first, frames.Only(FrameType.Joined).Joined.First);
    }

    [Fact]
    public void The_window_is_exact_by_age()
    {
        var server = new MemoryServer(Callers.Patient with { HistoryAge = TimeSpan.FromSeconds(60) }, tls);
        MemoryCaller ada = Say(server, 1);
        server.Advance(30);
        ada.Say(WireFrame.Publish(1, 2, "half a minute later"));
        server.Advance(29.5);
        Assert.Equal(["message 1", "half a minute later"], JoinWithAll(server).Texts());
        server.Advance(0.6);
        Assert.Equal(["half a minute later"], JoinWithAll(server).Texts());
    }

    [Fact]
    public void A_tail_that_has_left_the_window_gives_its_memory_back()
    {
        var server = new MemoryServer(Callers.Patient with { HistoryAge = TimeSpan.FromSeconds(60) }, tls);
        MemoryCaller ada = Say(server, 100);
        Assert.NotEqual(0, server.Context.Pool.RentedBytes);
        server.Advance(62);
        Assert.Equal(0, server.Context.Pool.RentedBytes);

        ada.Say(WireFrame.Publish(1, 101, "on we go"));
        WireFrame entry = ada.Frames()[^1];
        Assert.Equal(102UL, entry.Entry.Sequence);
        List<WireFrame> frames = JoinWithAll(server);
        Assert.Equal(102UL, frames.Only(FrameType.Joined).Joined.First);
    }

    [Fact]
    public void An_empty_room_goes_after_thirty_seconds_and_comes_back_as_another()
    {
        var server = new MemoryServer(Callers.Patient with { ResumeWindow = TimeSpan.FromSeconds(30) }, tls);
        (uint number, ulong epoch) = Visit(server, "den");
        server.Advance(29);
        Assert.Equal((number, epoch), Visit(server, "den"));
        server.Advance(29);
        Assert.Equal((number, epoch), Visit(server, "den"));

        server.Advance(31);
        Assert.Null(server.Context.Rooms.Find("den"));
        (uint Number, ulong Epoch) again = Visit(server, "den");
        Assert.NotEqual(number, again.Number);
        Assert.NotEqual(epoch, again.Epoch);
    }

    [Fact]
    public void The_lobby_stays_and_is_room_1()
    {
        var server = new MemoryServer(Callers.Patient, tls);
        (uint Number, ulong Epoch) lobby = Visit(server, "lobby");
        Assert.Equal(1u, lobby.Number);
        server.Advance(3600);
        Assert.Equal(lobby, Visit(server, "lobby"));
    }

    [Fact]
    public void A_room_with_a_member_stays()
    {
        var server = new MemoryServer(Callers.Patient, tls);
        MemoryCaller bo = server.Join("bo", "den");
        server.Advance(3600);
        bo.Say(WireFrame.Publish(2, 1, "alone"));
        Assert.Equal(["alone"], bo.Frames().Texts(room: 2));
    }

    private static MemoryCaller Say(MemoryServer server, int messages)
    {
        MemoryCaller ada = server.Join("ada");
        for (int id = 1; id <= messages; id++)
        {
            ada.Say(WireFrame.Publish(1, (ulong)id, $"message {id}"));
        }

        return ada;
    }

    private static List<WireFrame> JoinWithAll(MemoryServer server) => server.Join("", replay: 65535).Frames();

    private static (uint Number, ulong Epoch) Visit(MemoryServer server, string room)
    {
        MemoryCaller caller = server.Join("visitor", room);
        JoinedFrame joined = caller.Frames().Only(FrameType.Joined).Joined;
        caller.Say(WireFrame.Goodbye());
        caller.Client.End();
        server.Run();
        return (joined.Room, joined.Epoch);
    }
}

/// <inheritdoc/>
public sealed class HistoryOverPlainTests() : HistoryTests(tls: false);

/// <inheritdoc/>
public sealed class HistoryOverTlsTests() : HistoryTests(tls: true);
