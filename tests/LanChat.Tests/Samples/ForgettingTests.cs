using System.Net;
using LanChat.Samples;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Samples;

/// <summary>Whose key is forgotten when it is not said which server is meant: neighbours must not be able to decide that.</summary>
public class ForgettingTests
{
    private readonly KnownServers _known = KnownServers.InMemory();

    [Fact]
    public void Only_those_that_have_the_name_of_another_may_be_meant()
    {
        DiscoveredServer clash = Server("Den", DiscoveredTrust.NameClash);
        DiscoveredServer other = Server("Attic", DiscoveredTrust.NameClash);
        Assert.Equal([clash, other], Forgetting.Candidates([Server("Cellar", DiscoveredTrust.Known), clash, Server("Loft", DiscoveredTrust.New), other]));
    }

    [Fact]
    public async Task Who_had_the_name_before_is_forgotten_and_nobody_else()
    {
        Know(Server("Den", DiscoveredTrust.Known));
        DiscoveredServer attic = Know(Server("Attic", DiscoveredTrust.Known));
        DiscoveredServer anew = Server("Den", DiscoveredTrust.NameClash);

        Assert.True(await Forgetting.ForgetBeforeAsync(anew, [anew], _known));
        Assert.Equal(attic.Id, Assert.Single(_known.All).Id);
        Assert.False(await Forgetting.ForgetBeforeAsync(anew, [anew], _known));
    }

    [Fact]
    public async Task A_server_that_has_just_shown_its_known_key_is_not_forgotten_for_a_neighbour_with_its_name()
    {
        DiscoveredServer den = Know(Server("Den", DiscoveredTrust.Known));
        DiscoveredServer neighbour = Server("Den", DiscoveredTrust.NameClash);

        Assert.False(await Forgetting.ForgetBeforeAsync(neighbour, [den, neighbour], _known));
        Assert.True(_known.Contains(den.Id));
    }

    private static DiscoveredServer Server(string name, DiscoveredTrust trust)
    {
        byte[] id = new byte[ServerId.Bytes];
        Random.Shared.NextBytes(id);
        return new DiscoveredServer { Id = new ServerId(id), Name = name, Trust = trust, EndPoints = [IPEndPoint.Parse("192.0.2.7:9090")] };
    }

    private DiscoveredServer Know(DiscoveredServer server)
    {
        _known.Remember(server.Id, server.Name, address: null, isNamed: false, DateTimeOffset.UnixEpoch);
        return server;
    }
}
