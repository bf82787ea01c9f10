using System.Text;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>Heartbeats and the idle limit: who gives no sign of life, and who gives no other sign.</summary>
public abstract class LivenessTests(bool tls)
{
    [Fact]
    public void Two_heartbeats_without_a_byte_end_a_connection()
    {
        var server = new MemoryServer(new ChatServerOptions { Loops = 1 }, tls);
        MemoryCaller ada = server.Join("ada");
        MemoryCaller bo = server.Join("bo");
        server.Advance(15);

        // What bo is sent is no sign of life of his.
        ada.Say([.. Callers.Ping(7), .. WireFrame.Publish(1, 1, "bo?")]);
        server.Advance(14.9);
        Assert.DoesNotContain(bo.Frames(), frame => frame.Type == FrameType.Bye);
        server.Advance(0.1);
        Assert.Equal(DisconnectReason.HeartbeatLost, bo.Frames().LastWord());
        List<WireFrame> seen = ada.Frames();
        Assert.Equal(("bo", 1u, DisconnectReason.HeartbeatLost), Assert.Single(seen.Entries(EntryKind.Left)).LeftParts());
        Assert.Equal(7u, seen.Only(FrameType.Pong).Echoed());
    }

    [Fact]
    public void Every_byte_counts_as_a_sign_of_life()
    {
        var server = new MemoryServer(new ChatServerOptions { Loops = 1 }, tls);
        MemoryCaller bo = server.Join("bo");
        byte[] publish = WireFrame.Publish(1, 1, "slowly");
        bo.Say(publish.AsSpan(0, 3));
        server.Advance(29.9);
        bo.Say(publish.AsSpan(3, 1));
        bo.Say(publish.AsSpan(4));
        server.Advance(29.9);
        Assert.Equal(["slowly"], bo.Frames().Texts());
        server.Advance(0.1);
        Assert.Equal(DisconnectReason.HeartbeatLost, bo.Frames().LastWord());
    }

    [Fact]
    public void PING_is_echoed_and_the_server_never_pings()
    {
        var server = new MemoryServer(new ChatServerOptions { Loops = 1 }, tls);
        MemoryCaller bo = server.Join("bo");
        bo.Frames();
        for (ulong i = 1; i <= 10; i++)
        {
            server.Advance(29);
            bo.Say(Callers.Ping(ulong.MaxValue - i));
            Assert.Equal(ulong.MaxValue - i, Assert.Single(bo.Frames()).Echoed());
        }
    }

    [Fact]
    public void Who_publishes_nothing_is_warned_and_then_ended()
    {
        var server = new MemoryServer(Callers.Patient with { IdleTimeout = TimeSpan.FromSeconds(60) }, tls);
        MemoryCaller ada = server.Join("ada");
        MemoryCaller bo = server.Join("bo");
        bo.Frames();
        for (int i = 0; i < 4; i++)
        {
            server.Advance(11);
            bo.Say(Callers.Ping(1));
            ada.Say(WireFrame.Publish(1, (ulong)i + 1, "I do talk"));
        }

        Assert.Empty(bo.Frames().Entries(room: 0));
        server.Advance(1);
        WireFrame warning = Assert.Single(bo.Frames().Entries(room: 0));
        Assert.Equal((EntryKind.Private, 1UL, "server"), (warning.Entry.Kind, warning.Entry.Sequence, Encoding.UTF8.GetString(warning.Entry.Name)));
        Assert.NotEqual(0, warning.Entry.Body.Length);

        server.Advance(14.9);
        Assert.Empty(bo.Frames());
        server.Advance(0.1);
        Assert.Equal(DisconnectReason.Idle, bo.Frames().LastWord());
        Assert.Equal(("bo", 1u, DisconnectReason.Idle), Assert.Single(ada.Frames().Entries(EntryKind.Left)).LeftParts());
    }

    [Fact]
    public void A_message_after_the_warning_begins_the_time_anew()
    {
        var server = new MemoryServer(Callers.Patient with { IdleTimeout = TimeSpan.FromSeconds(60) }, tls);
        MemoryCaller bo = server.Join("bo");
        server.Advance(50);
        Assert.Single(bo.Frames().Entries(room: 0));
        bo.Say(WireFrame.Publish(1, 1, "here"));
        server.Advance(44.9);
        Assert.Empty(bo.Frames().Entries(room: 0));
        server.Advance(0.1);
        Assert.Single(bo.Frames().Entries(room: 0));
        server.Advance(15);
        Assert.Equal(DisconnectReason.Idle, bo.Frames().LastWord());
    }

    [Fact]
    public void A_silent_person_is_warned_and_ended_in_lines()
    {
        var server = new MemoryServer(Callers.Patient with { IdleTimeout = TimeSpan.FromSeconds(60) }, tls);
        MemoryCaller caller = server.ConnectPlain();
        caller.Say("hello\n");
        caller.Lines();
        server.Advance(45);
        Assert.StartsWith("! ", Assert.Single(caller.Lines()), StringComparison.Ordinal);
        server.Advance(15);
        Assert.StartsWith("bye: idle", caller.Lines()[^1], StringComparison.Ordinal);
        Assert.True(caller.IsClosed);
    }
}

file static class PongFrames
{
    internal static ulong Echoed(this WireFrame frame)
    {
        Assert.Equal(FrameType.Pong, frame.Type);
        Assert.True(PongFrame.TryDecode(frame.Body, out PongFrame pong));
        return pong.Opaque;
    }
}

/// <inheritdoc/>
public sealed class LivenessOverPlainTests() : LivenessTests(tls: false);

/// <inheritdoc/>
public sealed class LivenessOverTlsTests() : LivenessTests(tls: true);
