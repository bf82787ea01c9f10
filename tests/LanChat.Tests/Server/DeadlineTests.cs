using System.Text;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>Every wait of the server ends, at its time and not before (docs/protocol.md, sections 1 and 4).</summary>
public sealed class DeadlineTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);

    [Fact]
    public void A_silent_caller_is_taken_for_a_person_after_two_seconds()
    {
        var server = new MemoryServer();
        MemoryCaller caller = server.Connect();
        server.Advance(TimeSpan.FromSeconds(2) - Moment);
        Assert.Equal("", caller.Text());

        server.Advance(Moment * 2);
        Assert.Contains("* guest-1 joined (1 member)", caller.Lines());
    }

    [Fact]
    public void A_handshake_that_is_begun_is_over_within_five_seconds()
    {
        var server = new MemoryServer();
        MemoryCaller caller = server.Connect();
        caller.Say(WireFrame.Hello("ada").AsSpan(0, 20));
        server.Advance(TimeSpan.FromSeconds(5) - Moment);
        Assert.Empty(caller.Frames());

        server.Advance(Moment * 2);
        Assert.Equal((ushort)DisconnectReason.ProtocolViolation, Assert.Single(caller.Frames()).Bye.Code);
    }

    [Fact]
    public void A_frame_that_is_begun_is_complete_within_thirty_seconds()
    {
        var server = new MemoryServer(new ChatServerOptions { Loops = 1, HeartbeatInterval = TimeSpan.FromHours(1) });
        MemoryCaller ada = server.Join("ada");
        ada.Frames();
        ada.Say(WireFrame.Publish(1, 1, "hello").AsSpan(0, 10));
        server.Advance(TimeSpan.FromSeconds(30) - Moment);
        Assert.Empty(ada.Frames());

        server.Advance(Moment * 2);
        Assert.Equal((ushort)DisconnectReason.ProtocolViolation, ada.Frames().Single(frame => frame.Type == FrameType.Bye).Bye.Code);
    }

    [Fact]
    public void The_half_of_a_frame_that_was_completed_in_time_is_forgotten()
    {
        var server = new MemoryServer(new ChatServerOptions { Loops = 1, HeartbeatInterval = TimeSpan.FromHours(1) });
        MemoryCaller ada = server.Join("ada");
        byte[] publish = WireFrame.Publish(1, 1, "hello");
        ada.Say(publish.AsSpan(0, 10));
        server.Advance(TimeSpan.FromSeconds(29));
        ada.Say(publish.AsSpan(10));
        server.Advance(TimeSpan.FromSeconds(60));
        Assert.DoesNotContain(ada.Frames(), frame => frame.Type == FrameType.Bye);
    }

    [Fact]
    public void A_line_that_is_begun_is_ended_within_sixty_seconds()
    {
        var server = new MemoryServer();
        MemoryCaller caller = server.Connect();
        caller.Say("/name ada\nhel");
        server.Advance(TimeSpan.FromSeconds(60) - Moment);
        Assert.DoesNotContain(caller.Lines(), line => line.StartsWith("bye", StringComparison.Ordinal));

        server.Advance(Moment * 2);
        Assert.StartsWith("bye: protocol violation", caller.Lines()[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Who_sends_no_byte_for_two_heartbeats_is_ended_and_the_room_is_told()
    {
        var server = new MemoryServer();
        MemoryCaller ada = server.Join("ada");
        MemoryCaller bo = server.Join("bo");
        for (int i = 0; i < 10; i++)
        {
            server.Advance(TimeSpan.FromSeconds(14));
            ada.Say(WireFrame.Bytes(new PingFrame { Opaque = (ulong)i }));
        }

        List<WireFrame> heard = ada.Frames();
        Assert.Equal(10, heard.Count(frame => frame.Type == FrameType.Pong));
        WireFrame left = heard.Single(frame => frame.Type == FrameType.Entry && frame.Entry.Kind == EntryKind.Left);
        Assert.True(PresenceBody.TryReadLeft(left.Entry.Body, out _, out ushort code));
        Assert.Equal((ushort)DisconnectReason.HeartbeatLost, code);
        Assert.Equal((ushort)DisconnectReason.HeartbeatLost, bo.Frames()[^1].Bye.Code);
    }

    [Fact]
    public void Heartbeats_are_counted_from_the_last_byte_received_and_not_from_what_was_sent()
    {
        var server = new MemoryServer();
        MemoryCaller ada = server.Join("ada");
        MemoryCaller bo = server.Join("bo");
        for (ulong id = 1; id <= 4; id++)
        {
            server.Advance(TimeSpan.FromSeconds(8));
            bo.Say(WireFrame.Publish(1, id, "to keep ada's link busy"));
        }

        Assert.Equal((ushort)DisconnectReason.HeartbeatLost, ada.Frames()[^1].Bye.Code);
    }

    [Fact]
    public void Who_publishes_nothing_is_warned_alone_and_then_ended()
    {
        var server = new MemoryServer(new ChatServerOptions { Loops = 1, IdleTimeout = TimeSpan.FromSeconds(8) });
        MemoryCaller ada = server.Join("ada");
        MemoryCaller bo = server.Join("bo");
        server.Advance(TimeSpan.FromSeconds(4));
        bo.Say(WireFrame.Publish(1, 1, "I am here"));
        ada.Frames();

        server.Advance(TimeSpan.FromSeconds(2) + Moment);
        Assert.Equal(EntryKind.Private, Assert.Single(ada.Frames()).Entry.Kind);
        server.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((ushort)DisconnectReason.Idle, ada.Frames()[^1].Bye.Code);
        Assert.DoesNotContain(bo.Frames(), frame => frame.Type == FrameType.Bye || (frame.Type == FrameType.Entry && frame.Entry.Kind == EntryKind.Private));
    }

    [Fact]
    public void After_the_last_word_the_server_reads_on_for_a_second_so_that_no_reset_destroys_it()
    {
        var server = new MemoryServer();
        MemoryCaller ada = server.Join("ada");
        ada.Frames();
        ada.Say([0, 0, 0, 0]);
        for (int i = 0; i < 5; i++)
        {
            server.Advance(TimeSpan.FromMilliseconds(100));
            ada.Say("whatever comes late");
        }

        Assert.Equal(FrameType.Bye, ada.Frames().Single(frame => frame.Type == FrameType.Bye).Type);
        Assert.Equal(1, server.Context.ConnectionCount);
        server.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, server.Context.ConnectionCount);
    }

    [Fact]
    public void A_last_word_that_cannot_go_out_within_a_second_is_given_up_with_a_reset()
    {
        var server = new MemoryServer();
        MemoryCaller ada = server.Join("ada");
        ada.Frames();
        ada.Client.FromServer.Capacity = 0;
        ada.Say([0, 0, 0, 0]);
        server.Advance(TimeSpan.FromSeconds(1) - Moment);
        Assert.Equal(1, server.Context.ConnectionCount);

        server.Advance(Moment * 2);
        Assert.Equal(0, server.Context.ConnectionCount);
        Assert.Equal("", Encoding.UTF8.GetString(ada.Client.ReadAll()));
        Assert.True(ada.IsClosed);
    }
}
