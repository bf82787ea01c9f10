using System.Net;
using System.Text;
using LanChat.Framing;
using LanChat.Rooms;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>What the application around the server can do: speak, kick, list, and follow what happens.</summary>
public sealed class ApplicationTests : IAsyncLifetime
{
    private ChatServer _server = null!;
    private WireClient _ada = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await ChatServer.StartAsync(new ChatServerOptions { Announce = false, BindAddress = IPAddress.Loopback, Port = 0, Loops = 2, StopTimeout = TimeSpan.Zero }, Cancel);
        (_ada, _) = await WireClient.JoinAsync(_server.EndPoint, "ada");
    }

    public async ValueTask DisposeAsync()
    {
        _ada.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_kick_is_told_to_all_and_true_when_the_name_is_off_the_list()
    {
        (WireClient bo, _) = await WireClient.JoinAsync(_server.EndPoint, "bo");
        using (bo)
        {
            Assert.False(await _server.KickAsync("nobody", "", Cancel));
            Assert.True(await _server.KickAsync("BO", "be nice", Cancel));
            Assert.Equal(["ada"], _server.GetMembers("lobby"));
            Assert.Equal(1, _server.MemberCount);
            WireFrame bye = await bo.UntilAsync(frame => frame.Type == FrameType.Bye);
            Assert.Equal(((ushort)DisconnectReason.Kicked, "be nice"), (bye.Bye.Code, Encoding.UTF8.GetString(bye.Bye.Text)));
            Assert.Null(await bo.ReadAsync());
        }

        WireFrame left = await _ada.UntilAsync(frame => frame.Type == FrameType.Entry && frame.Entry.Kind == EntryKind.Left);
        Assert.Equal(("bo", 1u, DisconnectReason.Kicked), left.LeftParts());
        Assert.False(await _server.KickAsync("bo", "", Cancel));

        // It may come back.
        (WireClient again, _) = await WireClient.JoinAsync(_server.EndPoint, "bo");
        again.Dispose();
    }

    [Fact]
    public async Task Who_has_lost_contact_is_a_member_and_can_be_kicked()
    {
        (WireClient bo, _) = await WireClient.JoinAsync(_server.EndPoint, "bo");
        await bo.SendAsync(Callers.Ping(1));
        await bo.ExpectAsync(FrameType.Pong);
        bo.Dispose();
        await _ada.UntilAsync(frame => frame.Type == FrameType.Entry && frame.Entry.Kind == EntryKind.LostContact);
        Assert.Equal(["ada", "bo"], _server.GetMembers("lobby"));
        Assert.Equal(2, _server.MemberCount);
        Assert.True(await _server.KickAsync("bo", "", Cancel));
        Assert.Equal(["ada"], _server.GetMembers("lobby"));
        Assert.Equal(1, _server.MemberCount);
        WireFrame left = await _ada.UntilAsync(frame => frame.Type == FrameType.Entry && frame.Entry.Kind == EntryKind.Left);
        Assert.Equal(("bo", 1u, DisconnectReason.Kicked), left.LeftParts());
    }

    [Fact]
    public async Task Notices_go_to_one_room_or_to_all()
    {
        await _ada.SendAsync(WireFrame.Join("den"));
        await _ada.UntilAsync(frame => frame.Type == FrameType.Joined);
        Assert.False(await _server.NoticeAsync("attic", "nobody there", Cancel));
        Assert.True(await _server.NoticeAsync("DEN", "quiet, please\a", Cancel));
        Assert.True(await _server.NoticeAsync(null, "dinner at eight", Cancel));
        var notices = new List<(uint, string, string)>();
        while (notices.Count < 3)
        {
            WireFrame frame = await _ada.UntilAsync(frame => frame.Type == FrameType.Entry && frame.Entry.Kind == EntryKind.Notice);
            notices.Add((frame.Entry.Room, Encoding.UTF8.GetString(frame.Entry.Name), Encoding.UTF8.GetString(frame.Entry.Body)));
        }

        notices.Sort();
        Assert.Equal([(1u, "server", "dinner at eight"), (2u, "server", "dinner at eight"), (2u, "server", "quiet, please\uFFFD")], notices);
        await Assert.ThrowsAsync<ArgumentException>(async () => await _server.NoticeAsync(null, new string('x', 4097), Cancel));
    }

    [Fact]
    public async Task A_word_to_one_member_is_in_its_mailbox()
    {
        Assert.False(await _server.SendDirectAsync("nobody", "hello", Cancel));
        Assert.True(await _server.SendDirectAsync("Ada", "hello", Cancel));
        WireFrame frame = await _ada.UntilAsync(frame => frame.Type == FrameType.Entry && frame.Entry.Room == 0);
        Assert.Equal((EntryKind.Direct, 1UL, "server", "hello"), (frame.Entry.Kind, frame.Entry.Sequence, Encoding.UTF8.GetString(frame.Entry.Name), Encoding.UTF8.GetString(frame.Entry.Body)));
    }

    [Fact]
    public async Task A_stream_is_subscribed_when_the_call_returns_and_sees_every_room()
    {
        IAsyncEnumerable<RoomEvent> events = _server.ReadAllAsync(Cancel);
        await _server.NoticeAsync("lobby", "first", Cancel);
        await _ada.SendAsync([.. WireFrame.Join("den"), .. WireFrame.Publish(1, 1, "hello")]);
        await _ada.UntilAsync(frame => frame.Type == FrameType.Entry && frame.Entry.Id == 1);
        var seen = new List<RoomEvent>();
        await foreach (RoomEvent e in events)
        {
            seen.Add(e);
            if (seen.Count == 3)
            {
                break;
            }
        }

        Assert.Equal("first", Assert.IsType<Notice>(seen[0]).Text);
        Assert.Equal(("ada", "den", 1), Assert.Single(seen.OfType<MemberJoined>()) is var joined ? (joined.Name, joined.Room, joined.Members) : default);
        Assert.Equal(("ada", "hello", "lobby"), Assert.Single(seen.OfType<MessageReceived>()) is var said ? (said.Name, said.Text, said.Room) : default);
    }

    [Fact]
    public async Task A_stream_ends_when_the_server_has_stopped_and_says_all_before()
    {
        IAsyncEnumerable<RoomEvent> events = _server.ReadAllAsync(Cancel);
        await _server.NoticeAsync("lobby", "last call", Cancel);
        await _server.StopAsync(TimeSpan.Zero);
        var seen = new List<RoomEvent>();
        await foreach (RoomEvent e in events)
        {
            seen.Add(e);
        }

        Assert.Equal("last call", Assert.IsType<Notice>(Assert.Single(seen)).Text);
    }

    [Fact]
    public async Task A_stream_that_nobody_reads_is_moved_on_and_told_so()
    {
        var server = new MemoryServer(Callers.Patient with { PublishRate = 0, MaxLagBytes = 64 << 10, MaxHistoryBytes = 0 });
        MemoryCaller ada = server.Join("ada");
        RoomObserver observer = server.Host.Observe();
        for (ulong id = 1; id <= 200; id++)
        {
            ada.Say(WireFrame.Publish(1, id, new string('x', 1000)));
        }

        server.Advance(1);
        ada.Say(WireFrame.Publish(1, 201, "after"));
        var seen = new List<RoomEvent>();
        await foreach (RoomEvent e in observer.ReadAllAsync(Cancel))
        {
            seen.Add(e);
            if (seen.Count == 2)
            {
                break;
            }
        }

        Assert.Equal((2L, 201L), Assert.IsType<Gap>(seen[0]) is var gap ? (gap.From, gap.To) : default);
        Assert.Equal("after", Assert.IsType<MessageReceived>(seen[1]).Text);
    }

    [Fact]
    public async Task A_new_room_is_followed_from_its_first_entry_also_when_it_leaves_the_window_before_it_is_read()
    {
        var server = new MemoryServer(Callers.Patient with { PublishRate = 0, MaxHistoryEntries = 5 });
        RoomObserver observer = server.Host.Observe();
        MemoryCaller ada = server.Join("ada", "den");
        for (ulong id = 1; id <= 20; id++)
        {
            ada.Say(WireFrame.Publish(2, id, "x"));
        }

        server.Advance(1);
        long next = 1;
        await foreach (RoomEvent e in observer.ReadAllAsync(Cancel))
        {
            Assert.Equal(next++, e.Sequence);
            if (next > 21)
            {
                break;
            }
        }
    }
}
