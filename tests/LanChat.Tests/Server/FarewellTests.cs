using LanChat.Connections;
using LanChat.Framing;
using LanChat.Tests.Support;
using LanChat.Transport;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>The end of a connection: the last word gets out if it can, and nothing is kept waiting for those who do not listen.</summary>
public abstract class FarewellTests(bool tls)
{
    private static readonly byte[] Violation = [0, 0, 0, 0];

    [Fact]
    public void A_last_word_that_nobody_takes_is_not_waited_for_as_long_as_a_stop_may_last()
    {
        var server = new MemoryServer(Callers.Patient, tls);
        MemoryCaller ada = server.Join("ada");
        ada.Frames();

        // No deadline of its beginning is left that would end it by chance.
        server.Advance(TimeSpan.FromSeconds(10));
        ada.Client.FromServer.Capacity = 0;
        var connection = (ServerConnection)Assert.Single(server.Host.Loops[0].Loop.Connections);
        connection.End(DisconnectReason.ServerStopping, drain: true);
        server.Run();
        server.Advance(ServerConnection.FarewellTime * 3);
        Assert.Equal(0, server.Context.ConnectionCount);
    }

    [Fact]
    public void A_last_word_that_cannot_go_out_within_a_second_becomes_a_reset()
    {
        var server = new MemoryServer(Callers.Patient, tls);
        MemoryCaller bo = server.Join("bo");
        bo.Frames();
        bo.Client.FromServer.Capacity = 0;
        bo.Say(Violation);
        server.Advance(0.9);
        Assert.Equal(1, server.Context.ConnectionCount);
        server.Advance(0.1);
        Assert.Equal(0, server.Context.ConnectionCount);
        Assert.Empty(bo.Frames());
        Assert.Equal(LinkStatus.Broken, bo.Client.Status);
    }

    [Fact]
    public void A_last_word_goes_out_when_there_is_room_in_time()
    {
        var server = new MemoryServer(Callers.Patient, tls);
        MemoryCaller bo = server.Join("bo");
        bo.Frames();
        bo.Client.FromServer.Capacity = 0;
        bo.Say(Violation);
        server.Advance(0.9);
        bo.Client.FromServer.Capacity = int.MaxValue;
        server.Run();
        Assert.Equal(DisconnectReason.ProtocolViolation, bo.Frames().LastWord());
        Assert.Equal(LinkStatus.Ended, bo.Client.Status);
    }

    [Fact]
    public void A_peer_that_keeps_sending_still_reads_the_last_word()
    {
        var server = new MemoryServer(Callers.Patient, tls);
        MemoryCaller bo = server.Join("bo");
        bo.Frames();
        bo.Say(Violation);
        for (int i = 0; i < 9; i++)
        {
            bo.Say(WireFrame.Publish(1, (ulong)i + 1, "not heard any more"));
            server.Advance(0.1);
        }

        Assert.Equal(1, server.Context.ConnectionCount);
        Assert.Equal(DisconnectReason.ProtocolViolation, bo.Frames().LastWord());
        server.Advance(0.1);
        Assert.Equal(0, server.Context.ConnectionCount);
    }

    [Fact]
    public void A_peer_that_closes_too_is_not_waited_for()
    {
        var server = new MemoryServer(Callers.Patient, tls);
        MemoryCaller bo = server.Join("bo");
        bo.Say(Violation);
        Assert.Equal(1, server.Context.ConnectionCount);
        bo.Client.End();
        server.Run();
        Assert.Equal(0, server.Context.ConnectionCount);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(999)]
    public void Goodbye_gets_what_is_owed_and_no_answer(int code)
    {
        var server = new MemoryServer(Callers.Patient, tls);
        MemoryCaller ada = server.Join("ada");
        MemoryCaller bo = server.Join("bo");
        bo.Frames();
        bo.Say([.. WireFrame.Publish(1, 1, "one"), .. WireFrame.Publish(1, 2, "two"), .. WireFrame.Bytes(new ByeFrame { Code = (ushort)code })]);
        List<WireFrame> frames = bo.Frames();
        Assert.Equal(["one", "two"], frames.Texts());
        Assert.Equal(("bo", 1u, DisconnectReason.Goodbye), frames[^1].LeftParts());
        Assert.Equal(LinkStatus.Ended, bo.Client.Status);
        Assert.Equal(("bo", 1u, DisconnectReason.Goodbye), ada.Frames()[^1].LeftParts());
    }

    [Fact]
    public void A_broken_connection_left_with_code_0_and_its_name_is_free_at_once()
    {
        var server = new MemoryServer(Callers.Patient, tls);
        MemoryCaller ada = server.Join("ada");
        MemoryCaller bo = server.Join("bo");
        bo.Client.Reset();
        server.Run();
        Assert.Equal(("bo", 1u, DisconnectReason.ConnectionReset), Assert.Single(ada.Frames().Entries(EntryKind.Left)).LeftParts());
        MemoryCaller again = server.Join("bo");
        Assert.Single(again.Frames(), frame => frame.Type == FrameType.Welcome);
    }

    [Fact]
    public void An_end_without_a_goodbye_is_a_broken_connection()
    {
        var server = new MemoryServer(Callers.Patient, tls);
        MemoryCaller ada = server.Join("ada");
        MemoryCaller bo = server.Join("bo");
        bo.Client.End();
        server.Run();
        Assert.Equal(("bo", 1u, DisconnectReason.ConnectionReset), Assert.Single(ada.Frames().Entries(EntryKind.Left)).LeftParts());
        Assert.Equal(1, server.Context.ConnectionCount);
    }

    [Fact]
    public void A_callers_last_confirmations_are_waited_for_and_not_for_ever()
    {
        var server = new MemoryServer(Callers.Patient, tls);
        MemoryCaller bo = server.Join("bo");
        bo.Frames();
        bo.Client.FromServer.Capacity = 0;
        bo.Say([.. WireFrame.Publish(1, 1, "one"), .. WireFrame.Goodbye()]);
        server.Advance(4.9);
        Assert.Equal(1, server.Context.ConnectionCount);
        server.Advance(1.2);
        Assert.Equal(0, server.Context.ConnectionCount);
        Assert.Equal(0, server.Context.Sessions.Count);
    }
}

/// <inheritdoc/>
public sealed class FarewellOverPlainTests() : FarewellTests(tls: false);

/// <inheritdoc/>
public sealed class FarewellOverTlsTests() : FarewellTests(tls: true);
