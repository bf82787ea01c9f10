using LanChat.Datagrams;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Datagrams;

/// <summary>What datagrams cost a server: a bounded amount while a loop is behind.</summary>
public sealed class DatagramLimitTests
{
    private const int MaxWaitingPerConnection = 32;

    private readonly MemoryServer _server = new(new ChatServerOptions { Loops = 1, PublishRate = 0, ControlRate = 1_000_000 }, tls: true, udp: true);

    [Fact]
    public void A_loop_that_is_behind_has_at_most_so_many_waiting_for_each_connection()
    {
        DatagramCaller ada = DatagramCaller.Join(_server, "ada");
        DatagramCaller bo = DatagramCaller.Join(_server, "bo");
        ada.Tcp.Frames();
        Flood(ada, MaxWaitingPerConnection + 10);
        _server.DatagramEnd!.Deliver(bo.Seal(WireFrame.Publish(1, 1, "of bo")), bo.End.Address);
        _server.Run();

        Assert.Equal(MaxWaitingPerConnection, _server.Datagrams.SentToClients - 1);
        Assert.Equal(FrameType.Ack, Assert.Single(bo.Answers()).Type);

        // What was dropped is taken when it is sent again.
        ada.Say(WireFrame.Publish(1, MaxWaitingPerConnection + 1, "again"));
        Assert.Equal(MaxWaitingPerConnection + 1UL, ada.Answers()[^1].Ack.Id);
    }

    [Fact]
    public void All_connections_together_have_at_most_so_many_waiting()
    {
        DatagramCaller[] callers = [.. Enumerable.Range(0, 12).Select(i => DatagramCaller.Join(_server, $"member-{i}"))];
        foreach (DatagramCaller caller in callers)
        {
            Flood(caller, MaxWaitingPerConnection);
        }

        _server.Run();
        Assert.Equal(ReceivedDatagrams.MaxCount, _server.Datagrams.SentToClients);
        Flood(callers[^1], 1);
        _server.Run();
        Assert.Equal(ReceivedDatagrams.MaxCount + 1, _server.Datagrams.SentToClients);
    }

    [Fact]
    public void Beyond_so_many_forged_ones_a_second_none_of_that_connection_is_opened_for_a_while()
    {
        DatagramCaller ada = DatagramCaller.Join(_server, "ada");
        DatagramCaller bo = DatagramCaller.Join(_server, "bo");
        byte[] forged = ada.Seal(WireFrame.Publish(1, 1, "forged"), key: bo.Outgoing);
        for (int i = 0; i < ForgeryLimit.PerSecond; i++)
        {
            ada.Send(forged);
        }

        ada.Say(WireFrame.Publish(1, 1, "in time"));
        Assert.Equal(1UL, Assert.Single(ada.Answers()).Ack.Id);
        ada.Send(forged);
        ada.Say(WireFrame.Publish(1, 2, "too late"));
        Assert.Empty(ada.Answers());
        bo.Say(WireFrame.Publish(1, 1, "of another"));
        Assert.Equal(FrameType.Ack, Assert.Single(bo.Answers()).Type);

        _server.Advance(TimeSpan.FromSeconds(1));
        ada.Say(WireFrame.Publish(1, 2, "again"));
        Assert.Equal(2UL, Assert.Single(ada.Answers()).Ack.Id);
    }

    private void Flood(DatagramCaller caller, int count)
    {
        for (int id = 1; id <= count; id++)
        {
            _server.DatagramEnd!.Deliver(caller.Seal(WireFrame.Publish(1, (ulong)id, "x")), caller.End.Address);
        }
    }
}
