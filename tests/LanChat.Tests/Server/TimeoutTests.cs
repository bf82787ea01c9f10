using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>How long a caller may take: to say something, to say hello, to finish a frame or a line. To the tenth of a second.</summary>
public abstract class TimeoutTests(bool tls)
{
    [Fact]
    public void Two_seconds_of_silence_make_a_person_in_the_lobby()
    {
        var server = new MemoryServer(Callers.Patient with { Welcome = "hi there" }, tls);
        MemoryCaller caller = server.ConnectPlain();
        server.Advance(1.9);
        Assert.Equal("", caller.Text());
        server.Advance(0.1);
        Assert.Equal(["hi there", "* guest-1 joined (1 member)"], caller.Lines());
        Assert.Equal(["guest-1"], server.Members());
    }

    [Fact]
    public void Telnet_negotiation_alone_is_silence()
    {
        var server = new MemoryServer(Callers.Patient with { Welcome = "hi there" }, tls);
        MemoryCaller caller = server.ConnectPlain();
        caller.Say([0xFF, 0xFB, 0x1F, 0xFF, 0xFA, 0x1F, 0, 80, 0, 24, 0xFF, 0xF0]);
        server.Advance(2);
        Assert.Equal(["hi there", "* guest-1 joined (1 member)"], caller.Lines());

        // It began no line, so there is none to be ended within a minute.
        server.Advance(120);
        Assert.Equal("", caller.Text());
        Assert.False(caller.IsClosed);
        caller.Say("hello\n");
        Assert.Equal(["ok 2"], caller.Lines());
    }

    [Fact]
    [HostileInput(2, "one byte per second before the welcome")]
    public void A_caller_without_a_whole_HELLO_in_five_seconds_is_ended()
    {
        var server = new MemoryServer(Callers.Patient, tls);
        MemoryCaller caller = server.Connect();
        byte[] hello = WireFrame.Hello("ada");
        caller.Say(hello.AsSpan(0, 40));
        server.Advance(3);
        caller.Say(hello.AsSpan(40, 40));
        server.Advance(1.9);
        Assert.Empty(caller.Frames());
        Assert.False(caller.IsClosed);
        server.Advance(0.1);
        Assert.Equal(DisconnectReason.ProtocolViolation, caller.Frames().LastWord());
        Assert.True(caller.IsClosed);
    }

    [Fact]
    [HostileInput(2, "one byte per second inside a frame")]
    public void A_frame_once_begun_is_complete_within_thirty_seconds_however_it_trickles()
    {
        var server = new MemoryServer(Callers.Patient, tls);
        MemoryCaller ada = server.Join("ada");
        MemoryCaller bo = server.Join("bo");
        bo.Frames();
        byte[] publish = WireFrame.Publish(1, 1, "slow");
        for (int i = 0; i < 10; i++)
        {
            bo.Say(publish.AsSpan(i, 1));
            server.Advance(2.99);
        }

        Assert.Empty(bo.Frames());
        server.Advance(0.1);
        Assert.Equal(DisconnectReason.ProtocolViolation, bo.Frames().LastWord());
        Assert.Equal(("bo", 1u, DisconnectReason.ProtocolViolation), Assert.Single(ada.Frames().Entries(EntryKind.Left)).LeftParts());
    }

    [Fact]
    public void Each_half_frame_has_thirty_seconds_of_its_own()
    {
        var server = new MemoryServer(Callers.Patient, tls);
        MemoryCaller bo = server.Join("bo");
        byte[] publish = WireFrame.Publish(1, 1, "one");
        bo.Say(publish.AsSpan(0, 9));
        server.Advance(29);
        byte[] second = WireFrame.Publish(1, 2, "two");
        bo.Say([.. publish.AsSpan(9), .. second.AsSpan(0, 3)]);
        server.Advance(29);
        bo.Say(second.AsSpan(3));
        server.Advance(60);
        Assert.Equal(["one", "two"], bo.Frames().Texts());
    }

    [Fact]
    public void A_line_is_ended_within_sixty_seconds_of_its_first_byte()
    {
        var server = new MemoryServer(Callers.Patient, tls);
        MemoryCaller caller = server.ConnectPlain();
        caller.Say("one\ntw");
        caller.Lines();
        server.Advance(30);
        caller.Say("o");
        server.Advance(29.9);
        Assert.Equal("", caller.Text());
        server.Advance(0.1);
        Assert.StartsWith("bye: protocol violation", Assert.Single(caller.Lines()), StringComparison.Ordinal);
        Assert.True(caller.IsClosed);
        Assert.Empty(server.Members());
    }

    [Fact]
    public void A_person_may_be_silent_for_hours()
    {
        var server = new MemoryServer(Callers.Patient, tls);
        MemoryCaller caller = server.ConnectPlain();
        caller.Say("hello\n");
        caller.Lines();
        server.Advance(3600 * 5);
        caller.Say("still here\n");
        Assert.Equal(["ok 3"], caller.Lines());
    }
}

/// <inheritdoc/>
public sealed class TimeoutOverPlainTests() : TimeoutTests(tls: false);

/// <inheritdoc/>
public sealed class TimeoutOverTlsTests() : TimeoutTests(tls: true);
