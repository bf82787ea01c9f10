using System.Net;
using LanChat.Discovery;
using Xunit;

namespace LanChat.Tests.Discovery;

/// <summary>Which server is chosen for the user, which is not, and how long a search takes; in memory and fake time.</summary>
public sealed class ChoiceTests : IDisposable
{
    private readonly LanFixture _lan = new();

    public void Dispose() => _lan.Dispose();

    [Fact]
    public void The_only_server_is_chosen_if_its_name_is_its_own()
    {
        Assert.True(ServerBrowser.TryChoose([Server("Den", DiscoveredTrust.New)], out _));
        Assert.True(ServerBrowser.TryChoose([Server("Den", DiscoveredTrust.Known)], out _));
        Assert.False(ServerBrowser.TryChoose([Server("Den", DiscoveredTrust.NameClash)], out _));
        Assert.False(ServerBrowser.TryChoose([], out _));
    }

    [Fact]
    public void The_only_known_server_is_chosen_among_strangers_and_nobody_among_several_known()
    {
        DiscoveredServer known = Server("Den", DiscoveredTrust.Known);

        Assert.Same(known, ServerBrowser.Choose([Server("Den", DiscoveredTrust.NameClash), Server("A", DiscoveredTrust.New), known]));
        Assert.False(ServerBrowser.TryChoose([known, Server("Attic", DiscoveredTrust.Known)], out _));
        Assert.False(ServerBrowser.TryChoose([Server("A", DiscoveredTrust.New), Server("B", DiscoveredTrust.New)], out _));
        Assert.False(ServerBrowser.TryChoose([Server("A", DiscoveredTrust.New), Server("B", DiscoveredTrust.NameClash)], out _));
    }

    [Fact]
    public void Several_servers_are_listed_in_the_error_their_names_last_and_in_quotes()
    {
        DiscoveredServer[] servers = [.. Enumerable.Range(0, 20).Select(i => Server($"server{i}", DiscoveredTrust.New))];
        ChatException several = Assert.Throws<ChatException>(() => ServerBrowser.Choose(servers));

        Assert.Contains($"  192.0.2.7:9090  {servers[0].Id.Fingerprint}  new  \"server0\"\n", several.Message, StringComparison.Ordinal);
        Assert.Contains("and 4 more", several.Message, StringComparison.Ordinal);
        Assert.Contains("--server", several.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_search_has_enough_300_ms_after_the_first_answer()
    {
        _lan.StartServer("Den");
        Browser browser = _lan.StartBrowser();
        _lan.Advance(0.299);
        _lan.StartServer("Attic");
        Assert.False(browser.Enough.IsCompleted);
        _lan.Advance(0.004);

        Assert.True(browser.Enough.IsCompletedSuccessfully);
    }

    [Fact]
    public void A_search_has_enough_when_the_only_known_server_answers()
    {
        ServerIdentity known = _lan.NewIdentity();
        Browser browser = _lan.StartBrowser(options => options with { Known = [(known.Id, "Den")] });
        _lan.StartServer("Attic");
        _lan.Advance(0.2);
        Assert.False(browser.Enough.IsCompleted);
        _lan.StartServer("Den", identity: known);
        _lan.Advance(0.06);

        Assert.True(browser.Enough.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_search_for_nobody_ends_at_its_timeout()
    {
        Task<IReadOnlyList<DiscoveredServer>> search = Search();
        _lan.Advance(2.999);
        Assert.False(search.IsCompleted);
        _lan.Advance(0.001);

        Assert.Empty(await search.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Assert.Equal(0, _lan.Time.TimerCount);
    }

    [Fact]
    public async Task A_search_with_a_window_takes_the_window()
    {
        _lan.StartServer("Den");
        Task<IReadOnlyList<DiscoveredServer>> search = Search(TimeSpan.FromSeconds(10));
        _lan.Advance(9.999);
        Assert.False(search.IsCompleted);
        _lan.Advance(0.001);

        Assert.Single(await search.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    private Task<IReadOnlyList<DiscoveredServer>> Search(TimeSpan? window = null) =>
        ServerBrowser.SearchAsync(window, new ServerBrowserOptions { TimeProvider = _lan.Time }, _lan.NewHost(), CancellationToken.None);

    private static DiscoveredServer Server(string name, DiscoveredTrust trust)
    {
        byte[] id = new byte[ServerId.Bytes];
        Random.Shared.NextBytes(id);
        return new DiscoveredServer { Id = new ServerId(id), Name = name, Trust = trust, EndPoints = [IPEndPoint.Parse("192.0.2.7:9090")] };
    }
}
