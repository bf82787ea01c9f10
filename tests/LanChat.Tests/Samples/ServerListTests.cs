using System.Net;
using LanChat.Samples;
using Xunit;

namespace LanChat.Tests.Samples;

/// <summary>The list of servers to choose from, which strangers put their names on.</summary>
public class ServerListTests
{
    [Theory]
    [InlineData(DiscoveredTrust.Known, "known")]
    [InlineData(DiscoveredTrust.New, "new")]
    [InlineData(DiscoveredTrust.NameClash, "NOT the one you know by this name, or one of several with it")]
    public void A_row_has_the_address_the_members_the_fingerprint_and_how_far_it_is_known_and_then_the_name(DiscoveredTrust trust, string words)
    {
        DiscoveredServer server = Server("127.0.0.1:9090") with { Trust = trust };
        Assert.Equal($"  1  127.0.0.1:9090  3 members  {server.Id.Fingerprint}  {words}  \"Den\"", ServerList.Row(1, server));
    }

    [Theory]
    [InlineData("127.0.0.1:9090", "127.0.0.1:9090")]
    [InlineData("[::1]:9090", "[::1]:9090")]
    [InlineData("[fe80::1%2]:7000", "[fe80::1%2]:7000")]
    public void An_address_can_be_copied_into_the_command_line_and_so_can_the_one_with_the_key(string endPoint, string shown)
    {
        DiscoveredServer server = Server(endPoint);
        string address = ServerList.Row(12, server).Split("  ", StringSplitOptions.RemoveEmptyEntries)[1];
        Assert.Equal(shown, address);
        Assert.Equal(server.Address with { Id = null }, ServerAddress.Parse(address));

        string[] parts = ServerList.ServerOption(server).Split('"');
        Assert.Equal("--server ", parts[0]);
        Assert.Equal(server.Address, ServerAddress.Parse(parts[1]));
    }

    [Fact]
    public void A_name_that_imitates_a_row_stays_behind_the_columns()
    {
        DiscoveredServer server = Server("192.0.2.7:9090") with { Name = "Den\"  127.0.0.1:9090  3 members  0000-0000-0000-0000  known  \"Den" };
        Assert.StartsWith($"  1  192.0.2.7:9090  3 members  {server.Id.Fingerprint}  new  \"Den\"", ServerList.Row(1, server), StringComparison.Ordinal);
    }

    private static DiscoveredServer Server(string endPoint)
    {
        byte[] id = new byte[ServerId.Bytes];
        Random.Shared.NextBytes(id);
        return new DiscoveredServer { Id = new ServerId(id), Name = "Den", Members = 3, Trust = DiscoveredTrust.New, EndPoints = [IPEndPoint.Parse(endPoint)] };
    }
}
