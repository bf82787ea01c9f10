using LanChat.Security;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Security;

/// <summary>Which key a server has that was given none.</summary>
public sealed class OwnIdentitiesTests : IDisposable
{
    private readonly TemporaryDirectory _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void A_lone_server_is_the_same_one_on_every_port()
    {
        ServerId[] ids = new ServerId[3];
        for (int i = 0; i < ids.Length; i++)
        {
            using ServerIdentity identity = Take(port: i * 1_000);
            ids[i] = identity.Id;
        }

        Assert.Single(ids.Distinct());
    }

    [Fact]
    public void Two_servers_at_once_are_two_and_each_is_itself_again_in_whatever_order_they_start()
    {
        ServerId first;
        ServerId second;
        using (ServerIdentity one = Take(9_090))
        using (ServerIdentity two = Take(9_091))
        {
            (first, second) = (one.Id, two.Id);
            Assert.NotEqual(first, second);
        }

        using ServerIdentity twoAgain = Take(9_091);
        using ServerIdentity oneAgain = Take(9_090);
        Assert.Equal((first, second), (oneAgain.Id, twoAgain.Id));
    }

    [Fact]
    public void There_is_an_end_of_identities_that_are_kept()
    {
        var taken = new List<ServerIdentity>();
        try
        {
            while (OwnIdentities.TryTake(_root.Path, port: 0) is { } identity)
            {
                taken.Add(identity);
            }

            Assert.Equal(OwnIdentities.MaxCount, taken.Count);
        }
        finally
        {
            taken.ForEach(identity => identity.Dispose());
        }
    }

    private ServerIdentity Take(int port) => Assert.IsType<ServerIdentity>(OwnIdentities.TryTake(_root.Path, port));
}
