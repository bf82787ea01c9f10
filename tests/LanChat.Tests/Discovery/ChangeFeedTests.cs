using System.Net;
using LanChat.Discovery;
using Xunit;

namespace LanChat.Tests.Discovery;

/// <summary>What a reader is told, however slowly it reads.</summary>
public sealed class ChangeFeedTests
{
    private readonly ChangeFeed _feed = new();

    [Fact]
    public void A_slow_reader_gets_the_latest_of_each_server()
    {
        for (int i = 0; i < 1_000; i++)
        {
            _feed.Set(Server(1, members: i));
            _feed.Set(Server(2, members: i));
        }

        Assert.Equal(["ServerFound 1 999", "ServerFound 2 999"], Take());
    }

    [Fact]
    public void Who_came_and_went_unseen_is_not_told()
    {
        _feed.Set(Server(1, 0));
        _feed.Remove(Server(1, 0).Id, ServerLostReason.Expired);

        Assert.Empty(Take());
    }

    [Fact]
    public void Who_went_and_came_back_unseen_is_an_update_or_nothing()
    {
        _feed.Set(Server(1, 0));
        Take();
        _feed.Remove(Server(1, 0).Id, ServerLostReason.Expired);
        _feed.Set(Server(1, 0));
        Assert.Empty(Take());
        _feed.Remove(Server(1, 0).Id, ServerLostReason.Expired);
        _feed.Set(Server(1, 5));

        Assert.Equal(["ServerUpdated 1 5"], Take());
    }

    [Fact]
    public void A_lost_server_is_told_once_and_found_again_after()
    {
        _feed.Set(Server(1, 3));
        Take();
        _feed.Remove(Server(1, 0).Id, ServerLostReason.SaidGoodbye);
        _feed.Remove(Server(1, 0).Id, ServerLostReason.SaidGoodbye);
        Assert.Equal(["ServerLost 1 3"], Take());
        _feed.Set(Server(1, 4));

        Assert.Equal(["ServerFound 1 4"], Take());
    }

    private static DiscoveredServer Server(byte number, int members)
    {
        byte[] id = new byte[ServerId.Bytes];
        id[^1] = number;
        return new DiscoveredServer { Id = new ServerId(id), Name = $"{number}", Members = members, EndPoints = [IPEndPoint.Parse("192.0.2.7:9090")] };
    }

    private List<string> Take()
    {
        var taken = new List<string>();
        while (_feed.TryTake(out DiscoveryEvent? change))
        {
            taken.Add($"{change.GetType().Name} {change.Server.Name} {change.Server.Members}");
        }

        return taken;
    }
}
